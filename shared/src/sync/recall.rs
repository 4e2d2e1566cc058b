//! The venue's hub asks a lane for a right that another gate's guest stands with. The question comes with what
//! the hub heard ([`super::HeardPage`]); the answer is the holder's own signed journal entries,
//! `POST /api/v1/hub/transfers` ([`super::JournalBatch`]): what it knows of the right's uses (`recounted`), and
//! last that it is the hub's (`transferred`).

use serde::{Deserialize, Serialize};

use crate::id::{DeviceId, Epoch, GateId, LeaseId, Serial};

/// Most rights that a hub asks a gate for at once.
pub const MAX_RECALLS: usize = 16;

/// The hub asks for a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Recall {
    /// The lease under which it is to be transferred, and by which nobody decides about it there any more.
    pub lease: LeaseId,
    /// The ticket.
    pub serial: Serial,
    /// Who becomes its authority: the hub that asks.
    pub to: DeviceId,
    /// The hub's gate, to which guests can be sent.
    pub gate: GateId,
    /// The epoch of the ledger that the hub follows.
    pub epoch: Epoch,
    /// How far the hub has followed it. What it can't know of the ticket keeps its holder from giving
    /// it away.
    pub ledger: u64,
}
