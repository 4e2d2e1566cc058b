//! The oracle: a guest may enter if every family of rules allows it, at every instant that the
//! clock leaves possible, and however the uncertain times of earlier uses are read.

use std::collections::BTreeSet;

use kaisatsu_shared::{right::UseKind, time::TimeInterval};

use crate::{family, known::Known, story::Story, wall::Wall};

/// One family of rules.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    /// Whether the story has a rule of this family.
    pub(crate) concerns: fn(&Story) -> bool,
    /// Whether it lets the guests in.
    pub(crate) allows: fn(&Moment<'_>) -> bool,
}

/// A new family is a file in `family/` and a line here.
pub(crate) const FAMILIES: [Family; 11] = [
    family::authenticity::FAMILY,
    family::standing::FAMILY,
    family::validity::FAMILY,
    family::schedule::FAMILY,
    family::place::FAMILY,
    family::display::FAMILY,
    family::total::FAMILY,
    family::presence::FAMILY,
    family::limits::FAMILY,
    family::capacity::FAMILY,
    family::asking::FAMILY,
];

/// One instant with one reading of the past.
pub(crate) struct Moment<'a> {
    pub(crate) story: &'a Story,
    pub(crate) known: &'a Known,
    pub(crate) wall: &'a Wall,
    /// The uses: when, which way, how many persons.
    pub(crate) uses: &'a [(u64, UseKind, u32)],
    pub(crate) at: u64,
    /// How many persons want to enter.
    pub(crate) wanted: u32,
}

/// The families that refuse at one instant at least; none if the guests may enter.
pub(crate) fn refusing(story: &Story, known: &Known) -> BTreeSet<&'static str> {
    let wanted = match story.kind() {
        Some(kind) if kind.admission.group => story.answers.persons.unwrap_or(1).into(),
        _ => 1,
    };
    refusing_persons(story, known, wanted)
}

/// The same where so many want to enter.
pub(crate) fn refusing_persons(
    story: &Story,
    known: &Known,
    wanted: u32,
) -> BTreeSet<&'static str> {
    let wall = Wall::of(&story.bundle.rules.zone);
    let mut refusing = BTreeSet::new();
    for at in instants(story, known) {
        for uses in readings(known, at) {
            let moment = Moment { story, known, wall: &wall, uses: &uses, at, wanted };
            for family in &FAMILIES {
                if !refusing.contains(family.name) && !(family.allows)(&moment) {
                    refusing.insert(family.name);
                }
            }
        }
    }
    refusing
}

/// Every instant of the interval at which an answer can change: rules change on whole minutes,
/// displays every ten seconds, pauses end when they end.
fn instants(story: &Story, known: &Known) -> BTreeSet<u64> {
    let TimeInterval { earliest, latest } = story.now;
    let (from, until) = (earliest.0, latest.0);
    let pace = if until - from <= 600_000 { 10_000 } else { 60_000 };
    let whole = (from.next_multiple_of(pace)..=until).step_by(usize::try_from(pace).unwrap());
    let mut instants: BTreeSet<u64> = whole.flat_map(|at| [at, at - 1]).collect();
    let pause = story.kind().map_or(0, |kind| kind.admission.presence.passback_minutes);
    for (_, _, used) in &known.uses {
        for end in [used.at.earliest, used.at.latest] {
            instants
                .extend([end.0, end.0 + u64::from(pause) * 60_000].map(|at| at.saturating_sub(1)));
            instants.extend([end.0, end.0 + u64::from(pause) * 60_000]);
        }
    }
    instants.extend([from, until]);
    instants.retain(|at| (from..=until).contains(at));
    instants
}

/// The past as it may have been: each uncertain use at either end of its interval or as near to
/// `at` as it can be, in all combinations where few are uncertain.
fn readings(known: &Known, at: u64) -> Vec<Vec<(u64, UseKind, u32)>> {
    let mut readings = vec![Vec::new()];
    let unsure = known.uses.iter().filter(|(_, _, used)| used.at.earliest != used.at.latest);
    let together = unsure.count() > 3;
    for (_, kind, used) in &known.uses {
        let TimeInterval { earliest, latest } = used.at;
        let mut possible = vec![earliest.0, at.clamp(earliest.0, latest.0), latest.0];
        if !together {
            possible.dedup();
        }
        let one = |when: u64| (when, *kind, u32::from(used.count));
        readings = match (together, readings.len()) {
            (true, 1) => vec![readings.remove(0); 3],
            _ => readings,
        };
        if together {
            for (reading, when) in readings.iter_mut().zip(possible) {
                reading.push(one(when));
            }
        } else {
            let longer = |reading: Vec<_>| {
                let possible = possible.clone();
                possible.into_iter().map(move |when| [reading.clone(), vec![one(when)]].concat())
            };
            readings = readings.into_iter().flat_map(longer).collect();
        }
    }
    readings
}
