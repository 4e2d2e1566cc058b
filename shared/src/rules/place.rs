//! Gates and zones that a type may use.

use crate::{
    bundle::{Rules, TicketType},
    id::GateId,
    reason::ReasonCode,
};

use super::{Facts, Refusal};

impl Rules {
    /// Whether tickets of a type may be shown at a gate at all.
    #[must_use]
    pub fn may_use(&self, ticket_type: &TicketType, gate: GateId) -> bool {
        judge_gate(ticket_type, gate).or_else(|| judge_zone(self, ticket_type, gate)).is_none()
    }
}

/// Whether the type may use the gate.
pub(super) fn judge_gate(ticket_type: &TicketType, gate: GateId) -> Option<Refusal> {
    if ticket_type.gates.is_empty() || ticket_type.gates.contains(&gate) {
        return None;
    }
    let facts = Facts { right_gate: ticket_type.gates.first().copied(), ..Facts::default() };
    Some(Refusal { code: ReasonCode::WrongGate, facts })
}

/// Whether the type may enter the zone that the gate leads into.
pub(super) fn judge_zone(rules: &Rules, ticket_type: &TicketType, gate: GateId) -> Option<Refusal> {
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
