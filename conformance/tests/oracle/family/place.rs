//! Gates that the type may use, and the zones that they lead into. A gate without a zone leads
//! into all of them.

use crate::judge::Family;

pub(crate) const FAMILY: Family = Family {
    name: "place",
    concerns: |story| {
        let kind = story.kind();
        kind.is_some_and(|kind| !kind.gates.is_empty() || !kind.admission.zones.is_empty())
    },
    allows: |moment| {
        let Some(kind) = moment.story.kind() else { return false };
        let here = moment.story.gate;
        let gates = &moment.story.bundle.rules.gates;
        let into = gates.iter().find(|gate| gate.id == here).and_then(|gate| gate.into);
        let zones = &kind.admission.zones;
        (kind.gates.is_empty() || kind.gates.contains(&here))
            && (zones.is_empty() || into.is_none_or(|into| zones.contains(&into)))
    },
};
