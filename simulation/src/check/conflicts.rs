//! Whether what the ledger has as a conflict is one.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::DeviceId,
    ledger::{EventState, Right},
};

use crate::{
    check::Check,
    house::Class,
    record::{LightKind, Record},
    stage::Stage,
};

/// A conflict says that more was recorded than the ticket allows, or that two gates let the guest of one interruption in.
/// A pass is left out: who is inside follows the order in which uses were recorded, which needn't be the true one.
pub(super) fn check_conflicts(stage: &mut Stage, state: &EventState, strange: &BTreeSet<DeviceId>) {
    for (serial, right) in state.rights().filter(|(_, right)| !right.conflict.is_empty()) {
        let class = Class::of(serial);
        let apart = right.redemptions.iter().any(|it| strange.contains(&it.used.device));
        if class == Class::Pass || apart {
            continue;
        }
        let recorded = stage.record.recorded(serial);
        if recorded <= u32::from(class.allows()) && !is_answered_twice(&stage.record, right) {
            let what = format!("ticket {serial} is in conflict, and {recorded} came in on it");
            stage.wrong(Check::ConflictsAreTrue, what);
        }
    }
}

/// Whether the conflict names several answers for the same interruption, of which one at least let its guest in, and gates
/// wrote those. The one admission let two in then, whatever the ticket allows altogether.
fn is_answered_twice(record: &Record, right: &Right) -> bool {
    let named = right.answers.iter().filter(|answer| right.conflict.contains(&answer.sequence));
    named.clone().filter(|answer| !answer.let_in).any(|answer| {
        let (device, number) = answer.light;
        let same = named.clone().filter(|other| other.light == answer.light);
        let let_in = same.clone().filter(|other| !other.let_in).count();
        let kind = LightKind::Answer(device, number);
        let written = record.entries.iter().filter(|entry| entry.kind == kind).count();
        same.count() > 1 && written >= let_in
    })
}
