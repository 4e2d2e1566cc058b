//! What one journal entry records.

use crate::{
    id::{ClaimKey, DeviceId, GateId, LeaseId, OperatorId, Serial},
    lease::{Recipient, Serials},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, UseKind},
    time::{TimeInterval, UnixMillis},
};

/// What a journal entry records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JournalBody {
    /// A right was used; the light may turn green once this entry is durable.
    Redeemed {
        /// The right.
        right: RightRef,
        /// In or out.
        kind: UseKind,
        /// How many persons.
        count: u8,
        /// The key under which it was, or would have been, claimed.
        claim: ClaimKey,
        /// Who decided.
        authority: Authority,
        /// Whether the guest showed no code and the entry's operator let them in by hand.
        by_hand: bool,
    },
    /// The light of entry `number` was shown.
    Shown {
        /// The number of a `Redeemed` or `Answered` entry.
        number: u64,
    },
    /// A scan that admitted nobody. `right` is present where the code was a genuine ticket.
    Refused {
        /// The reason shown.
        code: ReasonCode,
        /// The ticket, where it is known to be genuine.
        right: Option<RightRef>,
    },
    /// The device stopped between recording entry `number` and showing its light.
    Interrupted {
        /// The number of a `Redeemed` entry, or of an `Answered` one that lets the guest in.
        number: u64,
        /// Its right.
        right: RightRef,
    },
    /// Staff said whether the guest of an interrupted admission had been let in.
    Answered {
        /// The device that was interrupted.
        device: DeviceId,
        /// The number of its entry that was interrupted.
        number: u64,
        /// The right.
        right: RightRef,
        /// Whether the guest had been let in; if not, they are let in now.
        let_in: bool,
    },
    /// A claim whose answer, if it ever comes, must not count.
    Abandoned {
        /// The claim.
        claim: ClaimKey,
        /// The right it was for.
        right: RightRef,
    },
    /// Staff looked at a guest's ID, or asked them.
    Checked {
        /// The right.
        right: RightRef,
        /// Whether the ID fits, where it was looked at.
        identity: Option<bool>,
        /// The guest's answer, by its place from 1, where they were asked.
        choice: Option<u8>,
    },
    /// A supervisor let a guest in against the rules. It isn't a use of the right.
    Overridden {
        /// The right.
        right: RightRef,
        /// How many persons.
        count: u8,
        /// The reason against which.
        code: ReasonCode,
        /// Why.
        reason: OverrideReason,
    },
    /// A use was recorded by mistake: its guest didn't pass.
    Annulled {
        /// The device that recorded it.
        device: DeviceId,
        /// The number of its `Redeemed` entry.
        number: u64,
        /// The right.
        right: RightRef,
    },
    /// Rights that were leased to the device are the recipient's from now on: under this lease the
    /// device never decides about them again.
    Transferred {
        /// The lease.
        lease: LeaseId,
        /// The tickets.
        serials: Serials,
        /// Who alone becomes their authority.
        to: Recipient,
    },
    /// Room that was leased to the device is the recipient's from now on.
    ShareTransferred {
        /// The lease.
        lease: LeaseId,
        /// For so many persons, at least one.
        persons: u32,
        /// To whom.
        to: Recipient,
    },
    /// The device, as the venue's hub, granted another gate's claim.
    Granted {
        /// The device that claimed.
        device: DeviceId,
        /// Its gate.
        gate: GateId,
        /// The right.
        right: RightRef,
        /// In or out.
        kind: UseKind,
        /// How many persons.
        count: u8,
        /// The key under which it was claimed.
        claim: ClaimKey,
    },
    /// The device, as the venue's hub, heard that another gate gave a claim up; under this key it
    /// grants nothing any more.
    GaveUp {
        /// The device that gave it up.
        device: DeviceId,
        /// The claim.
        claim: ClaimKey,
        /// The right it was for.
        right: RightRef,
    },
    /// The device, as the venue's hub, has its holder's signed word that a right of that lease is its own from
    /// now on.
    Received {
        /// The lease.
        lease: LeaseId,
        /// The ticket.
        serial: Serial,
        /// Who transferred it.
        from: DeviceId,
        /// The number of its `Transferred` entry.
        number: u64,
    },
    /// An earlier use of a right, told again by who hands it to another device, before its `Transferred` entry,
    /// and by who received it so, before its `Received` entry: whoever decides about it next must know.
    Recounted {
        /// The device that recorded the use.
        device: DeviceId,
        /// Its gate.
        gate: GateId,
        /// The number of its entry; 0 of a grant whose use isn't known yet.
        number: u64,
        /// The right.
        right: RightRef,
        /// In or out.
        kind: UseKind,
        /// How many persons.
        count: u8,
        /// The key under which it was claimed.
        claim: ClaimKey,
        /// When, as far as the device's clock could tell.
        at: TimeInterval,
    },
    /// The entry's operator signed in.
    SignedIn,
    /// The entry's operator signed out.
    SignedOut,
    /// Somebody tried to sign in with a wrong PIN.
    PinRefused {
        /// As whom.
        operator: OperatorId,
    },
    /// A gate lead set the gate's clock, which nothing else sets right.
    TimeSet {
        /// What they said the time is.
        at: UnixMillis,
    },
}

impl JournalBody {
    /// The right that the entry is about, where it is about one.
    #[must_use]
    pub const fn right(&self) -> Option<RightRef> {
        match *self {
            Self::Redeemed { right, .. }
            | Self::Interrupted { right, .. }
            | Self::Answered { right, .. }
            | Self::Abandoned { right, .. }
            | Self::Checked { right, .. }
            | Self::Overridden { right, .. }
            | Self::Annulled { right, .. }
            | Self::Granted { right, .. }
            | Self::GaveUp { right, .. }
            | Self::Recounted { right, .. } => Some(right),
            Self::Refused { right, .. } => right,
            Self::Shown { .. }
            | Self::Transferred { .. }
            | Self::ShareTransferred { .. }
            | Self::Received { .. }
            | Self::SignedIn
            | Self::SignedOut
            | Self::PinRefused { .. }
            | Self::TimeSet { .. } => None,
        }
    }

    /// The kind's stable name in exports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Redeemed { .. } => "redeemed",
            Self::Shown { .. } => "shown",
            Self::Refused { .. } => "refused",
            Self::Interrupted { .. } => "interrupted",
            Self::Answered { .. } => "answered",
            Self::Abandoned { .. } => "abandoned",
            Self::Checked { .. } => "checked",
            Self::Overridden { .. } => "overridden",
            Self::Annulled { .. } => "annulled",
            Self::Transferred { .. } => "transferred",
            Self::ShareTransferred { .. } => "share_transferred",
            Self::Granted { .. } => "granted",
            Self::GaveUp { .. } => "gave_up",
            Self::Received { .. } => "received",
            Self::Recounted { .. } => "recounted",
            Self::SignedIn => "signed_in",
            Self::SignedOut => "signed_out",
            Self::PinRefused { .. } => "pin_refused",
            Self::TimeSet { .. } => "time_set",
        }
    }
}
