//! What a case's history may hold. A new kind of operation gets its name here and its ledger entry
//! in `history`.

use kaisatsu_shared::{
    id::{DeviceId, GateId, Serial},
    ledger::{BlockReason, ReissueReason, VoidReason},
    place::Place,
    right::Authority,
};
use serde::Deserialize;

use crate::{
    case::{Batch, Valid, one},
    moment::At,
};

/// Something that happened to a ticket before the scan.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Operation {
    #[serde(rename = "do")]
    pub(crate) what: What,
    #[serde(default)]
    pub(crate) ticket: Serial,
    /// Of an `issued` operation.
    #[serde(default)]
    pub(crate) tickets: Option<Batch>,
    /// Where; the second gate, if absent.
    #[serde(default = "second_gate")]
    pub(crate) gate: GateId,
    /// By which device; the gate that scans is device 1.
    #[serde(default = "second_device")]
    pub(crate) device: DeviceId,
    #[serde(default)]
    pub(crate) at: Option<At>,
    #[serde(default = "one")]
    pub(crate) count: u8,
    /// The claim key's number; each operation has its own, if absent.
    #[serde(default)]
    pub(crate) claim: Option<u8>,
    /// The number of the device's journal entry.
    #[serde(default = "first_entry")]
    pub(crate) number: u64,
    #[serde(default = "refunded")]
    pub(crate) reason: VoidReason,
    #[serde(default = "stolen")]
    pub(crate) block: BlockReason,
    /// Why it was reissued.
    #[serde(default = "not_said")]
    pub(crate) cause: ReissueReason,
    /// From when until when, of a `renewed` operation.
    #[serde(default)]
    pub(crate) valid: Option<Valid>,
    #[serde(default)]
    pub(crate) let_in: bool,
    /// Who decided about a use.
    #[serde(default = "server")]
    pub(crate) authority: Authority,
    /// Of a share of room; the venue, if absent.
    #[serde(default = "venue")]
    pub(crate) place: Place,
    /// Of a share of room.
    #[serde(default)]
    pub(crate) persons: u32,
    /// Only the server knows of it: the gate hasn't followed the ledger so far. Nothing that the
    /// gate knows may come after it.
    #[serde(default)]
    pub(crate) unseen: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    Issued,
    Reissued,
    Voided,
    /// For the reason `block`.
    Blocked,
    Unblocked,
    Paid,
    Unpaid,
    /// So many tickets from `ticket` on, as `count` says.
    Renewed,
    Granted,
    /// Somebody entered.
    Redeemed,
    /// Somebody left.
    Exited,
    Abandoned,
    Interrupted,
    Answered,
    /// Somebody was let in against the rules.
    Overridden,
    /// The use with the entry's number was taken back.
    Annulled,
    /// So many tickets from `ticket` on were leased to a device.
    Leased,
    /// The server wants so many tickets back.
    Recalled,
    /// Their holder transferred so many back.
    Transferred,
    /// Room for so many `persons` in a `place` was leased to a device.
    ShareLeased,
    /// The server wants so much of a place's room back from a device.
    ShareRecalled,
    /// The device gave so much back.
    ShareTransferred,
    /// The server lacks what it once signed.
    RollbackFound,
}

const fn server() -> Authority {
    Authority::Server
}

const fn venue() -> Place {
    Place::Venue
}

const fn second_gate() -> GateId {
    GateId(2)
}

const fn second_device() -> DeviceId {
    DeviceId(2)
}

const fn first_entry() -> u64 {
    1
}

const fn stolen() -> BlockReason {
    BlockReason::Stolen
}

const fn not_said() -> ReissueReason {
    ReissueReason::Other
}

const fn refunded() -> VoidReason {
    VoidReason::Refunded
}
