//! Days, weekdays, opening hours and slots.

use chrono::{Datelike as _, NaiveDate, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::{
    calendar::{Day, Slot, after},
    id::SlotId,
    reason::ReasonCode,
    time::UnixMillis,
};

use super::{
    Facts, Refusal, Terms,
    instant::{FOREVER, Span},
};

/// When a ticket type admits. The default is always.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Schedule {
    /// Days of the event, such as `2026-11-22`; empty is every day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub days: Vec<NaiveDate>,
    /// Days of the week, such as `Mon`; empty is every day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub weekdays: Vec<Weekday>,
    /// Hours of each day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
    /// Slots or sessions; empty is none in particular.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub slots: Vec<SlotId>,
}

/// Hours of a day; they may end after midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The time they begin at, such as `17:30:00`.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub from: NaiveTime,
    /// The first time after them.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub until: NaiveTime,
}

/// Whether the type admits at this instant.
pub(super) fn judge_schedule(terms: &Terms<'_>, at: UnixMillis) -> Span {
    let schedule = &terms.admission.schedule;
    let slots = || judge_slots(terms, at);
    if schedule.days.is_empty() && schedule.weekdays.is_empty() && schedule.hours.is_none() {
        return slots();
    }
    let day = terms.day(at);
    let admits = (schedule.days.is_empty() || schedule.days.contains(&day.date))
        && (schedule.weekdays.is_empty() || schedule.weekdays.contains(&day.date.weekday()));
    if !admits {
        return Span::refused(Refusal::of(ReasonCode::WrongDay), day.ends);
    }
    let hours = match schedule.hours {
        Some(hours) => judge_hours(terms, hours, &day, at),
        None => Span::free(day.ends),
    };
    hours.and(slots)
}

fn judge_hours(terms: &Terms<'_>, hours: Hours, day: &Day, at: UnixMillis) -> Span {
    // A time before the day's own beginning belongs to its end, after midnight.
    let starts = terms.calendar.day_starts;
    let early = if hours.from < starts { after(day.date) } else { day.date };
    let late = if hours.until <= hours.from { after(early) } else { early };
    let opens = terms.zone.instant(early.and_time(hours.from));
    let closes = terms.zone.instant(late.and_time(hours.until)).min(day.ends);
    let facts = Facts { opens: Some(opens), closes: Some(closes), ..Facts::default() };
    let refused = |until| Span::refused(Refusal { code: ReasonCode::OutsideHours, facts }, until);
    if at < opens {
        refused(opens.min(day.ends))
    } else if at < closes {
        Span::free(closes)
    } else {
        refused(day.ends)
    }
}

fn judge_slots(terms: &Terms<'_>, at: UnixMillis) -> Span {
    if terms.admission.schedule.slots.is_empty() {
        return Span::free(FOREVER);
    }
    let change = terms
        .slots()
        .flat_map(|slot| [slot.opens(), slot.closes()])
        .filter(|change| *change > at)
        .min()
        .unwrap_or(FOREVER);
    if terms.slots().any(|slot| slot.is_open(at)) {
        return Span::free(change);
    }
    let next = terms.slots().filter(|slot| slot.opens() > at).min_by_key(|slot| slot.opens());
    let (code, slot) = match next {
        Some(next) => (ReasonCode::SlotNotOpen, Some(next)),
        None => (ReasonCode::SlotOver, terms.slots().max_by_key(|slot| slot.closes())),
    };
    let facts = Facts {
        slot: slot.map(|slot| slot.id),
        opens: slot.map(Slot::opens),
        closes: slot.map(Slot::closes),
        ..Facts::default()
    };
    Span::refused(Refusal { code, facts }, change)
}
