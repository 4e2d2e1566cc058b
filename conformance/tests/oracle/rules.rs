//! An event's drawn calendar and a ticket type's drawn rules: mostly such that somebody may enter.

use core::num::NonZeroU32;

use chrono::{Days, NaiveTime, Weekday};
use kaisatsu_shared::{
    bundle::Rules,
    calendar::{Calendar, Slot},
    id::{SlotId, ZoneId},
    rules::{
        Admission, Beyond, Capacity, Check, Choice, Hours, Limits, Presence, Question, Reentry,
        Schedule,
    },
    time::UnixSeconds,
};

use crate::{draw::Draw, wall::Wall, world};

fn time(draw: &mut Draw) -> NaiveTime {
    let hour = *draw.pick(&[0, 1, 1, 2, 2, 3, 5, 9, 12, 17, 20, 23]);
    NaiveTime::from_hms_opt(hour, *draw.pick(&[0, 15, 30, 59]), 0).unwrap()
}

pub(crate) fn calendar(draw: &mut Draw, near: i64) -> Calendar {
    let day_starts = if draw.chance(50) { time(draw) } else { NaiveTime::MIN };
    let closing = draw.chance(60).then(|| time(draw));
    let slots = (1..=3).map(|id| {
        let from = near.div_euclid(60_000) * 60 + draw.between(-120, 60) * 60;
        let until = from + draw.between(1, 180) * 60;
        let seconds = |at: i64| UnixSeconds(u32::try_from(at).unwrap());
        let tolerance = |draw: &mut Draw| *draw.pick(&[0, 0, 10, 45]);
        Slot {
            id: SlotId(id),
            name: world::text(),
            from: seconds(from),
            until: seconds(until),
            early_minutes: tolerance(draw),
            late_minutes: tolerance(draw),
            capacity: None,
        }
    });
    let slots = slots.collect();
    Calendar { day_starts, closing, slots }
}

/// How many fit, where that matters: near how many are inside.
pub(crate) fn capacities(draw: &mut Draw, rules: &mut Rules) {
    let few = |draw: &mut Draw| Capacity {
        persons: NonZeroU32::new(*draw.pick(&[1, 2, 2, 3, 4, 6])).unwrap(),
        beyond: if draw.chance(20) { Beyond::Warn } else { Beyond::Deny },
    };
    if draw.chance(30) {
        rules.capacity = Some(few(draw));
    }
    for zone in &mut rules.zones {
        zone.capacity = draw.chance(15).then(|| few(draw));
    }
    for slot in &mut rules.calendar.slots {
        slot.capacity = draw.chance(60).then(|| few(draw));
    }
}

pub(crate) fn admission(draw: &mut Draw, calendar: &Calendar, wall: &Wall, near: i64) -> Admission {
    let today = wall.day(calendar.day_starts, u64::try_from(near).unwrap()).0;
    let weekdays = [
        Weekday::Mon,
        Weekday::Tue,
        Weekday::Wed,
        Weekday::Thu,
        Weekday::Fri,
        Weekday::Sat,
        Weekday::Sun,
    ];
    let others = |draw: &mut Draw| today.checked_add_days(Days::new(draw.below(2))).unwrap();
    let mut schedule = Schedule::default();
    if draw.chance(15) {
        schedule.days = vec![today, others(draw)];
    }
    if draw.chance(12) {
        schedule.weekdays = weekdays.into_iter().filter(|_| draw.chance(75)).collect();
    }
    if draw.chance(18) {
        let (from, until) = (time(draw), time(draw));
        schedule.hours = (from != until).then_some(Hours { from, until });
    }
    if draw.chance(26) {
        schedule.slots = calendar.slots.iter().map(|slot| slot.id).collect();
    }
    let slots = !schedule.slots.is_empty();
    let limits = Limits {
        per_day: if draw.chance(28) { *draw.pick(&[1, 2, 3, 4]) } else { 0 },
        per_slot: if slots && draw.chance(80) { *draw.pick(&[1, 2, 3]) } else { 0 },
    };
    let presence = Presence {
        reentry: if draw.chance(30) { Reentry::AfterExit } else { Reentry::Counts },
        exit_first: draw.chance(12),
        passback_minutes: if draw.chance(25) { *draw.pick(&[1, 10, 60]) } else { 0 },
    };
    let zones = if draw.chance(20) { vec![ZoneId(*draw.pick(&[1, 1, 2]))] } else { Vec::new() };
    let choice = |admits| Choice { name: world::text(), admits };
    let check = Check {
        photo: draw.chance(8),
        name: draw.chance(5),
        age: draw.chance(8).then_some(18),
        question: draw.chance(10).then(|| Question {
            text: world::text(),
            choices: vec![choice(true), choice(false), choice(true)],
        }),
    };
    Admission { schedule, zones, presence, limits, group: draw.chance(18), check, policy: None }
}
