//! What a ledger entry records.

use crate::{
    id::{ClaimKey, DeviceId, GateId, Generation, LeaseId, Serial, TypeId},
    lease::Serials,
    place::Place,
    reason::ReasonCode,
    right::{OverrideReason, Use},
    token::Fingerprint,
    validity::Validity,
};

use super::{AskedAt, BlockReason, Cursor, Receipt, ReissueReason, UnpaidTickets, VoidReason};

/// Most tickets that one `Issued` or `Renewed` entry is about.
pub const MAX_ISSUED: usize = 1024;

/// What a ledger entry records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerBody {
    /// Tickets of one type were issued under consecutive serials.
    Issued {
        /// The first serial.
        first: Serial,
        /// Their type.
        ticket_type: TypeId,
        /// Admissions each allows; 0 is without limit.
        entries: u8,
        /// Their fingerprints, at least one and at most [`MAX_ISSUED`].
        fingerprints: Vec<Fingerprint>,
        /// Which of them still have to be paid.
        unpaid: UnpaidTickets,
    },
    /// A ticket was replaced by its next generation.
    Reissued(IssuedTicket),
    /// A ticket was blocked for the time being.
    Blocked {
        /// The ticket.
        serial: Serial,
        /// Why.
        reason: BlockReason,
    },
    /// A ticket was unblocked.
    Unblocked {
        /// The ticket.
        serial: Serial,
    },
    /// A ticket was paid, or turned out not to be.
    Payment {
        /// The ticket.
        serial: Serial,
        /// Whether it is paid.
        paid: bool,
    },
    /// Tickets of a renewing type, under consecutive serials, are valid from now on as said here.
    Renewed {
        /// The first serial.
        first: Serial,
        /// How many, at least one and at most [`MAX_ISSUED`].
        count: u16,
        /// From when until when; not empty.
        validity: Validity,
    },
    /// A ticket was voided.
    Voided {
        /// The ticket.
        serial: Serial,
        /// Why.
        reason: VoidReason,
    },
    /// The server, or the venue's hub, granted a claim; its gate hasn't confirmed yet that it recorded the
    /// admission.
    Granted(Use),
    /// A claim was given up by its device; under this key nothing is granted any more.
    Abandoned {
        /// The ticket.
        serial: Serial,
        /// The claim.
        claim: ClaimKey,
        /// The device that gave it up.
        device: DeviceId,
    },
    /// A device's journal says that the right was used.
    Redeemed {
        /// The use.
        used: Use,
        /// The number of the device's journal entry.
        number: u64,
        /// Whether the guest showed no code and the use's operator let them in by hand.
        by_hand: bool,
    },
    /// A device stopped between recording an admission and showing it.
    Interrupted {
        /// The ticket.
        serial: Serial,
        /// The device.
        device: DeviceId,
        /// The number of its journal entry: `Redeemed`, or `Answered` that let the guest in.
        number: u64,
    },
    /// Staff said whether the guest of an interrupted admission was let in.
    Answered {
        /// The ticket.
        serial: Serial,
        /// The interrupted device.
        device: DeviceId,
        /// The number of its journal entry that was interrupted.
        number: u64,
        /// Whether the guest had been let in before; if not, they were let in then.
        let_in: bool,
        /// Who was asked, where and when.
        by: AskedAt,
    },
    /// A supervisor let a guest in against the rules.
    Overridden {
        /// The ticket.
        serial: Serial,
        /// How many persons.
        count: u8,
        /// The reason against which.
        code: ReasonCode,
        /// Why.
        reason: OverrideReason,
        /// The number of the device's journal entry.
        number: u64,
        /// Who let them in, where and when.
        by: AskedAt,
    },
    /// A use was recorded by mistake: its guest didn't pass.
    Annulled {
        /// The ticket.
        serial: Serial,
        /// The device that recorded the use.
        device: DeviceId,
        /// The number of its journal entry.
        number: u64,
        /// Who took it back, where and when.
        by: AskedAt,
    },
    /// From this entry on a device alone decides about these rights; nobody else does before it has
    /// transferred them.
    Leased {
        /// The lease.
        lease: LeaseId,
        /// The device.
        device: DeviceId,
        /// Its gate: the lane at which these tickets are shown.
        gate: GateId,
        /// The tickets.
        serials: Serials,
    },
    /// The server asks the lease's holder to transfer these rights back to it.
    Recalled {
        /// The lease.
        lease: LeaseId,
        /// The tickets.
        serials: Serials,
    },
    /// The lease's holder transferred these rights back: the server decides about them again.
    Transferred {
        /// The lease.
        lease: LeaseId,
        /// The tickets.
        serials: Serials,
        /// The number of the holder's journal entry.
        number: u64,
    },
    /// The lease's holder transferred these rights to another device: it alone decides about them, under the
    /// same lease.
    HandedOn {
        /// The lease.
        lease: LeaseId,
        /// The tickets.
        serials: Serials,
        /// Who held them.
        from: DeviceId,
        /// Who holds them now.
        to: DeviceId,
        /// Its gate: the lane that decides about these tickets.
        gate: GateId,
        /// The number of the `Transferred` entry in the journal of `from`.
        number: u64,
    },
    /// What a device says of a right that another one gave it, whose journal isn't here as far as that. It
    /// changes nobody's rights.
    Received(Receipt),
    /// From this entry on a device may let so many persons into a place by its own word; for everybody
    /// else they count as inside.
    ShareLeased {
        /// The lease.
        lease: LeaseId,
        /// The device.
        device: DeviceId,
        /// Its gate.
        gate: GateId,
        /// Room in what.
        place: Place,
        /// For so many persons, at least one.
        persons: u32,
    },
    /// The server asks the lease's holder for room for so many persons, beyond what it asked for before.
    ShareRecalled {
        /// The lease.
        lease: LeaseId,
        /// Persons, at least one.
        persons: u32,
    },
    /// The lease's holder gave room for so many persons back.
    ShareTransferred {
        /// The lease.
        lease: LeaseId,
        /// Persons, at least one.
        persons: u32,
        /// The number of the holder's journal entry.
        number: u64,
    },
    /// The server was restored from a backup and begins a new epoch: entries that followed the one before may
    /// be missing. Until `Settled` what may have happened in them is unknown.
    Restored,
    /// A gate showed a position that the server once signed and doesn't have: it was rolled back without
    /// anybody saying so.
    RollbackFound {
        /// The position.
        lost: Cursor,
    },
    /// A gate offered entries that the server had signed before it was restored; what was missing of them the
    /// entries before this one restate.
    Recovered {
        /// Where the offered entries end.
        until: Cursor,
        /// How many entries before this one restate them.
        restated: u32,
        /// How many contradict what was recorded since.
        unfit: u32,
    },
    /// Everything that can be had was offered, or was written off: the restore is over.
    Settled {
        /// The next serial to be issued. Those between the last one known and it may have been issued in what
        /// was lost.
        first_free: Serial,
    },
    /// Admissions on a ticket together exceed what it allows.
    ConflictFound {
        /// The ticket.
        serial: Serial,
        /// The sequence numbers of its redemptions so far, and of the answers that let the guest
        /// of one interruption in; at most the newest 256.
        redemptions: Vec<u64>,
    },
}

