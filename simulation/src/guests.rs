//! Guests: what they show, and at which gate they stand.

use crate::{
    clock::truth,
    event::Event,
    gate::Gate,
    house::{self, Issue},
    plan::{Shows, Visit},
    schedule::SECOND,
    stage::Stage,
};

/// A gate that is busy or down is tried again so many times.
const MOST_WAITS: u8 = 12;

/// So long a code is at least until its display begins.
const SIGNED: u64 = 150;

/// What a guest shows now.
#[must_use]
pub fn text(stage: &Stage, visit: &Visit) -> String {
    let now = truth(stage.now());
    let ticket = |at| house::text(visit.serial, stage.issue(visit.serial), at);
    match visit.shows {
        Shows::Ticket => ticket(now),
        Shows::OldTicket => house::text(visit.serial, Issue::FIRST, now),
        Shows::Picture(age) => ticket(truth(stage.now().saturating_sub(age))),
        Shows::Nonsense(which) => nonsense(&ticket(now), which),
    }
}

/// Codes that nobody issued.
fn nonsense(ticket: &str, which: u64) -> String {
    // Only what is signed: with another display it would still be a ticket.
    let length = u64::try_from(ticket.len()).unwrap_or(1).clamp(5, SIGNED);
    let place = usize::try_from(which / 8 % length).unwrap_or_default();
    match which % 5 {
        0 => "https://example.org/menu".to_owned(),
        1 => format!("KS1:{which}"),
        2 => ticket.get(..place).unwrap_or_default().to_owned(),
        3 => format!("{ticket}{ticket}"),
        _ => {
            let place = place.max(4);
            let swap = |at: usize, letter: char| match letter {
                'A' if at == place => 'B',
                _ if at == place => 'A',
                other => other,
            };
            ticket.chars().enumerate().map(|(at, letter)| swap(at, letter)).collect()
        }
    }
}

/// A guest comes to their gate, or to its copy; a busy one is waited for.
pub fn visit(stage: &mut Stage, gates: &mut [Gate], visit: usize, attempt: u8) {
    let Some(plan) = stage.plan.visits.get(visit).copied() else { return };
    let last = plan.at > stage.plan.heals;
    let comes = if last { stage.healed } else { !stage.healed && comes(stage, gates, &plan) };
    if !comes {
        return;
    }
    let copy = stage.plan.gates.len();
    let is_copied = gates.len() > copy && {
        let device = gates.get(plan.gate).map(|gate| gate.device);
        gates.get(copy).map(|gate| gate.device) == device
    };
    let place = if is_copied && stage.draw.chance(500) { copy } else { plan.gate };
    let Some(gate) = gates.get_mut(place) else { return };
    if gate.is_free() {
        gate.visit(stage, visit, attempt);
    } else if attempt < MOST_WAITS {
        let waits = stage.draw.between(SECOND / 2, 4 * SECOND);
        let waits = if last { SECOND / 4 } else { waits };
        stage.after(waits, Event::Visits { visit, attempt: attempt.saturating_add(1) });
    }
}

/// Only who is inside comes to an exit, and only who could buy a ticket comes at all.
fn comes(stage: &Stage, gates: &[Gate], visit: &Visit) -> bool {
    let sold = visit.serial.0 < stage.plan.tickets || stage.issues.contains_key(&visit.serial);
    let exit = gates.get(visit.gate).is_some_and(|gate| gate.plan.exit);
    sold && (!exit || stage.record.is_inside(visit.serial))
}
