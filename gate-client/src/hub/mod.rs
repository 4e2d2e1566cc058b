//! The venue's hub on the network: it answers other gates' claims over HTTP, inside TLS in which both sides
//! prove their device keys. The decisions are the engine's (`engine::granting`); here is who may ask, how
//! often, and for how long.

mod answer;
mod board;
mod crowd;
mod desk;
mod door;
mod ends;
mod nearby;
mod pace;
mod recalls;
mod serve;
#[cfg(test)]
mod tests;
mod tls;

use kaisatsu_shared::{
    id::{DeviceId, GateId},
    journal::JournalEntry,
    sync::{Claim, ClaimAnswer, GivenUp},
};
use tokio::sync::oneshot;

pub(crate) use desk::Desk;
pub(crate) use door::{Door, Owner};
pub(crate) use ends::Ends;
pub(crate) use nearby::{Announced, Nearby};
pub(crate) use serve::{bind, serve};
pub(crate) use tls::client_config;

/// What a gate asks of the hub's loop.
#[derive(Debug)]
pub(crate) enum HubAsk {
    /// To use a right. No answer, or an empty one, is: the hub can't say.
    Claim {
        device: DeviceId,
        gate: GateId,
        claim: Box<Claim>,
        reply: oneshot::Sender<Option<ClaimAnswer>>,
    },
    /// To know what another gate told of itself; its signature was checked.
    Heard { entries: Vec<JournalEntry> },
    /// To know that it is there.
    Sees { device: DeviceId },
    /// To take a right that it gives away; its signature was checked.
    Transfer { device: DeviceId, entries: Vec<JournalEntry> },
    /// To keep that a claim was given up.
    GivenUp { device: DeviceId, given_up: GivenUp, reply: oneshot::Sender<()> },
}
