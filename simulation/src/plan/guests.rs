//! Who comes where and when, with what; and what the organiser does meanwhile.

use kaisatsu_shared::id::Serial;

use super::Plan;
use crate::{
    draw::Draw,
    house::Class,
    schedule::{MILLI, SECOND},
};

/// What a guest shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shows {
    /// Their ticket, as it is by then.
    Ticket,
    /// Their ticket from before it was reissued.
    OldTicket,
    /// A picture of the ticket, so many microseconds old.
    Picture(u64),
    /// A code that nobody issued; the number says which kind.
    Nonsense(u64),
}

/// What goes wrong between guest and staff after a green light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    /// Nothing.
    None,
    /// The guest turns back, and staff take the use back.
    TurnsBack,
    /// Staff take the use back although the guest is inside.
    TakenBackWrongly,
}

/// A guest at a gate.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    /// When.
    pub at: u64,
    /// Where.
    pub gate: usize,
    /// With which ticket.
    pub serial: Serial,
    /// What they show.
    pub shows: Shows,
    /// How many persons of a group come.
    pub persons: u8,
    /// What goes wrong afterwards.
    pub mistake: Mistake,
    /// Whether they ask for a lead where staff must decide.
    pub insists: bool,
}

/// What the organiser does at the server.
#[derive(Clone, Copy, Debug)]
pub struct Deed {
    /// When.
    pub at: u64,
    /// What.
    pub kind: DeedKind,
}

/// What the organiser does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeedKind {
    /// Voids a ticket.
    Void(Serial),
    /// Reissues a ticket; the holder then shows the new one.
    Reissue(Serial),
    /// Adds a signing key, with which tickets are reissued from then on.
    RotateKeys,
    /// Sells one more ticket, under the next serial, to whoever comes with it.
    Sell(Serial),
    /// Revokes the device of a gate.
    Revoke(usize),
    /// Leases what nobody holds to every gate, or to one.
    Lease(Option<usize>),
    /// Asks every gate, or one, for what is leased to it.
    Recall(Option<usize>),
    /// Staff close a gate's lane: it hands its leases back.
    CloseLane(usize),
    /// An admin writes the device of a gate off: lost, stolen or broken.
    WriteOff(usize),
}

pub(super) fn draw(plan: &mut Plan, draw: &mut Draw) {
    let rights = match draw.below(1_000) {
        0..850 => draw.between(4, 16),
        850..985 => draw.between(16, 50),
        _ => draw.between(50, 300),
    };
    let entrances = entrances(plan, false);
    let exits = entrances_or(plan, true);
    for _ in 0..rights {
        let serial = pick_serial(plan, draw);
        let first = draw.below(plan.heals);
        let shown = draw.pick(&[1, 1, 2, 2, 2, 3, 4], 1);
        let mut at = first;
        for turn in 0..shown {
            let visit = visit(plan, draw, &entrances, (serial, at));
            plan.visits.push(visit);
            let leaves = Class::of(serial) == Class::Pass && turn % 2 == 0;
            if let Some(exits) = exits.as_ref().filter(|_| leaves && draw.chance(700)) {
                at = draw.between(at, plan.heals);
                let gate = draw.pick(exits, 0);
                plan.visits.push(Visit { at, gate, ..visit });
            }
            // Nearly at the same time, or whenever.
            at = if draw.chance(450) {
                at.saturating_add(draw.below(600 * MILLI))
            } else {
                draw.between(at, plan.heals)
            };
        }
    }
    sales(plan, draw, &entrances);
    closing(plan);
    plan.visits.sort_by_key(|visit| visit.at);
    deeds(plan, draw);
}

pub(super) fn entrances(plan: &Plan, exit: bool) -> Vec<usize> {
    let all = plan.gates.iter().enumerate().filter(|(_, gate)| gate.exit == exit);
    all.map(|(place, _)| place).collect()
}

fn entrances_or(plan: &Plan, exit: bool) -> Option<Vec<usize>> {
    Some(entrances(plan, exit)).filter(|found| !found.is_empty())
}

/// Mostly one of those of all classes.
pub(super) fn pick_serial(plan: &Plan, draw: &mut Draw) -> Serial {
    let mixed = u64::from(plan.tickets.min(64));
    let bound = if draw.chance(800) { mixed } else { u64::from(plan.tickets) };
    Serial(u32::try_from(draw.below(bound)).unwrap_or_default())
}

fn visit(plan: &Plan, draw: &mut Draw, entrances: &[usize], at: (Serial, u64)) -> Visit {
    let (serial, at) = at;
    let shows = match draw.below(100) {
        0..4 => Shows::Nonsense(draw.bits()),
        4..8 => Shows::Picture(draw.between(0, 200 * SECOND)),
        8..12 => Shows::OldTicket,
        _ => Shows::Ticket,
    };
    let mistake = match draw.below(100) {
        0..6 => Mistake::TurnsBack,
        6..12 => Mistake::TakenBackWrongly,
        _ => Mistake::None,
    };
    Visit {
        at: at.min(plan.heals),
        gate: draw.pick(entrances, 0),
        serial,
        shows,
        persons: u8::try_from(draw.between(1, 3)).unwrap_or(1),
        mistake,
        insists: draw.chance(300),
    }
}

/// Tickets that are sold while the doors are open: gates that are cut off hear of them late.
fn sales(plan: &mut Plan, draw: &mut Draw, entrances: &[usize]) {
    let sold = if draw.chance(250) { draw.between(1, 4) } else { 0 };
    let mut at = 0;
    for next in 0..sold {
        let next = u32::try_from(next).unwrap_or_default();
        let serial = Serial(plan.tickets.saturating_add(next));
        at = draw.between(at, plan.heals);
        plan.deeds.push(Deed { at, kind: DeedKind::Sell(serial) });
        for _ in 0..draw.between(1, 3) {
            let comes = draw.between(at, plan.heals.min(at.saturating_add(60 * SECOND)));
            let guest = visit(plan, draw, entrances, (serial, comes));
            plan.visits.push(Visit { shows: Shows::Ticket, ..guest });
        }
    }
}

/// Once everything works again a last guest comes to each gate: it then knows that those before are gone.
fn closing(plan: &mut Plan) {
    for gate in 0..plan.gates.len() {
        let back = u32::try_from(gate).unwrap_or_default().saturating_add(1);
        plan.visits.push(Visit {
            at: plan.heals.saturating_add(3 * SECOND),
            gate,
            serial: Serial(plan.tickets.saturating_sub(back)),
            shows: Shows::Ticket,
            persons: 1,
            mistake: Mistake::None,
            insists: false,
        });
    }
}

fn deeds(plan: &mut Plan, draw: &mut Draw) {
    if !draw.chance(450) {
        return;
    }
    for _ in 0..draw.between(1, 4) {
        let at = draw.below(plan.heals);
        let place = draw.place(plan.visits.len());
        let serial = plan.visits.get(place).map_or(Serial(0), |visit| visit.serial);
        let kind = match draw.below(10) {
            0..3 => DeedKind::Void(serial),
            3..8 => DeedKind::Reissue(serial),
            8 => DeedKind::RotateKeys,
            _ => DeedKind::Revoke(draw.place(plan.gates.len())),
        };
        plan.deeds.push(Deed { at, kind });
    }
    plan.deeds.sort_by_key(|deed| deed.at);
}
