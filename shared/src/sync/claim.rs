//! Claiming a right: `POST /api/v1/device/claims`.

use serde::{Deserialize, Serialize};

use crate::{
    id::ClaimKey,
    reason::ReasonCode,
    right::Use,
    rules::{Answers, Facts},
};

/// Most given-up claims that one claim may name; the server refuses more.
pub const MAX_ABANDONS: usize = 64;

/// A gate asks to use a right. Repeating a claim with the same key is the same claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Claim {
    /// The use asked for. Its authority is `server`.
    #[serde(rename = "use")]
    pub used: Use,
    /// Older claims of the same ticket that the gate has given up, journalled as such; the newest
    /// [`MAX_ABANDONS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub abandons: Vec<ClaimKey>,
    /// For a guest who shows no code and is let in by hand: what staff have answered about them. The
    /// server then judges by all rules, because the gate can't without the ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<Answers>,
}

/// The server's word on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ClaimAnswer {
    /// The right is this gate's to use, once it has journalled it.
    Granted {
        /// The ledger entry that records the grant (or the redemption, when asked again).
        sequence: u64,
    },
    /// The right may not be used.
    Refused {
        /// Why.
        refusal: ClaimRefusal,
        /// The use that stands in the way, where one does, and the numbers of the rule.
        #[serde(default)]
        facts: Facts,
    },
}

/// Why a claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimRefusal {
    /// The right is used up.
    AlreadyUsed,
    /// More persons want to enter than it has admissions left.
    NotEnoughLeft,
    /// Somebody is inside on it and must be scanned out first.
    StillInside,
    /// Too little time has passed since the last entry.
    TooSoon,
    /// The day's entries are used up.
    UsedToday,
    /// The slot's entries are used up.
    UsedThisSlot,
    /// The venue is full.
    VenueFull,
    /// The zone is full.
    ZoneFull,
    /// The slot is full.
    SlotFull,
    /// The time of an earlier use is too uncertain to tell.
    ClockUnsure,
    /// Another claim of it is granted and not yet confirmed.
    BeingAdmitted,
    /// An admission on it was interrupted; staff must say what happened.
    Interrupted,
    /// It was voided.
    Voided,
    /// It is blocked.
    Blocked,
    /// It isn't paid.
    Unpaid,
    /// It isn't paid; a supervisor decides.
    PaymentDue,
    /// It renews, and its validity hasn't begun.
    NotYetValid,
    /// It renews, and its validity is over.
    Expired,
    /// It renews, and the ledger doesn't say how long it is valid.
    ValidityUnknown,
    /// It was reissued.
    Superseded,
    /// It went to somebody else.
    Transferred,
    /// It was never issued.
    NotIssued,
    /// This key was given up; claim again with a new one.
    Abandoned,
    /// This key was used for another claim. The attempt is flagged.
    KeyReused,
    /// Another lane decides about the ticket; it was asked to transfer the right. The claim may be asked
    /// again once the ledger says that it did.
    Recalling,
    /// Another lane decides about the ticket, and it isn't heard.
    LaneSilent,
    /// Another lane decided about the ticket, and it is lost.
    LaneLost,
    /// What room is left is another lane's; it was asked for it. The claim may be asked again once the ledger
    /// went on.
    RoomRecalling,
    /// What room is left is another lane's, and it isn't heard.
    RoomHeld,
    /// The venue's hub was asked, and only the server decides about the ticket.
    ServerNeeded,
    /// The venue's hub was asked, and by what it knows there is no room.
    CapacityUnknown,
    /// The server was restored, and what it lost isn't got back yet.
    ServerRestored,
    /// The rules don't let the guest in by hand, or something must be asked first.
    ByHand(ReasonCode),
}

