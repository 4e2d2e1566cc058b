//! Gates and zones that a type may use.

use crate::{
    bundle::{Rules, TicketType},
    id::GateId,
    reason::ReasonCode,
};

use super::{Facts, Refusal};

/// Whether the type may use the gate, and the zone it leads into.
pub(super) fn judge_place(
    rules: &Rules,
    ticket_type: &TicketType,
    gate: GateId,
) -> Option<Refusal> {
    if !ticket_type.gates.is_empty() && !ticket_type.gates.contains(&gate) {
        let facts = Facts { right_gate: ticket_type.gates.first().copied(), ..Facts::default() };
        return Some(Refusal { code: ReasonCode::WrongGate, facts });
    }
    let zones = &ticket_type.admission.zones;
    let into = rules.gate(gate).and_then(|gate| gate.into);
    // A gate that leads into no zone in particular leads to all of them.
    let (false, Some(into)) = (zones.is_empty(), into) else { return None };
    if zones.contains(&into) {
        return None;
    }
    let fitting = |gate: &&crate::bundle::Gate| {
        gate.into.is_none_or(|into| zones.contains(&into))
            && (ticket_type.gates.is_empty() || ticket_type.gates.contains(&gate.id))
    };
    let right_gate = rules.gates.iter().find(fitting).map(|gate| gate.id);
    Some(Refusal { code: ReasonCode::WrongZone, facts: Facts { right_gate, ..Facts::default() } })
}
