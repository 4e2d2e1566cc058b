//! What an enrolment gave.

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::InstallationId,
    key::RootPublic,
};
use serde::{Deserialize, Serialize};

/// Kept as it came, and checked again at each start.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrolment {
    /// The server's base URL.
    pub server: String,
    /// The installation.
    pub installation: InstallationId,
    /// The installation's root key.
    pub root: RootPublic,
    /// The device's credential.
    pub credential: SignedCredential,
}

impl Enrolment {
    /// The credential, if the root key signed it.
    #[must_use]
    pub fn open(&self) -> Option<Credential> {
        self.credential.open(&self.root, self.installation)
    }
}