impl ClaimRefusal {
    /// The refusal for what a right's own rules say.
    #[must_use]
    pub const fn of(code: ReasonCode) -> Self {
        match code {
            ReasonCode::Voided => Self::Voided,
            ReasonCode::Blocked => Self::Blocked,
            ReasonCode::Unpaid => Self::Unpaid,
            ReasonCode::PaymentDue => Self::PaymentDue,
            ReasonCode::NotYetValid => Self::NotYetValid,
            ReasonCode::Expired => Self::Expired,
            ReasonCode::ValidityUnknown => Self::ValidityUnknown,
            ReasonCode::Interrupted => Self::Interrupted,
            ReasonCode::BeingAdmitted => Self::BeingAdmitted,
            ReasonCode::NotEnoughLeft => Self::NotEnoughLeft,
            ReasonCode::StillInside | ReasonCode::ExitUnknown => Self::StillInside,
            ReasonCode::TooSoon => Self::TooSoon,
            ReasonCode::UsedToday => Self::UsedToday,
            ReasonCode::UsedThisSlot => Self::UsedThisSlot,
            ReasonCode::VenueFull => Self::VenueFull,
            ReasonCode::ZoneFull => Self::ZoneFull,
            ReasonCode::SlotFull => Self::SlotFull,
            ReasonCode::ClockUnsure => Self::ClockUnsure,
            ReasonCode::Recalling | ReasonCode::OtherLane => Self::Recalling,
            ReasonCode::LaneSilent => Self::LaneSilent,
            ReasonCode::LaneLost => Self::LaneLost,
            ReasonCode::RoomRecalling => Self::RoomRecalling,
            ReasonCode::RoomHeld => Self::RoomHeld,
            ReasonCode::ServerNeeded => Self::ServerNeeded,
            ReasonCode::CapacityUnknown => Self::CapacityUnknown,
            ReasonCode::ServerRestored => Self::ServerRestored,
            _ => Self::AlreadyUsed,
        }
    }

    /// What the gate shows.
    #[must_use]
    pub const fn code(self) -> ReasonCode {
        match self {
            Self::AlreadyUsed => ReasonCode::AlreadyUsed,
            Self::NotEnoughLeft => ReasonCode::NotEnoughLeft,
            Self::StillInside => ReasonCode::StillInside,
            Self::TooSoon => ReasonCode::TooSoon,
            Self::UsedToday => ReasonCode::UsedToday,
            Self::UsedThisSlot => ReasonCode::UsedThisSlot,
            Self::VenueFull => ReasonCode::VenueFull,
            Self::ZoneFull => ReasonCode::ZoneFull,
            Self::SlotFull => ReasonCode::SlotFull,
            Self::ClockUnsure => ReasonCode::ClockUnsure,
            Self::BeingAdmitted => ReasonCode::BeingAdmitted,
            Self::Interrupted => ReasonCode::Interrupted,
            Self::Voided => ReasonCode::Voided,
            Self::Blocked => ReasonCode::Blocked,
            Self::Unpaid => ReasonCode::Unpaid,
            Self::PaymentDue => ReasonCode::PaymentDue,
            Self::NotYetValid => ReasonCode::NotYetValid,
            Self::Expired => ReasonCode::Expired,
            Self::ValidityUnknown => ReasonCode::ValidityUnknown,
            Self::Superseded => ReasonCode::Superseded,
            Self::Transferred => ReasonCode::Transferred,
            Self::NotIssued => ReasonCode::NotIssued,
            Self::Abandoned | Self::KeyReused => ReasonCode::ClaimRefused,
            Self::Recalling => ReasonCode::Recalling,
            Self::LaneSilent => ReasonCode::LaneSilent,
            Self::LaneLost => ReasonCode::LaneLost,
            Self::RoomRecalling => ReasonCode::RoomRecalling,
            Self::RoomHeld => ReasonCode::RoomHeld,
            Self::ServerNeeded => ReasonCode::ServerNeeded,
            Self::CapacityUnknown => ReasonCode::CapacityUnknown,
            Self::ServerRestored => ReasonCode::ServerRestored,
            Self::ByHand(code) => code,
        }
    }

    /// Its stable name in records: that of its reason, where a ticket's rules are the reason.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Abandoned => "abandoned",
            Self::KeyReused => "key_reused",
            rule => rule.code().name(),
        }
    }
}
