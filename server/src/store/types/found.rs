//! Tickets that an organiser looked up, with where they stand in words.

use kaisatsu_shared::{
    id::{Serial, TypeId},
    reason::{Language, LocalText},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{TicketLane, TicketStatus};

/// Most tickets that one search of an organiser gives.
pub const MAX_FOUND: usize = 50;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundTickets {
    /// At most [`MAX_FOUND`] tickets, by their numbers.
    pub tickets: Vec<FoundTicket>,
    /// Whether there are more: look for more of the name.
    pub more: bool,
}

/// A ticket that was found.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FoundTicket {
    /// Its number.
    pub serial: Serial,
    /// Its type.
    pub ticket_type: TypeId,
    /// Its holder's name, if it has one.
    pub name: Option<String>,
    /// The name's reading, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kana: Option<String>,
    /// Where it stands.
    pub status: TicketStatus,
    /// The same in words.
    pub text: LocalText,
    /// Persons who entered on it.
    pub entered: u32,
    /// The lane that alone decides about it, where one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lane: Option<TicketLane>,
}

/// A name stands in no log.
impl core::fmt::Debug for FoundTicket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("FoundTicket")
            .field("serial", &self.serial)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl TicketStatus {
    /// Where the ticket stands, as organisers read it.
    #[must_use]
    pub const fn words(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Unused => ("未使用", "not used"),
            Self::BeingAdmitted => ("入場処理中", "being admitted now"),
            Self::PartlyUsed => ("一部使用済み", "used, admits again"),
            Self::Used => ("使用済み", "used"),
            Self::Interrupted => ("入場が中断、要確認", "an admission was interrupted"),
            Self::Conflict => ("重複使用", "used more than it allows"),
            Self::Blocked => ("停止中", "blocked"),
            Self::Unpaid => ("未払い", "not paid"),
            Self::Voided => ("失効", "void"),
        };
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}
