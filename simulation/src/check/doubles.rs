//! Double admissions, and whether the ledger has them as conflicts.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    bundle::Policy,
    id::DeviceId,
    ledger::{EventState, Light as Origin, Right},
    right::{Authority, UseKind},
};

use super::{Counts, given_up};
use crate::{
    check::Check,
    gate::Gate,
    house::Class,
    record::{Double, Light, LightKind},
    stage::Stage,
};

/// A use is recorded with the time it was decided at; its light follows within so many milliseconds.
const TO_LIGHT: u64 = 2_000;

/// Every double admission is a conflict that names its uses.
pub(super) fn check_doubles(
    stage: &mut Stage,
    state: &EventState,
    (strange, gates): (&BTreeSet<DeviceId>, &[Gate]),
    counts: &mut Counts,
) {
    for double in stage.record.doubles() {
        let lights = double.lights.iter().filter_map(|place| stage.record.lights.get(*place));
        if stage.plan.policy == Policy::Strict {
            // A copied or rolled-back disk copies its leases; that is found, not prevented.
            let is_copied = |place: usize| stage.record.copied.contains(&place);
            let hub = stage.plan.hub.as_ref().is_some_and(|hub| is_copied(hub.gate));
            let copied =
                |light: &Light| is_copied(light.gate) || (hub && light.authority == Authority::Hub);
            if lights.clone().any(copied) {
                counts.apart += 1;
                continue;
            }
            // A server that forgot what it decided, and a device given up with what it decided, are found.
            let is_given_up = |light: &Light| {
                stage.record.written_off.contains(&light.device) || strange.contains(&light.device)
            };
            let forgotten = stage.record.put_back.is_some() && lights.clone().any(is_given_up);
            let forgotten = forgotten && !given_up::is_anothers(stage, gates, &double);
            if stage.record.silent || forgotten {
                counts.apart += 1;
                let all_there = !lights.clone().any(|light| strange.contains(&light.device));
                let right = state.right(double.serial);
                let found = right.is_some_and(|right| names_all(stage, right, &double));
                let told = !stage.record.muddled.contains(&double.serial)
                    && !lied(stage, gates, &double)
                    && !is_unknowable(state, &double);
                if all_there && told && !found {
                    tell_uses(stage, right);
                    let what = format!("nobody found the double on ticket {}", double.serial);
                    stage.wrong(Check::DoublesAreFound, what);
                }
                continue;
            }
            let by: Vec<_> = lights.map(|it| (it.gate, it.number, it.authority)).collect();
            let what =
                format!("ticket {} let in too many, by gate and entry {by:?}", double.serial);
            counts.strict += 1;
            stage.wrong(Check::StrictOnce, what);
            continue;
        }
        // So does one whose interrupted admission was answered for elsewhere.
        let apart = lights.clone().any(|light| {
            let mut origins = stage.record.origins(light).into_iter();
            origins.any(|(device, _)| strange.contains(&device))
        });
        let muddled = stage.record.muddled.contains(&double.serial);
        let lied = lied(stage, gates, &double);
        if apart || muddled || lied || is_unknowable(state, &double) {
            counts.apart += 1;
            continue;
        }
        let gates: Vec<_> = lights.map(|light| (light.gate, light.number)).collect();
        counts.doubles += 1;
        if Class::of(double.serial) != Class::Pass
            && stage.record.put_back.is_none()
            && by_server(stage, &double)
        {
            let what = format!("the server let in too many on ticket {}", double.serial);
            stage.wrong(Check::OnlineOnce, what);
        }
        let right = state.right(double.serial);
        if right.is_some_and(|right| names_all(stage, right, &double)) {
            counts.found += 1;
        } else {
            let what = format!(
                "ticket {} let in too many, by gate and entry {gates:?}; the conflict found: {:?}",
                double.serial,
                right.map(|right| right.conflict.clone()).unwrap_or_default(),
            );
            tell_uses(stage, right);
            stage.wrong(Check::DoublesAreFound, what);
        }
    }
}

