//! What a gate has to do with the venue's hub: it asks one, or is one, or knows of none.

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::{ClaimKey, DeviceId},
    journal::JournalHead,
    right::RightRef,
    sync::{Claim, ClaimAnswer, Recall},
};

use crate::engine::Record;
#[cfg(feature = "native")]
use crate::{engine::Input, hub::HubAsk};

/// Both sides of it. The first four ask the hub, whose answers come by the link's events; the rest is being it.
pub(crate) trait Hub {
    /// Asks for a right.
    fn claim(&self, _claim: Claim) {}
    /// Says that a claim was given up.
    fn give_up(&self, _claim: ClaimKey, _right: RightRef) {}
    /// Tells the other gates what this one wrote.
    fn offer(&self, _entries: Vec<Vec<u8>>, _head: JournalHead) {}
    /// Tells the hub that a right is its own.
    fn hand_over(&self, _hub: DeviceId, _entries: Vec<Vec<u8>>, _head: JournalHead) {}

    /// Answers a device's claim.
    fn answer(&self, _device: DeviceId, _claim: ClaimKey, _answer: Option<ClaimAnswer>) {}
    /// Says to a device that it was heard that it gave a claim up.
    fn heard(&self, _device: DeviceId, _claim: ClaimKey) {}
    /// Asks a device for a right.
    fn recall(&self, _device: DeviceId, _recall: Recall) {}
    /// These records of this gate's own were written.
    fn wrote(&self, _records: &[Record]) {}
    /// What another gate asks, for the engine.
    #[cfg(feature = "native")]
    fn asked(&self, question: HubAsk) -> Input;

    /// The newest bundle, by which gates know hubs and hubs know gates.
    fn rules(&self, _bundle: &OpenBundle) {}
    /// This device was revoked.
    fn shut(&self) {}
}
