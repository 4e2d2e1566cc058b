//! What must hold, at every step and after healing.

mod conflicts;
mod denied;
mod doubles;
mod given_up;
mod healed;
mod tails;

pub use denied::{Denied, rightly_denied};
pub use healed::{Counts, check_healed};

/// Something that must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// Green only after its entry is durable.
    GreenAfterRecord,
    /// No light without a guest who waits for one.
    NoLightByItself,
    /// A bad code is never let in and never changes the link's state.
    BadCodesDoNothing,
    /// While no gate has decided alone on a ticket, no more is granted than it allows.
    OnlineOnce,
    /// With the policy `strict` nobody is let in twice, whatever breaks.
    StrictOnce,
    /// With the policy `strict` no more are inside than there is room for, whatever breaks.
    RoomIsKept,
    /// Under a key that was given up nothing is granted.
    GivenUpStaysSo,
    /// A key means one claim.
    KeysMeanOneClaim,
    /// A journal and a followed ledger have no holes.
    JournalsHaveNoHoles,
    /// What a gate keeps is enough to start again.
    GatesRestart,
    /// What the server keeps is enough to start again.
    ServerRestarts,
    /// The true time lies in what a gate takes for it.
    TimeIsTrue,
    /// What is certainly past stays so.
    FloorRises,
    /// Nobody is stranded at a gate that works.
    NobodyStranded,
    /// After healing, every light's entry is in the ledger.
    NothingLost,
    /// After healing, every double admission is a conflict that names its uses.
    DoublesAreFound,
    /// A conflict says that more was recorded than the ticket allows.
    ConflictsAreTrue,
    /// After healing, all who follow have the server's state.
    FollowersAgree,
    /// After healing, everything was delivered and nothing is under way.
    ComesToRest,
    /// After healing, every grant was used or given up.
    GrantsAreSettled,
    /// A journal that was written twice is told.
    ForksAreTold,
    /// A server that was rolled back is named, where a gate can prove it.
    RollbacksAreNamed,
    /// A gate changes over to another line of the ledger only if its epoch is higher.
    EpochsRise,
    /// After a restore no serial is given again that was sold.
    SerialsGivenOnce,
    /// What the hub grants and received, and what it heard was given up, is durable before it says so.
    HubWritesFirst,
    /// What a lane gives to the hub is durable before the hub hears of it.
    GivenAfterRecord,
    /// What a gate takes for delivered, the server has.
    AcknowledgedIsThere,
    /// A revoked gate decides about nobody once it has learnt so, and deletes its journal in the end.
    RevokedIsOver,
    /// Entries that are known to be missing are named, and no others.
    TailsAreNamed,
}

impl Check {
    /// Its name in stories.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GreenAfterRecord => "green after its record",
            Self::NoLightByItself => "no light by itself",
            Self::BadCodesDoNothing => "bad codes do nothing",
            Self::OnlineOnce => "online, once",
            Self::StrictOnce => "strict, once",
            Self::RoomIsKept => "room is kept",
            Self::GivenUpStaysSo => "given up stays so",
            Self::KeysMeanOneClaim => "a key means one claim",
            Self::JournalsHaveNoHoles => "journals have no holes",
            Self::GatesRestart => "gates restart",
            Self::ServerRestarts => "the server restarts",
            Self::TimeIsTrue => "the time is true",
            Self::FloorRises => "the floor rises",
            Self::NobodyStranded => "nobody is stranded",
            Self::NothingLost => "nothing is lost",
            Self::DoublesAreFound => "doubles are found",
            Self::ConflictsAreTrue => "conflicts are true",
            Self::FollowersAgree => "followers agree",
            Self::ComesToRest => "everything comes to rest",
            Self::GrantsAreSettled => "grants are settled",
            Self::ForksAreTold => "forks are told",
            Self::RollbacksAreNamed => "rollbacks are named",
            Self::EpochsRise => "epochs rise",
            Self::SerialsGivenOnce => "serials are given once",
            Self::HubWritesFirst => "the hub writes first",
            Self::GivenAfterRecord => "given after its record",
            Self::AcknowledgedIsThere => "acknowledged is there",
            Self::RevokedIsOver => "revoked is over",
            Self::TailsAreNamed => "lost tails are named",
        }
    }
}

/// What was found wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What doesn't hold.
    pub check: Check,
    /// In which way.
    pub what: String,
}