/// A ticket's newest generation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IssuedTicket {
    /// The ticket.
    pub serial: Serial,
    /// Its generation.
    pub generation: Generation,
    /// The fingerprint of that generation.
    pub fingerprint: Fingerprint,
    /// Why it was reissued.
    pub reason: ReissueReason,
}

impl LedgerBody {
    /// The ticket that the entry is about; the first one where it is about many, none where it is about
    /// room or the ledger itself.
    #[must_use]
    pub const fn serial(&self) -> Option<Serial> {
        Some(match self {
            Self::Issued { first, .. } | Self::Renewed { first, .. } => *first,
            Self::Leased { serials, .. }
            | Self::Recalled { serials, .. }
            | Self::Transferred { serials, .. }
            | Self::HandedOn { serials, .. } => serials.first(),
            Self::Received(receipt) => receipt.serial,
            Self::Reissued(ticket) => ticket.serial,
            Self::Granted(used) | Self::Redeemed { used, .. } => used.right.serial,
            Self::Voided { serial, .. }
            | Self::Blocked { serial, .. }
            | Self::Unblocked { serial }
            | Self::Payment { serial, .. }
            | Self::Abandoned { serial, .. }
            | Self::Interrupted { serial, .. }
            | Self::Answered { serial, .. }
            | Self::Overridden { serial, .. }
            | Self::Annulled { serial, .. }
            | Self::ConflictFound { serial, .. } => *serial,
            Self::ShareLeased { .. }
            | Self::ShareRecalled { .. }
            | Self::ShareTransferred { .. }
            | Self::Restored
            | Self::RollbackFound { .. }
            | Self::Recovered { .. }
            | Self::Settled { .. } => return None,
        })
    }

    /// Whether somebody comes in or leaves by it, or turns out not to have.
    pub(super) const fn moves_guests(&self) -> bool {
        matches!(
            self,
            Self::Granted(_)
                | Self::Abandoned { .. }
                | Self::Redeemed { .. }
                | Self::Overridden { .. }
                | Self::Annulled { .. }
        )
    }

    /// The kind's stable name in exports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Issued { .. } => "issued",
            Self::Reissued(_) => "reissued",
            Self::Voided { .. } => "voided",
            Self::Blocked { .. } => "blocked",
            Self::Unblocked { .. } => "unblocked",
            Self::Payment { .. } => "payment",
            Self::Renewed { .. } => "renewed",
            Self::Granted(_) => "granted",
            Self::Abandoned { .. } => "abandoned",
            Self::Redeemed { .. } => "redeemed",
            Self::Interrupted { .. } => "interrupted",
            Self::Answered { .. } => "answered",
            Self::ConflictFound { .. } => "conflict_found",
            Self::Overridden { .. } => "overridden",
            Self::Annulled { .. } => "annulled",
            Self::Leased { .. } => "leased",
            Self::Recalled { .. } => "recalled",
            Self::Transferred { .. } => "transferred",
            Self::HandedOn { .. } => "handed_on",
            Self::Received(_) => "received",
            Self::ShareLeased { .. } => "share_leased",
            Self::ShareRecalled { .. } => "share_recalled",
            Self::ShareTransferred { .. } => "share_transferred",
            Self::Restored => "restored",
            Self::RollbackFound { .. } => "rollback_found",
            Self::Recovered { .. } => "recovered",
            Self::Settled { .. } => "settled",
        }
    }
}
