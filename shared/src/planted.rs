//! Faults that the simulation plants to see that its checks find them. Without the feature `planted-bugs`
//! none ever is, and nothing is left of the question.

/// A fault that somebody could write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    // Of gates.
    /// One claim key serves for every ticket.
    KeyReused,
    /// A claim that is still open isn't gone on with.
    IntentNotReused,
    /// A claim that ends without admission isn't given up.
    LateGrantKept,
    /// Any acknowledgement clears everything that waits to be delivered.
    OutboxCleared,
    /// Entries are delivered out of order.
    UploadUnordered,
    /// An abandonment that the disk didn't take is forgotten.
    AbandonmentForgotten,
    /// After a restart nobody is asked about lights that may not have been seen.
    InterruptionNotAsked,
    /// A followed ledger entry isn't kept now and then.
    LedgerNotKept,
    /// What was certainly past is forgotten at the start.
    FloorForgotten,
    /// The way of a signed time is taken to cost nothing.
    RoundTripIgnored,
    /// What was transferred is held again after a restart.
    TransferForgotten,
    /// Rights are handed over in the journal, and still decided here.
    TransferredKept,
    /// Any lane's tickets are decided as if they were this one's.
    OtherLanesDecided,
    /// A guest who was interrupted at another gate is let in on staff's word.
    InterruptedElsewhereLetIn,
    /// Room that was given back is still given to guests.
    RoomKept,
    /// Room is given to guests beyond the own share.
    ShareIgnored,
    /// Another line of the ledger is followed whatever its epoch.
    EpochIgnored,
    /// A revoked gate goes on as before.
    RevokedAdmits,
    /// A revoked gate deletes its journal whatever of it was delivered.
    WipedUndelivered,
    /// A receipt for a part of the journal is taken for one of the whole.
    ReceiptShorter,
    /// A receipt is taken whoever signed it.
    ReceiptUnsigned,
    /// The hub hears that a right is its own before that is durable at the lane.
    HandedUnwritten,
    /// What a lane gave to the hub, it still decides.
    HandedKept,
    /// A lease that is heard of late revives what was given away under it.
    LateLeaseRevived,
    /// The uses of a right aren't told again when it is given to the hub.
    UsesNotRecounted,
    // Of the server.
    /// A journal that was written twice passes for one that was delivered before.
    ForkNotSeen,
    /// Under a key that was given up a right is granted.
    GivenUpGranted,
    /// A conflict names only the use that made it.
    ConflictOneSided,
    /// A use that was taken back never counts.
    AnnulHidesConflict,
    /// Open grants don't count.
    GrantNotCounted,
    /// A key that was given up before its claim came isn't noted.
    TombstoneDropped,
    /// A lane that was asked for a right and is silent counts as having transferred it.
    SilenceTransfers,
    /// Room that lanes hold is given to others.
    HeldRoomGiven,
    /// A restored server decides before it got back what it lost.
    RestoredDecides,
    /// What a restored server lost isn't said again.
    NothingRestated,
    /// Entries that were set apart stay so, whatever is said again.
    NothingReconsidered,
    /// Entries that are known to be missing aren't named.
    TailUnnamed,
    /// Entries that were missing are named although they came.
    TailNamedOn,
    /// A journal's end that contradicts what was delivered passes for known.
    OtherEndTaken,
    /// A grant of the venue's hub that its journal brings isn't one.
    HubGrantDropped,
    /// A right that was given to the hub goes to whoever hears of it: the server takes it, too.
    AddresseeIgnored,
    /// With a use that is taken back its right is the server's, whoever holds it.
    AnnulFreesHeld,
    // Of the venue's hub, and of those who ask it.
    /// The hub grants rights that aren't leased to it.
    HubUnleasedGranted,
    /// The hub answers before its grant is durable.
    HubGrantUnwritten,
    /// The hub grants a right once more while a grant on it is open.
    HubSecondGranted,
    /// What the hub granted is forgotten after a restart.
    HubGrantForgotten,
    /// What the hub heard was given up is forgotten after a restart.
    HubGaveUpForgotten,
    /// The hub says that it heard before that is durable.
    HubHeardUnwritten,
    /// Own guests who are being let in don't count where the hub is asked for others.
    HubOwnNotCounted,
    /// A use that was heard of closes its grant, and doesn't count.
    HeardFrees,
    /// A claim that the hub didn't answer isn't given up.
    HubLateGrantKept,
    /// What the hub receives, it holds before that is durable, and whether or not it is ever.
    ReceivedUnwritten,
}

#[cfg(feature = "planted-bugs")]
thread_local! {
    static PLANTED: core::cell::Cell<Option<Fault>> = const { core::cell::Cell::new(None) };
}

/// Plants a fault on this thread, or takes it away.
#[cfg(feature = "planted-bugs")]
pub fn plant(fault: Option<Fault>) {
    PLANTED.set(fault);
}

/// Whether a fault is planted.
#[must_use]
#[cfg(feature = "planted-bugs")]
pub fn is_planted(fault: Fault) -> bool {
    PLANTED.get() == Some(fault)
}

/// Whether a fault is planted: never.
#[must_use]
#[cfg(not(feature = "planted-bugs"))]
pub const fn is_planted(_: Fault) -> bool {
    false
}
