//! The rules of an event: who may enter where and when, as data.

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Calendar, TimeZone, UnknownZone},
    display::clock::ClockWindow,
    id::{GateId, InstallationId, OperatorId, TypeId, ZoneId},
    operator::{Operator, Role, role_of},
    place::Place,
    reason::LocalText,
    rules::{Admission, Beyond, Capacity, Interventions, Search, Terms, Unpaid},
    token::{Body, Fingerprint, Mode},
};

/// Who has the last word where the server can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// A cut-off gate admits what it doesn't know as used; doubles are found afterwards.
    Available,
    /// Nothing is admitted without the server.
    OnlineOnly,
    /// A cut-off gate admits only rights that were leased to it.
    Strict,
}

/// A class of ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct TicketType {
    /// Its number within the event.
    pub id: TypeId,
    /// Its name.
    pub name: LocalText,
    /// Admissions that one ticket allows; 0 is without limit.
    pub entries: u8,
    /// How a phone shows it.
    pub display: Mode,
    /// Gates it may use; empty is every gate.
    pub gates: Vec<GateId>,
    /// Whether its tickets renew: the ledger says how long each is valid, not its signature.
    #[serde(default, skip_serializing_if = "is_default")]
    pub renewing: bool,
    /// When, where and how often it admits.
    #[serde(default, skip_serializing_if = "Admission::is_free")]
    pub admission: Admission,
}

impl TicketType {
    /// The fingerprint of a ticket of this type in the roster.
    #[must_use]
    pub fn fingerprint(&self, installation: InstallationId, body: &Body) -> Fingerprint {
        body.fingerprint(installation, self.renewing)
    }
}

/// A part of the venue that gates lead into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Zone {
    /// Its number within the event.
    pub id: ZoneId,
    /// Its name.
    pub name: LocalText,
    /// How many persons fit into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
}

/// A physical entrance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Its number within the event.
    pub id: GateId,
    /// Its name.
    pub name: LocalText,
    /// The zone it leads into, where the venue is divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub into: Option<ZoneId>,
}

/// The rules of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Who has the last word.
    pub policy: Policy,
    /// How far a clock display may be off.
    pub clock_window: ClockWindow,
    /// The classes of ticket.
    pub types: Vec<TicketType>,
    /// The entrances.
    pub gates: Vec<Gate>,
    /// The event's time zone: an IANA name such as `Asia/Tokyo`.
    pub zone: String,
    /// Its days, its closing time and its slots.
    #[serde(default)]
    pub calendar: Calendar,
    /// The parts of the venue; none where it isn't divided.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// How many persons fit into the venue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// What an unpaid ticket gets.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unpaid: Unpaid,
    /// What staff may do against the rules' answer.
    #[serde(default, skip_serializing_if = "is_default")]
    pub interventions: Interventions,
    /// What staff at its gates may look up; nothing if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub search: Option<Search>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Rules {
    /// The type with this number.
    #[must_use]
    pub fn ticket_type(&self, id: TypeId) -> Option<&TicketType> {
        self.types.iter().find(|ticket_type| ticket_type.id == id)
    }

    /// The gate with this number.
    #[must_use]
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.gates.iter().find(|gate| gate.id == id)
    }

    /// Whether persons inside are counted against a capacity.
    #[must_use]
    pub fn has_capacity(&self) -> bool {
        self.capacity.is_some()
            || self.zones.iter().any(|zone| zone.capacity.is_some())
            || self.calendar.slots.iter().any(|slot| slot.capacity.is_some())
    }

    /// The places of hard capacity, and how many persons each holds.
    pub fn hard_capacities(&self) -> impl Iterator<Item = (Place, u32)> {
        let zones = self.zones.iter().map(|zone| (Place::Zone(zone.id), zone.capacity));
        let slots = self.calendar.slots.iter().map(|slot| (Place::Slot(slot.id), slot.capacity));
        let all = core::iter::once((Place::Venue, self.capacity)).chain(zones).chain(slots);
        all.filter_map(|(place, capacity)| {
            let hard = capacity.filter(|capacity| capacity.beyond == Beyond::Deny)?;
            Some((place, hard.persons.get()))
        })
    }

    /// The zone with this number.
    #[must_use]
    pub fn zone(&self, id: ZoneId) -> Option<&Zone> {
        self.zones.iter().find(|zone| zone.id == id)
    }
}

/// An event's rules with its time zone and its operators at hand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRules {
    rules: Rules,
    zone: TimeZone,
    operators: Vec<Operator>,
}

impl EventRules {
    /// Makes rules ready for judging.
    ///
    /// # Errors
    /// [`UnknownZone`] if the event's time zone isn't known here.
    pub fn new(rules: Rules, operators: Vec<Operator>) -> Result<Self, UnknownZone> {
        let zone = TimeZone::named(&rules.zone)?;
        Ok(Self { rules, zone, operators })
    }

    /// The rules.
    #[must_use]
    pub const fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The event's time zone.
    #[must_use]
    pub const fn zone(&self) -> TimeZone {
        self.zone
    }

    /// What staff may do against the rules' answer.
    #[must_use]
    pub const fn interventions(&self) -> Interventions {
        self.rules.interventions
    }

    /// What an operator may do; nothing where they aren't listed.
    #[must_use]
    pub fn role(&self, operator: OperatorId) -> Option<Role> {
        role_of(&self.operators, operator)
    }

    /// What a ticket of `ticket_type` that allows `entries` admissions is judged by.
    #[must_use]
    pub fn terms(&self, ticket_type: TypeId, entries: u8) -> Terms<'_> {
        Terms::of(&self.rules, self.zone, ticket_type, entries)
    }
}
