//! What a gate says to the venue's hub beside its claims, which are the server's own messages.
//! `POST /api/v1/hub/claims` ([`super::Claim`], [`super::ClaimAnswer`]), `POST /api/v1/hub/given-up`,
//! `GET /api/v1/hub/health`. What gates tell each other through it are journal batches as the server gets them.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Credential, SignedCredential},
    id::{ClaimKey, EventId, InstallationId},
    journal::JournalEntry,
    key::RootPublic,
    right::RightRef,
};

use super::{HeardHead, JournalBatch, Recall};

/// The header in which a gate shows its [`crate::bundle::SignedCredential`], as Base64 of its JSON.
pub const CREDENTIAL_HEADER: &str = "kaisatsu-credential";

/// A gate gave a claim up: under its key nothing may be granted any more. The answer says that this is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenUp {
    /// The claim.
    pub claim: ClaimKey,
    /// The right it was for.
    pub right: RightRef,
}

/// The hub answers, and keeps what it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {}

/// The hub is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubHealth {
    /// Another number after each start: what it was told before, it doesn't know any more.
    pub run: u64,
}

/// How much of a gate's journal the hub has, the answer to `POST /api/v1/hub/journal` ([`JournalBatch`]).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The number of the last entry.
    pub number: u64,
}

/// Entries of one device that the hub passes on. The device's own signature vouches for them, not the hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardBatch {
    /// Whose they are.
    pub credential: SignedCredential,
    /// The entries.
    pub batch: JournalBatch,
}

/// What the hub heard, the answer to `GET /api/v1/hub/heard?run=R&after=N&wait_ms=T&heads=K`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeardPage {
    /// As in [`HubHealth`].
    pub run: u64,
    /// Where the next page begins.
    pub next: u64,
    /// What it heard, in order; of the asking gate's own entries as well.
    pub batches: Vec<HeardBatch>,
    /// Rights that the hub wants from the asking gate; at most [`super::MAX_RECALLS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recalls: Vec<Recall>,
    /// Where journals end, as it heard it after the K-th: also of gates that told it no entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub heads: Vec<HeardHead>,
    /// The next K.
    #[serde(default)]
    pub heads_next: u64,
}

impl HeardBatch {
    /// The device and its entries, if the installation signed its credential for this event and the device's
    /// key the entries.
    #[must_use]
    pub fn open(
        &self,
        root: &RootPublic,
        installation: InstallationId,
        event: EventId,
    ) -> Option<(Credential, Vec<JournalEntry>)> {
        let credential = self.credential.open(root, installation)?;
        let known = credential.event == event;
        let entries = self.batch.open(installation, credential.device, &credential.public)?;
        known.then_some((credential, entries))
    }
}
