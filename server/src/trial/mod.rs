//! Trying rules: what a scan would end with at a gate, and how, without a scan. Pure, and made of
//! the gate's own decision and the server's own judgement of the claim that would follow.

mod words;

use kaisatsu_shared::{
    bundle::{EventRules, OpenBundle},
    claims::{Wanted, refuse},
    id::{GateId, Serial},
    ledger::{Crowd, EventState},
    right::{Authority, UseKind},
    rules::{
        Context, Direction, Explained, Holder, Knowledge, Presented, Refusal, RightView, Rights,
        explain,
    },
};

pub use words::in_words;

/// What the lane at a gate knows, whichever device stands there.
struct AtGate<'a> {
    state: &'a EventState,
    gate: GateId,
}

impl Rights for AtGate<'_> {
    fn view(&self, serial: Serial) -> RightView {
        self.state.view(serial)
    }

    fn crowd(&self, _: Serial) -> Crowd<'_> {
        Crowd::of(self.state, |lease| lease.gate == self.gate)
    }

    fn holder(&self, serial: Serial) -> Holder {
        let leases = self.state.leases();
        match leases.holder(serial) {
            Some(lease) if lease.gate == self.gate && leases.is_recalled(serial) => Holder::Server,
            Some(lease) if lease.gate == self.gate => Holder::Here(lease.id),
            Some(lease) => Holder::Elsewhere(lease.gate),
            None => Holder::Server,
        }
    }
}

/// Tries a scan. It is no device's in particular: every open grant counts as somebody else's, and what is
/// leased to a device at the gate is held here.
#[must_use]
pub fn try_scan(
    state: &EventState,
    bundle: &OpenBundle,
    rules: &EventRules,
    presented: Presented<'_>,
    context: &Context,
) -> Explained {
    let rights = AtGate { state, gate: context.gate };
    let knowledge = Knowledge { bundle, roster: state.roster(), rights: &rights };
    explain(presented, &knowledge, context).claimed(|decision| {
        // What the lane holds it decides by itself.
        if decision.authority == Authority::Lease {
            return None;
        }
        let serial = decision.right?.serial;
        let device = match rights.holder(serial) {
            Holder::Here(_) => state.leases().holder(serial).map(|lease| lease.device),
            _ => None,
        };
        let kind = match context.direction {
            Direction::Entry => UseKind::Entry,
            Direction::Exit => UseKind::Exit,
        };
        let count = decision.verdict.facts.persons.unwrap_or(1);
        let wanted = Wanted { right: decision.right?, kind, count, gate: context.gate, device };
        let (refusal, facts) = refuse(state, rules, wanted, &[], context.now)?;
        Some(Refusal { code: refusal.code(), facts })
    })
}
