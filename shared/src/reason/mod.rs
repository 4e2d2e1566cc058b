//! Why a scan ended as it did. A code decides its outcome, names its text in Japanese and English,
//! and never changes its meaning: reports of past events rely on it.

mod text;

use serde::{Deserialize, Serialize};

pub use text::{Language, LocalText};

/// What staff does next. Colour, icon, word and sound follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Let the guest in.
    Admit,
    /// The guest leaves.
    Exit,
    /// Look and decide: staff must check something.
    Review,
    /// Do not let the guest in.
    Deny,
}

impl Outcome {
    /// Whether the guest passes the gate, in or out: such a verdict is shown only once a use of the
    /// right is recorded.
    #[must_use]
    pub const fn passes(self) -> bool {
        matches!(self, Self::Admit | Self::Exit)
    }

    /// The stable name in interfaces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admit => "admit",
            Self::Exit => "exit",
            Self::Review => "review",
            Self::Deny => "deny",
        }
    }
}

/// Defines the codes with their stable number, name and outcome in one table.
macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $code:tt, $outcome:ident;)*) => {
        /// The reason of a verdict. Numbers stand in journals and never change; names stand in
        /// interfaces.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        pub enum ReasonCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ReasonCode {
            /// Every code, in the order of the numbers.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The stable number in journals.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self { $(Self::$name => $number,)* }
            }

            /// The code with this number.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number { $($number => Some(Self::$name),)* _ => None }
            }

            /// The stable name in interfaces: lower case with underscores.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The outcome that this reason always has.
            #[must_use]
            pub const fn outcome(self) -> Outcome {
                match self { $(Self::$name => Outcome::$outcome,)* }
            }
        }
    };
}

