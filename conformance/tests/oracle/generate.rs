//! Stories, dense where answers change: around the changes of clocks, and within a millisecond of
//! the limits of a rule.

use chrono::{DateTime, NaiveDate};
use kaisatsu_shared::{
    bundle::{Gate, Policy, Rules, TicketType, Zone},
    id::{GateId, TypeId, ZoneId},
    right::UseKind,
    rules::{Answers, Unpaid},
    time::{TimeInterval, UnixMillis},
    token::Mode,
};

use crate::{
    draw::Draw,
    known::Known,
    rules::{admission, calendar, capacities},
    story::{Flaw, Passer, Past, Story, Ticket, Way, What},
    wall::Wall,
    world,
};

/// Zones, and instants (UTC) at which something happens to their clocks or calendars.
const PLACES: [(&str, &str); 8] = [
    ("Europe/Berlin", "2026-03-29T01:00:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00:00Z"),
    ("America/New_York", "2026-03-08T07:00:00Z"),
    ("America/New_York", "2026-11-01T06:00:00Z"),
    ("Asia/Tokyo", "2028-02-28T15:00:00Z"),
    ("Asia/Tokyo", "2038-01-19T03:14:00Z"),
    ("Europe/Berlin", "2028-02-29T12:00:00Z"),
    ("Asia/Tokyo", "2026-11-22T00:00:00Z"),
];

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

pub(crate) fn story(seed: u64) -> Story {
    let mut draw = Draw(seed);
    let (zone, centre) = *draw.pick(&PLACES);
    let centre = DateTime::parse_from_rfc3339(centre).unwrap().timestamp_millis();
    let near = centre + draw.between(-240, 240) * MINUTE;
    let wall = Wall::of(zone);
    let calendar = calendar(&mut draw, near);
    let admission = admission(&mut draw, &calendar, &wall, near);
    let entries = match admission.group {
        true => u8::try_from(draw.between(2, 6)).unwrap(),
        false => *draw.pick(&[0, 0, 1, 2, 3, 5]),
    };
    let clock = draw.chance(35);
    let gates = match draw.chance(30) {
        true => vec![GateId(1), GateId(*draw.pick(&[1, 2, 3]))],
        false => Vec::new(),
    };
    let kind = TicketType {
        id: TypeId(1),
        name: world::text(),
        entries,
        display: if clock { Mode::Clock } else { Mode::Static },
        gates,
        renewing: draw.chance(30),
        admission,
    };
    let ticket_type = TypeId(if draw.chance(1) { 9 } else { 1 });
    let renewing = kind.renewing && ticket_type == kind.id;
    let rules = Rules {
        policy: if draw.chance(5) { Policy::OnlineOnly } else { Policy::Available },
        clock_window: Default::default(),
        types: vec![kind],
        gates: [(1, Some(1)), (2, Some(2)), (3, None)]
            .map(|(id, into)| Gate { id: GateId(id), name: world::text(), into: into.map(ZoneId) })
            .to_vec(),
        zone: zone.to_owned(),
        calendar,
        zones: [1, 2]
            .map(|id| Zone { id: ZoneId(id), name: world::text(), capacity: None })
            .to_vec(),
        capacity: None,
        unpaid: *draw.pick(&[Unpaid::Deny, Unpaid::Review]),
        interventions: Default::default(),
        search: None,
    };
    let seconds =
        |minutes: i64| u32::try_from((near + minutes * MINUTE).div_euclid(60_000) * 60).unwrap();
    let far = |draw: &mut Draw, sign: i64| {
        sign * if draw.chance(10) { draw.between(0, 90) } else { 6_000 }
    };
    let valid = (seconds(far(&mut draw, -1)), seconds(far(&mut draw, 1) + 1));
    let not_after = near + if draw.chance(4) { draw.between(-30, 30) * MINUTE } else { 200 * HOUR };
    let renewal = |draw: &mut Draw| {
        renewing.then(|| {
            let from = far(draw, -1);
            // A ledger holds no empty validity.
            let soon = draw.between(-60, 90).max(from + 1);
            What::Renewed(seconds(from), seconds(if draw.chance(40) { soon } else { 6_000 }))
        })
    };
    let mut past = past(&mut draw, near, renewal);
    let unheard = renewing && draw.chance(25);
    if let Some(what) = unheard.then(|| renewal(&mut draw)).flatten() {
        let at = TimeInterval::exact(UnixMillis(u64::try_from(near).unwrap()));
        past.push(Past { what, count: 1, at });
    }
    let flaw = match draw.chance(6) {
        true => *draw.pick(&FLAWS),
        false if clock && draw.chance(5) => Flaw::WrongLink,
        false => Flaw::None,
    };
    let flaw =
        if matches!(flaw, Flaw::WrongLink | Flaw::Stripped) && !clock { Flaw::Cut } else { flaw };
    let mut story = Story {
        bundle: world::bundle(rules, UnixMillis(u64::try_from(not_after).unwrap())),
        ticket: Ticket {
            ticket_type,
            entries: if draw.chance(10) { 1 } else { entries },
            valid,
            dated: draw.chance(85),
            key: *draw.pick(&[1, 2]),
            clock: None,
        },
        flaw,
        generation: 1,
        step: 0,
        crowd: Vec::new(),
        heard: if unheard {
            past.len() - 1
        } else if draw.chance(15) {
            draw.below(past.len() as u64 + 1) as usize
        } else {
            past.len()
        },
        past,
        gate: GateId(*draw.pick(&[1, 1, 1, 2, 3, 4])),
        exit: draw.chance(6),
        online: draw.chance(70),
        now: TimeInterval::exact(UnixMillis(0)),
        answers: Answers::NONE,
    };
    let newest = Known::from(&story.past).generation;
    story.generation = if newest > 1 && draw.chance(30) { 1 } else { newest };
    story.answers = answers(&mut draw, &story);
    story.now = now(&mut draw, &story, &wall, near);
    if clock {
        let middle = i64::try_from(story.now.middle().0 / 10_000).unwrap();
        let step = draw.between(0, 40);
        let off = if draw.chance(80) { draw.between(-1, 2) } else { draw.between(-10, 11) };
        let start = u32::try_from((middle - step - off) * 10).unwrap();
        story.ticket.clock = Some((start, 60));
        story.step = u16::try_from(step).unwrap();
    }
    if draw.chance(45) {
        capacities(&mut draw, &mut story.bundle.rules);
        story.crowd = crowd(&mut draw, &story);
    }
    story
}

