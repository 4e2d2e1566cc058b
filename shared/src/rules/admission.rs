//! How a ticket type admits, as the organiser sets it.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::{Policy, Rules, TicketType},
    id::{SlotId, TypeId, ZoneId},
};

use super::{Check, Limits, Presence, Reentry, Schedule};

/// When, where and how often a ticket type admits. The default restricts nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Admission {
    /// Days, hours and slots.
    #[serde(skip_serializing_if = "is_default")]
    pub schedule: Schedule,
    /// Zones its gates may lead into; empty is every zone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<ZoneId>,
    /// Who left and comes back.
    #[serde(skip_serializing_if = "is_default")]
    pub presence: Presence,
    /// Entries by day and by slot.
    #[serde(skip_serializing_if = "is_default")]
    pub limits: Limits,
    /// Whether its entries are those of a group that may come in parts: staff say how many enter.
    #[serde(skip_serializing_if = "is_default")]
    pub group: bool,
    /// What staff look at or ask with each entry.
    #[serde(skip_serializing_if = "is_default")]
    pub check: Check,
    /// Who has the last word on its tickets; absent is as the event has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Policy>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Why a type's rules can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// A slot that the event doesn't have.
    #[error("there is no slot {0}; add it to the calendar first")]
    SlotUnknown(SlotId),
    /// A zone that the event doesn't have.
    #[error("there is no zone {0}; add it first")]
    ZoneUnknown(ZoneId),
    /// Two slots or zones with one number.
    #[error("the number {0} is given twice")]
    NumberTwice(u16),
    /// A slot that ends before it begins.
    #[error("slot {0} ends before it begins")]
    SlotEmpty(SlotId),
    /// Opening hours that open and close at the same time.
    #[error("the hours open and close at the same time; leave them out to admit all day")]
    HoursEmpty,
    /// A limit for each slot where there are none.
    #[error("a limit by slot needs slots; name the slots in which the type admits")]
    LimitWithoutSlots,
    /// A question that can't be answered by a digit.
    #[error("a question needs two to nine answers, one of which admits")]
    Choices,
    /// A group without a number of persons.
    #[error("type {0} is for groups: set its entries to the persons of a group")]
    GroupWithoutSize(TypeId),
}

impl Admission {
    /// Whether it restricts nothing.
    #[must_use]
    pub fn is_free(&self) -> bool {
        *self == Self::default()
    }

    /// Admissions altogether on a ticket that allows `entries`; 0 where there is no limit, or where
    /// coming back doesn't count.
    #[must_use]
    pub const fn total(&self, entries: u8) -> u8 {
        match self.presence.reentry {
            Reentry::Counts => entries,
            Reentry::AfterExit => 0,
        }
    }

    /// Checks it against the event's calendar and zones.
    ///
    /// # Errors
    /// The first [`RuleError`].
    pub fn check(&self, rules: &Rules) -> Result<(), RuleError> {
        for slot in &self.schedule.slots {
            rules.calendar.slot(*slot).ok_or(RuleError::SlotUnknown(*slot))?;
        }
        for zone in &self.zones {
            rules.zone(*zone).ok_or(RuleError::ZoneUnknown(*zone))?;
        }
        if self.schedule.hours.is_some_and(|hours| hours.from == hours.until) {
            return Err(RuleError::HoursEmpty);
        }
        if self.limits.per_slot > 0 && self.schedule.slots.is_empty() {
            return Err(RuleError::LimitWithoutSlots);
        }
        if let Some(question) = &self.check.question
            && (!(2..=9).contains(&question.choices.len())
                || question.choices.iter().all(|choice| !choice.admits))
        {
            return Err(RuleError::Choices);
        }
        Ok(())
    }
}

impl Rules {
    /// Checks that the rules fit each other: calendar, zones, gates and types.
    ///
    /// # Errors
    /// The first [`RuleError`].
    pub fn check(&self) -> Result<(), RuleError> {
        let slots = &self.calendar.slots;
        unique(slots.iter().map(|slot| slot.id.0))?;
        unique(self.zones.iter().map(|zone| zone.id.0))?;
        if let Some(slot) = slots.iter().find(|slot| slot.from >= slot.until) {
            return Err(RuleError::SlotEmpty(slot.id));
        }
        for zone in self.gates.iter().filter_map(|gate| gate.into) {
            self.zone(zone).ok_or(RuleError::ZoneUnknown(zone))?;
        }
        let endless = |found: &&TicketType| found.admission.group && found.entries == 0;
        if let Some(found) = self.types.iter().find(endless) {
            return Err(RuleError::GroupWithoutSize(found.id));
        }
        self.types.iter().try_for_each(|ticket_type| ticket_type.admission.check(self))
    }
}

fn unique(numbers: impl Iterator<Item = u16>) -> Result<(), RuleError> {
    let mut seen = std::collections::BTreeSet::new();
    for number in numbers {
        if !seen.insert(number) {
            return Err(RuleError::NumberTwice(number));
        }
    }
    Ok(())
}
