//! What a gate client keeps on disk: a directory with a lock, the device's key and one SQLite
//! database. Only one process may write; `status` and `journal` read beside it.

mod directory;
mod error;
mod floor;
mod pins;
mod refusals;
mod revoked;
mod sqlite;
#[cfg(test)]
mod tests;

pub use directory::{Directory, Lock};
pub use error::StoreError;
pub use revoked::Wiped;
pub use sqlite::{Loaded, Store};

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::InstallationId,
    key::RootPublic,
};
use serde::{Deserialize, Serialize};

/// What an enrolment gave: kept as it came, and checked again at each start.
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
