//! Entries a day and a slot. An entry counts in the first slot that was open and had room; where
//! none had room it fills the first.

use std::collections::BTreeMap;

use kaisatsu_shared::{right::UseKind, rules::Limits};

use super::schedule::open_slots;
use crate::judge::{Family, Moment};

pub(crate) const FAMILY: Family = Family {
    name: "limits",
    concerns: |story| story.kind().is_some_and(|kind| kind.admission.limits != Limits::default()),
    allows: |moment| {
        let Some(kind) = moment.story.kind() else { return false };
        let Limits { per_day, per_slot } = kind.admission.limits;
        (per_day == 0 || today(moment) + moment.wanted <= per_day.into())
            && (per_slot == 0 || fits_a_slot(moment, per_slot.into()))
    },
};

fn entries<'a>(moment: &Moment<'a>) -> impl Iterator<Item = (u64, u32)> + use<'a> {
    let entries = moment.uses.iter().filter(|(_, kind, _)| *kind == UseKind::Entry);
    entries.map(|(at, _, count)| (*at, *count))
}

fn today(moment: &Moment<'_>) -> u32 {
    let starts = moment.story.bundle.rules.calendar.day_starts;
    let (today, ..) = moment.wall.day(starts, moment.at);
    let same = |at: &u64| moment.wall.day(starts, *at).0 == today;
    entries(moment).filter(|(at, _)| same(at)).map(|(_, count)| count).sum()
}

fn fits_a_slot(moment: &Moment<'_>, limit: u32) -> bool {
    let mut taken: BTreeMap<u16, u32> = BTreeMap::new();
    let room = |taken: &BTreeMap<u16, u32>, slot, count| {
        taken.get(&slot).copied().unwrap_or(0) + count <= limit
    };
    for (at, count) in entries(moment) {
        let open = open_slots(moment, at);
        match open.iter().find(|slot| room(&taken, slot.id.0, count)) {
            Some(slot) => *taken.entry(slot.id.0).or_default() += count,
            None => open.first().into_iter().for_each(|slot| {
                taken.insert(slot.id.0, limit);
            }),
        }
    }
    open_slots(moment, moment.at).iter().any(|slot| room(&taken, slot.id.0, moment.wanted))
}