/// The story says what the ledger has of a ticket.
fn tell_uses(stage: &mut Stage, right: Option<&Right>) {
    for it in right.iter().flat_map(|right| &right.redemptions) {
        let (used, sequence) = (it.used, it.sequence);
        let at = (used.at.earliest.0, used.at.latest.0);
        let (device, kind, count, by) = (used.device, used.kind, used.count, used.authority);
        let back = it.annulled;
        stage.tell(format_args!(
            "ledger entry {sequence}: device {device} {kind:?} x{count} {at:?} by {by:?}, taken back {back:?}"
        ));
    }
    for answer in right.iter().flat_map(|right| &right.answers) {
        let (sequence, light, by) = (answer.sequence, answer.light, answer.by.device);
        stage.tell(format_args!("ledger entry {sequence}: device {by} answers for {light:?}"));
    }
}

/// Whether no gate decided alone on a ticket. A hub without a lease knows no more than any gate.
fn by_server(stage: &Stage, double: &Double) -> bool {
    let lights = stage.record.of(double.serial).map(|(_, light)| light);
    let uses = lights.filter(|light| light.kind != LightKind::Override);
    let mut alone =
        uses.filter(|light| matches!(light.authority, Authority::Alone | Authority::Hub));
    alone.next().is_none()
}

/// Whether the order of uses matters and a clock by which it is told was set wrong while it was trusted.
fn lied(stage: &Stage, gates: &[Gate], double: &Double) -> bool {
    let of_ticket = || stage.record.of(double.serial).map(|(_, light)| light);
    let pass = Class::of(double.serial) == Class::Pass;
    let ordered = pass || of_ticket().any(|light| light.taken_back.is_some());
    let lied = |light: &Light| gates.get(light.gate).is_some_and(|gate| gate.clock_lied);
    ordered && (stage.server_lied || of_ticket().any(lied))
}

/// Whether nobody can know in which order guests came and went on a pass: by the clocks of the gates, that
/// an exit was before one of the entries is possible, and that it wasn't.
fn is_unknowable(state: &EventState, double: &Double) -> bool {
    let Some(right) =
        state.right(double.serial).filter(|_| Class::of(double.serial) == Class::Pass)
    else {
        return false;
    };
    let uses = || right.redemptions.iter().map(|it| it.used);
    let mut exits = uses().filter(|used| used.kind == UseKind::Exit);
    exits.any(|exit| {
        let mut entries = uses().filter(|used| used.kind == UseKind::Entry);
        entries.any(|entry| {
            exit.at.earliest <= entry.at.latest.plus(TO_LIGHT)
                && entry.at.earliest <= exit.at.latest.plus(TO_LIGHT)
        })
    })
}

/// Whether the conflict found names every admission of a double: its use, or an answer that led to its light. Where two
/// lights go back to the same use, which was answered for twice, the use doesn't stand for both.
fn names_all(stage: &Stage, right: &Right, double: &Double) -> bool {
    let lights = double.lights.iter().filter_map(|place| stage.record.lights.get(*place));
    let origins: Vec<_> = lights.map(|light| stage.record.origins(light)).collect();
    let named = |sequence: &u64| right.conflict.contains(sequence);
    origins.iter().all(|of_light| {
        let Some((device, number)) = of_light.last().copied() else { return false };
        let same = origins.iter().filter(|other| other.last() == of_light.last());
        let by_use = same.count() == 1
            && right.redemption(device, number).is_some_and(|used| named(&used.sequence));
        // The ledger doesn't keep an answer's own number.
        let is_answer = |(by, light): (&Origin, &Origin)| {
            let mut its =
                right.answers.iter().filter(|it| (it.by.device, it.light) == (by.0, *light));
            its.any(|it| !it.let_in && named(&it.sequence))
        };
        by_use || of_light.iter().zip(of_light.iter().skip(1)).any(is_answer)
    })
}
