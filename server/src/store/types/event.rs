//! Events, their gates and types.

use kaisatsu_shared::{
    bundle::{Gate, Policy, Rules, TicketType, Zone},
    calendar::Calendar,
    display::clock::ClockWindow,
    id::{EventId, GateId, KeyId, OrganisationId},
    reason::LocalText,
    rules::{Capacity, Filling, Interventions, Search, Unpaid},
    time::{UnixMillis, UnixSeconds},
    token::Mode,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A new event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateEvent {
    /// Whose event; organisation 1 always exists.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: LocalText,
    /// Its time zone: an IANA name such as `Asia/Tokyo`.
    pub zone: String,
    /// Who has the last word where the server can't be asked. `strict` is refused.
    pub policy: Policy,
    /// The names of its gates; they get the numbers 1, 2, 3 …
    pub gates: Vec<LocalText>,
}

/// A gate to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddGate {
    /// The event.
    pub event: EventId,
    /// The gate's name.
    pub name: LocalText,
}

/// A ticket type to add.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AddType {
    /// The event.
    pub event: EventId,
    /// Its name.
    pub name: LocalText,
    /// Admissions that one ticket allows; 0 is without limit.
    pub entries: u8,
    /// How a phone shows it: `static` or `clock`.
    pub display: Mode,
    /// Gates it may use; empty is every gate.
    #[serde(default)]
    pub gates: Vec<GateId>,
    /// The first second of its tickets' validity.
    pub valid_from: UnixSeconds,
    /// The first second after it.
    pub valid_until: UnixSeconds,
    /// Whether its tickets renew: they stay, and the ledger says how long each is valid.
    #[serde(default)]
    pub renewing: bool,
}

/// A type and the validity its tickets get.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TypeInfo {
    /// The type.
    #[serde(flatten)]
    pub ticket_type: TicketType,
    /// The first second of its tickets' validity.
    pub valid_from: UnixSeconds,
    /// The first second after it.
    pub valid_until: UnixSeconds,
}

/// A signing key of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventKeyInfo {
    /// Its number.
    pub id: KeyId,
    /// The public half, in hexadecimal.
    #[serde(with = "hex::serde")]
    #[schema(value_type = String)]
    pub public: [u8; 32],
    /// Whether tickets are signed with it now; others only verify.
    pub current: bool,
    /// When it was made.
    pub created_at: UnixMillis,
}

/// An event as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventInfo {
    /// The event.
    pub id: EventId,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Its name.
    pub name: LocalText,
    /// Its time zone.
    pub zone: String,
    /// Who has the last word where the server can't be asked.
    pub policy: Policy,
    /// Its days, its closing time and its slots.
    pub calendar: Calendar,
    /// The parts of its venue.
    pub zones: Vec<Zone>,
    /// How many persons fit into the venue; absent is any number.
    pub capacity: Option<Capacity>,
    /// What an unpaid ticket gets.
    pub unpaid: Unpaid,
    /// What staff may do against the rules' answer.
    pub interventions: Interventions,
    /// What staff at its gates may look up; nothing if absent.
    pub search: Option<Search>,
    /// Its gates.
    pub gates: Vec<Gate>,
    /// Its types.
    pub types: Vec<TypeInfo>,
    /// Its signing keys.
    pub keys: Vec<EventKeyInfo>,
    /// When it was made.
    pub created_at: UnixMillis,
}

impl EventInfo {
    /// The event's rules, as its gates get them.
    #[must_use]
    pub fn rules(&self) -> Rules {
        Rules {
            policy: self.policy,
            clock_window: ClockWindow::default(),
            types: self.types.iter().map(|info| info.ticket_type.clone()).collect(),
            gates: self.gates.clone(),
            zone: self.zone.clone(),
            calendar: self.calendar.clone(),
            zones: self.zones.clone(),
            capacity: self.capacity,
            unpaid: self.unpaid,
            interventions: self.interventions,
            search: self.search,
        }
    }
}

/// What happened at an event so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EventStats {
    /// Tickets issued.
    pub issued: u32,
    /// Tickets voided.
    pub voided: u32,
    /// Tickets that somebody entered on.
    pub used: u32,
    /// Persons who entered.
    pub entered: u64,
    /// Persons inside: who came in or is being admitted, and hasn't left since the last closing.
    pub inside: u32,
    /// How full each place with a capacity is.
    pub capacities: Vec<Filling>,
    /// Claims granted and not confirmed.
    pub being_admitted: u32,
    /// Tickets with a conflict.
    pub conflicts: u32,
    /// Journal entries that devices are known to have written, and nobody delivered.
    pub undelivered: u64,
    /// The same of devices that were written off: these are lost.
    pub lost: u64,
    /// The number of the ledger's last entry.
    pub head: u64,
}