const FLAWS: [Flaw; 12] = [
    Flaw::Stranger,
    Flaw::UnlistedKey,
    Flaw::SignatureChanged,
    Flaw::ChangedAfterSigning,
    Flaw::OtherSecret,
    Flaw::Lengthened,
    Flaw::PastTheRoster,
    Flaw::OtherEvent,
    Flaw::OtherInstallation,
    Flaw::Cut,
    Flaw::WrongLink,
    Flaw::Stripped,
];

fn past(draw: &mut Draw, near: i64, renewal: impl Fn(&mut Draw) -> Option<What>) -> Vec<Past> {
    let mut past: Vec<Past> = Vec::new();
    let longest = if draw.chance(50) { 90 } else { 30 * 60 };
    let mut at = near - draw.between(0, longest) * MINUTE;
    for _ in 0..*draw.pick(&[0, 0, 1, 1, 2, 3, 4, 6]) {
        let known = Known::from(&past);
        let used = known.uses.last().map(|(place, ..)| *place);
        let open = known.under_way.last().map(|(place, _)| *place);
        let interrupted = known.doubtful.last().copied();
        let what = match (draw.below(100), used, open, interrupted) {
            (0..50, _, Some(open), _) => {
                *draw.pick(&[What::Completed(open), What::Abandoned(open)])
            }
            (0..70, _, _, Some(light)) => What::Answered(light),
            (0..8, Some(used), _, None) => What::Annulled(used),
            (8..12, Some(used), _, None) => What::Interrupted(used),
            (12..17, ..) => What::Granted,
            (0..60, ..) if known.blocked => What::Unblocked,
            (0..60, ..) if known.unpaid => What::Payment { paid: true },
            (17..18, ..) => What::Voided,
            (18..19, ..) => *draw.pick(&[What::Blocked, What::Payment { paid: false }]),
            (19..23, ..) => What::Reissued,
            (23..55, Some(_), ..) => What::Used(UseKind::Exit),
            _ => What::Used(UseKind::Entry),
        };
        let what = match draw.chance(20) {
            true => renewal(draw).unwrap_or(what),
            false => what,
        };
        let count = match what {
            What::Completed(open) => past[open].count,
            _ => *draw.pick(&[1, 1, 1, 1, 2, 3]),
        };
        at +=
            draw.between(0, 600) * MINUTE / *draw.pick(&[1, 10, 60]) + draw.between(0, 1) * 12_345;
        let middle = UnixMillis(u64::try_from(at).unwrap());
        let off = if draw.chance(85) { 0 } else { *draw.pick(&[1_000, 60_000, 3_600_000]) };
        past.push(Past { what, count, at: TimeInterval::around(middle, off) });
    }
    past
}

