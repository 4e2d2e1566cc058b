//! Issuing, showing and withdrawing tickets.

use kaisatsu_shared::{
    id::{EventId, Generation, KeyId, OperatorId, Serial, TypeId},
    ledger::{BlockReason, LastUse, Right, VoidReason},
    right::UseKind,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Mode,
    validity::Validity,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Holder, TicketLane};

/// Names an issue job, so that doing it again after a crash goes on and issues nothing twice.
/// Best a hash of what is to be issued, such as the CSV file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct JobId(#[serde(with = "hex::serde")] pub [u8; 32]);

/// One ticket to issue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTicket {
    /// Its holder, if it has a name.
    #[serde(default)]
    pub holder: Option<Holder>,
    /// Its validity, where it isn't the type's.
    #[serde(default)]
    pub validity: Option<Validity>,
    /// Whether it still has to be paid; the event's rules say what it gets at a gate until then.
    #[serde(default)]
    pub unpaid: bool,
}

/// The next rows of an issue job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssueChunk {
    /// The event.
    pub event: EventId,
    /// The type.
    pub ticket_type: TypeId,
    /// The job.
    pub job: JobId,
    /// The number of the first row within the job, from 0.
    pub first_row: u64,
    /// Between 1 and 1,024 rows.
    pub rows: Vec<NewTicket>,
}

/// The tickets of one chunk: consecutive serials, in the order of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IssuedChunk {
    /// The first serial.
    pub first: Serial,
    /// How many tickets.
    pub count: u32,
    /// Whether this chunk had been issued before; nothing was issued now then.
    pub repeated: bool,
}

/// What a job issued in one chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobChunk {
    /// The number of its first row within the job.
    pub first_row: u64,
    /// The serial of that row's ticket.
    pub first: Serial,
    /// How many rows.
    pub count: u32,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JobProgress {
    /// How many rows were issued; the next chunk begins here.
    pub rows: u64,
    /// The chunks, in order.
    pub chunks: Vec<JobChunk>,
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TicketStatus {
    /// Nobody entered on it.
    Unused,
    /// A gate is admitting somebody on it at this moment.
    BeingAdmitted,
    /// Somebody entered on it, and may again.
    PartlyUsed,
    /// It allows no more.
    Used,
    /// An admission was interrupted; staff must say what happened.
    Interrupted,
    /// It was used more than it allows.
    Conflict,
    /// It is blocked.
    Blocked,
    /// It isn't paid.
    Unpaid,
    /// It was voided.
    Voided,
}

/// What a ticket is marked as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketMark {
    /// Nobody enters on it for the time being.
    Blocked(BlockReason),
    /// It admits again.
    Unblocked,
    /// It is paid.
    Paid,
    /// It still has to be paid.
    Unpaid,
}

/// A ticket as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketInfo {
    /// The event.
    pub event: EventId,
    /// Its number.
    pub serial: Serial,
    /// Its type.
    pub ticket_type: TypeId,
    /// Its newest generation.
    pub generation: Generation,
    /// Its validity; of a type that renews, as it stands now.
    pub validity: Validity,
    /// Admissions it allows; 0 is without limit.
    pub entries: u8,
    /// How a phone shows it.
    pub display: Mode,
    /// Where it stands.
    pub status: TicketStatus,
    /// Persons who entered on it.
    pub entered: u32,
    /// The newest entry on it.
    pub last_use: Option<LastUse>,
    /// Why it was voided, if it was.
    pub voided: Option<VoidReason>,
    /// Why it is blocked, if it is.
    pub blocked: Option<BlockReason>,
    /// Whether it still has to be paid.
    pub unpaid: bool,
    /// The lane that alone decides about it, where one does.
    pub lane: Option<TicketLane>,
    /// When its newest generation was issued.
    pub issued_at: UnixMillis,
    /// What the ledger says of it, oldest first.
    pub history: Vec<HistoryRow>,
}

/// A ledger entry about a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryRow {
    /// The ledger entry's number.
    pub sequence: u64,
    /// When the server recorded it.
    pub at: TimeInterval,
    /// What it says, such as `redeemed`.
    pub kind: String,
    /// The use that it is about, where it is about one.
    pub used: Option<LastUse>,
    /// The validity that it gives the ticket, where it does.
    pub validity: Option<Validity>,
    /// Whether it says that the ticket is paid, or that it isn't, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<bool>,
    /// Who let the guest in by hand, where they showed no code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<OperatorId>,
}

/// A void's outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Voiding {
    /// Why the ticket is void: the first reason given.
    pub reason: VoidReason,
    /// Whether it had been voided before; nothing was recorded now then.
    pub repeated: bool,
}

/// What a phone or a sheet of paper shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketShown {
    /// The ticket.
    pub serial: Serial,
    /// Its generation.
    pub generation: Generation,
    /// The text of the QR code. It admits: never log it.
    pub text: String,
    /// The key that signed it.
    pub key: KeyId,
    /// Its validity; of a type that renews, as it stands now.
    pub validity: Validity,
    /// The clock's part, where it has one.
    pub clock: Option<ClockShown>,
    /// The lane that it shows, where one alone decides about it.
    pub lane: Option<TicketLane>,
}

/// A ticket as it is printed or listed: with its holder, so it is for the organiser only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedTicket {
    /// Its number.
    pub serial: Serial,
    /// Its type.
    pub ticket_type: TypeId,
    /// Its holder, if it has a name.
    pub holder: Option<Holder>,
    /// Its code; none if the code changes.
    pub shown: Option<TicketShown>,
}

/// A clock display's position in its chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClockShown {
    /// When the chain's step 0 begins.
    pub start: UnixSeconds,
    /// The chain's last step.
    pub steps: u16,
    /// The step shown.
    pub step: u16,
}

impl TicketStatus {
    /// Where a ticket that allows `entries` admissions altogether (0 is without limit) stands.
    #[must_use]
    pub fn of(right: &Right, entries: u8) -> Self {
        let entered = right.entered();
        if right.voided.is_some() {
            Self::Voided
        } else if right.blocked.is_some() {
            Self::Blocked
        } else if !right.conflict.is_empty() {
            Self::Conflict
        } else if !right.interrupted.is_empty() {
            Self::Interrupted
        } else if right.grants.iter().any(|grant| grant.used.kind == UseKind::Entry) {
            Self::BeingAdmitted
        } else if right.unpaid {
            Self::Unpaid
        } else if entered == 0 {
            Self::Unused
        } else if entries > 0 && entered >= u32::from(entries) {
            Self::Used
        } else {
            Self::PartlyUsed
        }
    }
}