reasons! {
    /// The right allows it, and its use is recorded.
    Admitted = 1, "admitted", Admit;
    /// An interrupted admission was not carried out: the guest enters now, without a second use.
    AdmittedAfterInterruption = 2, "admitted_after_interruption", Admit;

    /// The right allows it, its use is recorded, and more persons are inside than there should be.
    AdmittedOverCapacity = 5, "admitted_over_capacity", Admit;
    /// A supervisor lets the guest in against the rules: no use of the right.
    AdmittedByOverride = 6, "admitted_by_override", Admit;

    /// The guest leaves.
    Exited = 3, "exited", Exit;
    /// The guest leaves, and nobody was known to be inside on the ticket.
    ExitedUnseen = 4, "exited_unseen", Exit;

    /// The code is not a Kaisatsu ticket.
    ForeignCode = 100, "foreign_code", Deny;
    /// The code begins like a Kaisatsu ticket but isn't one.
    Malformed = 101, "malformed", Deny;
    /// The code is of a newer format than this gate knows.
    NewerFormat = 102, "newer_format", Review;
    /// The ticket must be shown on a phone's ticket page; this is a copy without the clock stamp.
    DisplayMissing = 103, "display_missing", Deny;
    /// The ticket's display mode can't be checked by this version.
    ModeUnsupported = 104, "mode_unsupported", Review;

    /// The ticket is for another event.
    WrongEvent = 200, "wrong_event", Deny;
    /// No key with the ticket's key id belongs to the event.
    UnknownKey = 201, "unknown_key", Deny;
    /// The signature is not the issuer's.
    Forged = 202, "forged", Deny;
    /// Correctly signed, but never issued: the signing key may be stolen.
    NotIssued = 203, "not_issued", Deny;
    /// Correctly signed, but newer than this gate's roster, and the server can't be asked.
    NotInRoster = 204, "not_in_roster", Review;
    /// The ticket was reissued; this is the older one.
    Superseded = 205, "superseded", Deny;
    /// The ticket was voided.
    Voided = 206, "voided", Deny;
    /// The ticket is blocked for the time being.
    Blocked = 207, "blocked", Deny;
    /// The ticket went to somebody else; this is the older one.
    Transferred = 208, "transferred", Deny;
    /// The ticket isn't paid.
    Unpaid = 209, "unpaid", Deny;
    /// The ticket isn't paid, and the event lets a supervisor decide.
    PaymentDue = 210, "payment_due", Review;

    /// The ticket's validity hasn't begun.
    NotYetValid = 300, "not_yet_valid", Deny;
    /// The ticket's validity is over.
    Expired = 301, "expired", Deny;
    /// The gate's clock is too uncertain to tell.
    ClockUnsure = 302, "clock_unsure", Review;
    /// The ticket's type may not use this gate.
    WrongGate = 303, "wrong_gate", Deny;
    /// The bundle doesn't know the ticket's type.
    UnknownType = 304, "unknown_type", Review;
    /// The gate's rules are older than they may be.
    BundleExpired = 305, "bundle_expired", Review;
    /// The ticket's type doesn't admit on this day.
    WrongDay = 306, "wrong_day", Deny;
    /// The ticket's type doesn't admit at this hour.
    OutsideHours = 307, "outside_hours", Deny;
    /// The ticket's slot hasn't opened.
    SlotNotOpen = 308, "slot_not_open", Deny;
    /// The ticket's slot is over.
    SlotOver = 309, "slot_over", Deny;
    /// The ticket's type may not enter the zone that this gate leads into.
    WrongZone = 310, "wrong_zone", Deny;
    /// The ticket renews, and the gate hasn't heard yet how long it is valid.
    ValidityUnknown = 320, "validity_unknown", Review;

    /// As many persons are inside as the venue holds.
    VenueFull = 311, "venue_full", Deny;
    /// As many persons are inside as the zone behind this gate holds.
    ZoneFull = 312, "zone_full", Deny;
    /// As many of the slot's guests are inside as it holds.
    SlotFull = 313, "slot_full", Deny;
    /// It is full as far as this gate knows, and it can't know who has left by others.
    CapacityUnknown = 314, "capacity_unknown", Review;
    /// Nobody can be asked for room, and this gate's own share has none.
    NoRoomHere = 315, "no_room_here", Review;

    /// The clock stamp doesn't belong to this ticket.
    DisplayForged = 400, "display_forged", Deny;
    /// The clock stamp is old: a screenshot.
    DisplayStale = 401, "display_stale", Deny;
    /// The clock stamp is a little old: the page must be refreshed.
    DisplayBehind = 402, "display_behind", Review;
    /// The clock stamp is a little ahead: the phone's clock is wrong.
    DisplayAhead = 403, "display_ahead", Review;

    /// The right is used up.
    AlreadyUsed = 500, "already_used", Deny;
    /// Another gate is admitting this ticket at this moment.
    BeingAdmitted = 501, "being_admitted", Review;
    /// A gate stopped between recording and showing the admission.
    Interrupted = 502, "interrupted", Review;
    /// The event admits only with the server's word, and the server doesn't answer.
    ServerNeeded = 503, "server_needed", Review;
    /// The server refused the gate's request, not the ticket.
    ClaimRefused = 504, "claim_refused", Review;
    /// The gate can't record: its disk is full or broken.
    CannotRecord = 505, "cannot_record", Deny;
    /// Somebody is inside on the ticket and must be scanned out first.
    StillInside = 506, "still_inside", Deny;
    /// Somebody came in on the ticket, and this gate can't know whether they left.
    ExitUnknown = 507, "exit_unknown", Review;
    /// Too little time has passed since the last entry.
    TooSoon = 508, "too_soon", Deny;
    /// The day's entries are used up.
    UsedToday = 509, "used_today", Deny;
    /// The slot's entries are used up.
    UsedThisSlot = 510, "used_this_slot", Deny;
    /// More persons want to enter than the right has admissions left.
    NotEnoughLeft = 511, "not_enough_left", Deny;

    /// Staff compare the guest with their ID.
    CheckIdentity = 600, "check_identity", Review;
    /// The ID doesn't fit.
    IdentityMismatch = 601, "identity_mismatch", Deny;
    /// Staff ask the guest a question.
    AskQuestion = 602, "ask_question", Review;
    /// The guest's answer keeps them out.
    AnswerRefused = 603, "answer_refused", Deny;
    /// Staff say how many of a group enter.
    AskPersons = 604, "ask_persons", Review;

    /// Nobody is let in by hand at this event.
    ByHandOff = 630, "by_hand_off", Deny;
    /// Whoever is signed in may let nobody in by hand.
    ByHandRole = 631, "by_hand_role", Review;
    /// Staff say whether a guest who shows no code is the ticket's holder.
    ConfirmHolder = 632, "confirm_holder", Review;
    /// The server, without which nobody is let in by hand, can't be asked.
    ByHandOffline = 633, "by_hand_offline", Review;

    /// Another lane decides about the ticket.
    OtherLane = 700, "other_lane", Review;
    /// Another lane decides about the ticket, and it isn't heard.
    LaneSilent = 701, "lane_silent", Review;
    /// Another lane decided about the ticket and is lost, with what it may have recorded.
    LaneLost = 702, "lane_lost", Review;
    /// Another lane decides about the ticket and is being asked for it.
    Recalling = 703, "recalling", Review;
    /// What room is left is another lane's, which is being asked for it.
    RoomRecalling = 704, "room_recalling", Review;
    /// What room is left is another lane's.
    RoomHeld = 705, "room_held", Review;
    /// The server was restored, and what it lost of this ticket isn't known.
    ServerRestored = 706, "server_restored", Review;
    /// The gate was revoked: it decides nothing any more.
    GateRevoked = 710, "gate_revoked", Deny;
}

impl core::fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn numbers_and_names_are_unique_and_stable_under_round_trip() {
        let numbers: BTreeSet<_> = ReasonCode::ALL.iter().map(|code| code.number()).collect();
        let names: BTreeSet<_> = ReasonCode::ALL.iter().map(|code| code.name()).collect();
        assert_eq!(numbers.len(), ReasonCode::ALL.len());
        assert_eq!(names.len(), ReasonCode::ALL.len());
        for &code in ReasonCode::ALL {
            assert_eq!(ReasonCode::from_number(code.number()), Some(code));
            assert_eq!(serde_json::to_string(&code).unwrap(), format!("\"{}\"", code.name()));
        }
        assert_eq!(ReasonCode::from_number(0), None);
    }
}