/// Who passed on the other two tickets in the hours before.
fn crowd(draw: &mut Draw, story: &Story) -> Vec<Passer> {
    let now = i64::try_from(story.now.earliest.0).unwrap();
    let mut at = now - draw.between(0, 300) * MINUTE;
    let passers = 0..*draw.pick(&[0, 1, 2, 3, 5]);
    passers
        .map(|_| {
            at += draw.between(0, 40) * MINUTE + draw.between(0, 1) * 12_345;
            let middle = UnixMillis(u64::try_from(at).unwrap());
            let off = if draw.chance(85) { 0 } else { *draw.pick(&[1_000, 60_000, 3_600_000]) };
            Passer {
                ticket: *draw.pick(&[0, 2]),
                way: *draw.pick(&[Way::In, Way::In, Way::In, Way::LetIn, Way::Out]),
                count: *draw.pick(&[1, 1, 2]),
                gate: GateId(*draw.pick(&[1, 1, 2, 3])),
                at: TimeInterval::around(middle, off),
            }
        })
        .collect()
}

fn answers(draw: &mut Draw, story: &Story) -> Answers {
    let group = story.kind().is_some_and(|kind| kind.admission.group);
    Answers {
        persons: (group && draw.chance(90)).then(|| *draw.pick(&[1, 1, 2, 3, 6])),
        identity: draw.chance(92).then(|| draw.chance(92)),
        choice: draw.chance(92).then(|| *draw.pick(&[1, 1, 1, 3, 3, 2, 4, 0])),
        holder: None,
    }
}

/// Somewhere near, or at a limit of a rule, exactly or as an uncertain clock tells.
fn now(draw: &mut Draw, story: &Story, wall: &Wall, near: i64) -> TimeInterval {
    let renewed = story.past.iter().flat_map(|one| match one.what {
        What::Renewed(from, until) => vec![from, until],
        _ => Vec::new(),
    });
    let mut limits = [story.ticket.valid.0, story.ticket.valid.1]
        .into_iter()
        .chain(renewed)
        .map(|at| i64::from(at) * 1_000)
        .collect::<Vec<_>>();
    let calendar = &story.bundle.rules.calendar;
    for slot in &calendar.slots {
        limits.push((i64::from(slot.from.0) - i64::from(slot.early_minutes) * 60) * 1_000);
        limits.push((i64::from(slot.until.0) + i64::from(slot.late_minutes) * 60) * 1_000);
    }
    let today: NaiveDate = wall.shows(u64::try_from(near).unwrap()).date();
    let mut times = vec![calendar.day_starts];
    times.extend(calendar.closing);
    if let Some(kind) = story.kind() {
        times.extend(
            kind.admission.schedule.hours.into_iter().flat_map(|hours| [hours.from, hours.until]),
        );
        let pause = i64::from(kind.admission.presence.passback_minutes) * MINUTE;
        let ends = story.past.iter().map(|one| i64::try_from(one.at.latest.0).unwrap() + pause);
        limits.extend(ends);
    }
    limits.extend(times.iter().map(|time| i64::try_from(wall.first(today, *time)).unwrap()));
    limits.retain(|at| (at - near).abs() < 30 * HOUR);
    limits.push(near);
    let last = story.past.last().map_or(near, |one| i64::try_from(one.at.latest.0).unwrap());
    let pause = story.kind().map_or(0, |kind| kind.admission.presence.passback_minutes);
    let at = match draw.below(10) {
        // The end of the pause is one instant among many: it gets a share of its own.
        0..2 if pause > 0 => last + i64::from(pause) * MINUTE + draw.between(-1, 1),
        0..4 => *draw.pick(&limits) + *draw.pick(&[-1, 0, 1, 30_000, -30_000]),
        4..6 => last + draw.between(0, 20) * MINUTE,
        _ => near + draw.between(-60, 60) * MINUTE,
    };
    let off = match draw.below(20) {
        0..14 => 0,
        14..17 => *draw.pick(&[1, 500, 3_000]),
        17..19 => *draw.pick(&[20_000, 120_000]),
        _ => *draw.pick(&[600_000, 3_600_000]),
    };
    TimeInterval::around(UnixMillis(u64::try_from(at).unwrap()), off)
}
