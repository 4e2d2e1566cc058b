//! What a device held when an admin gave it up. It goes on deciding, wherever it is: so nobody else does, until its
//! own word gives it away.

use kaisatsu_shared::journal::{JournalBody, JournalEntry};

use crate::{
    gate::Gate,
    record::{Double, Held, Light, LightKind},
    schedule::SECOND,
    stage::Stage,
};

/// Who was granted something before may light so much later.
const TO_LIGHT: u64 = SECOND;

/// Whether a double is one of a device that was given up and somebody else, who decided about what the ledger said is
/// that device's.
pub(super) fn is_anothers(stage: &Stage, gates: &[Gate], double: &Double) -> bool {
    let lights = || double.lights.iter().filter_map(|place| stage.record.lights.get(*place));
    let held = stage.record.held_by_written_off.iter();
    let mut held = held.filter(|held| held.serials.contains(double.serial));
    held.any(|held| {
        let own = |light: &Light| light.device == held.device;
        let later = |light: &Light| {
            let used = matches!(light.kind, LightKind::Use(_));
            used && light.at > held.at.saturating_add(TO_LIGHT)
        };
        lights().any(own)
            && lights().any(|light| !own(light) && later(light))
            && !gave_away(gates, held, double)
    })
}

/// Whether the device itself wrote that it gave the ticket's right to somebody.
fn gave_away(gates: &[Gate], held: &Held, double: &Double) -> bool {
    let journals = gates.iter().filter(|gate| gate.device == held.device);
    let entries = journals.flat_map(|gate| &gate.disk.journal);
    let mut bodies = entries.filter_map(|bytes| Some(JournalEntry::decode(bytes).ok()?.body));
    bodies.any(|body| match body {
        JournalBody::Transferred { lease, serials, .. } => {
            lease == held.lease && serials.contains(double.serial)
        }
        _ => false,
    })
}
