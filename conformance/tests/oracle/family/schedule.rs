//! Days, days of the week, hours and slots.

use chrono::Datelike as _;

use crate::{
    judge::{Family, Moment},
    wall::next,
};
use kaisatsu_shared::{calendar::Slot, rules::Schedule};

pub(crate) const FAMILY: Family = Family {
    name: "schedule",
    concerns: |story| {
        story.kind().is_some_and(|kind| kind.admission.schedule != Schedule::default())
    },
    allows: |moment| {
        let Some(kind) = moment.story.kind() else { return false };
        let schedule = &kind.admission.schedule;
        let starts = moment.story.bundle.rules.calendar.day_starts;
        let (date, _, day_ends) = moment.wall.day(starts, moment.at);
        let day = schedule.days.is_empty() || schedule.days.contains(&date);
        let weekday = schedule.weekdays.is_empty() || schedule.weekdays.contains(&date.weekday());
        let hours = schedule.hours.is_none_or(|hours| {
            // What comes before the day's own beginning is after midnight.
            let opening = if hours.from < starts { next(date) } else { date };
            let closing = if hours.until <= hours.from { next(opening) } else { opening };
            moment.wall.first(opening, hours.from) <= moment.at
                && moment.at < moment.wall.first(closing, hours.until).min(day_ends)
        });
        day && weekday
            && hours
            && (schedule.slots.is_empty() || !open_slots(moment, moment.at).is_empty())
    },
};

/// The type's slots in which guests may enter at this instant, by their beginning.
pub(super) fn open_slots<'a>(moment: &Moment<'a>, at: u64) -> Vec<&'a Slot> {
    let Some(kind) = moment.story.kind() else { return Vec::new() };
    let wanted = &kind.admission.schedule.slots;
    let mut open: Vec<_> = moment.story.bundle.rules.calendar.slots.iter().collect();
    open.retain(|slot| {
        let from = (u64::from(slot.from.0) - u64::from(slot.early_minutes) * 60) * 1_000;
        let until = (u64::from(slot.until.0) + u64::from(slot.late_minutes) * 60) * 1_000;
        wanted.contains(&slot.id) && from <= at && at < until
    });
    open.sort_by_key(|slot| (slot.from.0, slot.id.0));
    open
}
