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
    Facts, Look, Refusal, Terms,
    instant::{FOREVER, Span},
    trail::{Watch, heard},
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
pub(super) fn judge_schedule(terms: &Terms<'_>, at: UnixMillis, watch: &mut impl Watch) -> Span {
    judge_days(terms, at, watch)
        .and(|| judge_hours(terms, at, watch))
        .and(|| judge_slots(terms, at, watch))
}

fn judge_days(terms: &Terms<'_>, at: UnixMillis, watch: &mut impl Watch) -> Span {
    let Schedule { days, weekdays, .. } = &terms.admission.schedule;
    let span = if days.is_empty() && weekdays.is_empty() {
        Span::free(FOREVER)
    } else {
        let day = terms.day(at);
        let admits = (days.is_empty() || days.contains(&day.date))
            && (weekdays.is_empty() || weekdays.contains(&day.date.weekday()));
        if admits {
            Span::free(day.ends)
        } else {
            Span::refused(Refusal::of(ReasonCode::WrongDay), day.ends)
        }
    };
    let today = || terms.day(at).date;
    let look = || Look::Days { today: today(), days: days.clone(), weekdays: weekdays.clone() };
    heard(watch, at, look, span)
}

fn judge_hours(terms: &Terms<'_>, at: UnixMillis, watch: &mut impl Watch) -> Span {
    let Some(hours) = terms.admission.schedule.hours else {
        let look = || Look::Hours { opens: None, closes: None };
        return heard(watch, at, look, Span::free(FOREVER));
    };
    let day = terms.day(at);
    let (opens, closes) = open_in(terms, hours, &day);
    let facts = Facts { opens: Some(opens), closes: Some(closes), ..Facts::default() };
    let refused = |until| Span::refused(Refusal { code: ReasonCode::OutsideHours, facts }, until);
    let span = if at < opens {
        refused(opens.min(day.ends))
    } else if at < closes {
        Span::free(closes)
    } else {
        refused(day.ends)
    };
    let look = || Look::Hours { opens: Some(opens), closes: Some(closes) };
    heard(watch, at, look, span)
}

/// The instants between which the hours of a day lie.
fn open_in(terms: &Terms<'_>, hours: Hours, day: &Day) -> (UnixMillis, UnixMillis) {
    // A time before the day's own beginning belongs to its end, after midnight.
    let starts = terms.rules.calendar.day_starts;
    let early = if hours.from < starts { after(day.date) } else { day.date };
    let late = if hours.until <= hours.from { after(early) } else { early };
    let opens = terms.zone.instant(early.and_time(hours.from));
    let closes = terms.zone.instant(late.and_time(hours.until)).min(day.ends);
    (opens, closes)
}

fn judge_slots(terms: &Terms<'_>, at: UnixMillis, watch: &mut impl Watch) -> Span {
    let look = || Look::Slots { slots: terms.slots().map(Into::into).collect() };
    heard(watch, at, look, slots_at(terms, at))
}

fn slots_at(terms: &Terms<'_>, at: UnixMillis) -> Span {
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
