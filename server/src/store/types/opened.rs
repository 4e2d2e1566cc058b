//! A ticket as its holder's page gets it.

use kaisatsu_shared::{
    id::{EventId, InstallationId, Serial},
    reason::LocalText,
    time::{UnixMillis, UnixSeconds},
    token::Mode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::TicketStatus;

/// A ticket as whoever has its link sees it: without its holder's name, because links are passed on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedTicket {
    /// The server's clock, by which a page corrects the phone's.
    pub server_time: UnixMillis,
    /// The installation, which is part of all that is hashed.
    #[schema(value_type = String)]
    pub installation: InstallationId,
    /// The event.
    pub event: OpenedEvent,
    /// The type's name.
    pub ticket_type: LocalText,
    /// The ticket's number.
    pub serial: Serial,
    /// The first second of its validity; of a type that renews, as it stands now.
    pub valid_from: UnixSeconds,
    /// The first second after it.
    pub valid_until: UnixSeconds,
    /// How a phone shows it.
    pub display: Mode,
    /// How it stands.
    pub standing: Standing,
    /// When somebody entered on it last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entered_at: Option<UnixMillis>,
    /// The lane that its holder should go to, where one alone decides about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<LocalText>,
    /// The code of a clock display's last step, from which the page computes the others; the code itself where it never
    /// changes; none where it admits nobody. It admits: never log it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

/// The event of an opened ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenedEvent {
    /// Its number.
    pub id: EventId,
    /// Its name.
    pub name: LocalText,
    /// Its time zone.
    pub zone: String,
}

/// How a ticket stands, as its holder is told: what to do, not what staff found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody entered on it.
    Unused,
    /// Somebody entered on it, and may again.
    Entered,
    /// It allows no more.
    Used,
    /// Staff at the gate must look at it.
    AskStaff,
    /// It isn't paid.
    Unpaid,
    /// It was voided.
    Voided,
    /// It was issued anew: a newer link opens it.
    Reissued,
}

impl From<TicketStatus> for Standing {
    fn from(status: TicketStatus) -> Self {
        match status {
            TicketStatus::Unused | TicketStatus::BeingAdmitted => Self::Unused,
            TicketStatus::PartlyUsed => Self::Entered,
            TicketStatus::Used | TicketStatus::Conflict => Self::Used,
            TicketStatus::Interrupted | TicketStatus::Blocked => Self::AskStaff,
            TicketStatus::Unpaid => Self::Unpaid,
            TicketStatus::Voided => Self::Voided,
        }
    }
}

impl core::fmt::Debug for OpenedTicket {
    // Without the code.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "OpenedTicket({}, {:?})", self.serial, self.standing)
    }
}
