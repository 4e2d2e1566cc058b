//! Persons inside, counted entry by entry as the ledger grows, are those that a plain count of each
//! ticket's record finds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::collections::BTreeMap;

use kaisatsu_shared::{
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, OperatorId, Serial,
        TypeId,
    },
    ledger::{AskedAt, Counted, Crowd, EventState, LedgerBody, UnpaidTickets, Who},
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, Use, UseKind},
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};
use proptest::prelude::*;

const TICKETS: u32 = 3;
const MINUTE: u64 = 60_000;

/// What may happen; numbers name earlier things, and what doesn't fit is refused by the fold.
#[derive(Clone, Debug)]
struct Step {
    what: u8,
    serial: u32,
    count: u8,
    gate: u16,
    minute: u64,
    unsure: u64,
    earlier: usize,
}

fn step() -> impl Strategy<Value = Step> {
    (0..8_u8, 0..TICKETS, 1..4_u8, 1..3_u16, 0..200_u64, 0..90_u64, 0..40_usize).prop_map(
        |(what, serial, count, gate, minute, unsure, earlier)| Step {
            what,
            serial,
            count,
            gate,
            minute,
            unsure: unsure.saturating_sub(60),
            earlier,
        },
    )
}

fn state() -> EventState {
    let mut state = EventState::new(InstallationId([7; 16]), EventId(3), Epoch(1));
    let issued = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: TypeId(1),
        entries: 0,
        fingerprints: (0..TICKETS).map(|_| Fingerprint([1; 8])).collect(),
        unpaid: UnpaidTickets::NONE,
    };
    state.append(issued, TimeInterval::exact(UnixMillis(0))).unwrap();
    state
}

fn body(step: &Step, place: usize) -> LedgerBody {
    let claim = |place: usize| ClaimKey([u8::try_from(place).unwrap(); 16]);
    let at = TimeInterval {
        earliest: UnixMillis(step.minute * MINUTE),
        latest: UnixMillis((step.minute + step.unsure) * MINUTE + 1),
    };
    let (serial, device, gate, operator) =
        (Serial(step.serial), DeviceId(1), GateId(step.gate), OperatorId(0));
    let by = AskedAt { device, gate, operator, at };
    let used = |kind, place| Use {
        right: RightRef {
            event: EventId(3),
            serial,
            generation: Generation(1),
            fingerprint: Fingerprint([1; 8]),
        },
        kind,
        count: step.count,
        claim: claim(place),
        gate,
        device,
        operator,
        epoch: Epoch(1),
        at,
        authority: Authority::Alone,
    };
    let number = u64::try_from(place).unwrap();
    let named = u64::try_from(step.earlier).unwrap();
    match step.what {
        0 | 1 => LedgerBody::Redeemed { used: used(UseKind::Entry, place), number, by_hand: false },
        2 | 3 => LedgerBody::Redeemed { used: used(UseKind::Exit, place), number, by_hand: false },
        4 => LedgerBody::Granted(used(UseKind::Entry, place)),
        5 => LedgerBody::Abandoned { serial, claim: claim(step.earlier), device },
        6 => LedgerBody::Annulled { serial, device, number: named, by },
        _ => LedgerBody::Overridden {
            serial,
            count: step.count,
            code: ReasonCode::AlreadyUsed,
            reason: OverrideReason::Known,
            number,
            by,
        },
    }
}

/// The minutes and gates at which those came in who are inside, one by one.
fn plainly(state: &EventState) -> BTreeMap<(u64, u64, u16), u32> {
    let mut all = BTreeMap::new();
    for (_, right) in state.rights() {
        let mut passed = Vec::new();
        for known in right.redemptions.iter().filter(|known| known.annulled.is_none()) {
            passed.push((
                known.sequence,
                known.used.kind,
                known.used.count,
                known.used.gate,
                known.used.at,
            ));
        }
        for known in &right.overrides {
            passed.push((known.sequence, UseKind::Entry, known.count, known.by.gate, known.by.at));
        }
        passed.sort_by_key(|(sequence, ..)| *sequence);
        for grant in &right.grants {
            let Use { kind, count, gate, at, .. } = grant.used;
            passed.push((0, kind, count, gate, at));
        }
        let mut inside = Vec::new();
        for (_, kind, count, gate, at) in passed {
            for _ in 0..count {
                match kind {
                    UseKind::Entry => {
                        inside.push((at.earliest.0 / MINUTE, at.latest.0 / MINUTE, gate.0))
                    }
                    UseKind::Exit => drop(inside.pop()),
                }
            }
        }
        inside.into_iter().for_each(|person| *all.entry(person).or_default() += 1);
    }
    all
}

proptest! {
    #[test]
    fn a_count_kept_up_is_a_count_made_anew(steps in prop::collection::vec(step(), 1..60)) {
        let mut state = state();
        for (place, step) in steps.iter().enumerate() {
            // What contradicts the state changes nothing.
            let _ = state.append(body(step, place), TimeInterval::exact(UnixMillis(0)));
            let plain = plainly(&state);
            let crowd = Crowd::from(state.occupancy());
            for (since, until, gate) in [
                (0, None, None),
                (10, None, None),
                (60, None, Some(1)),
                (61, Some(130), None),
                (119, Some(120), Some(2)),
                (0, Some(180), None),
            ] {
                let counts = |id: u16| gate.is_none_or(|gate| gate == id);
                let expected: u32 = plain
                    .iter()
                    .filter(|((earliest, latest, id), _)| {
                        *latest >= since
                            && until.is_none_or(|until| *earliest < until)
                            && counts(*id)
                    })
                    .map(|(_, persons)| persons)
                    .sum();
                let counted = Counted {
                    from: UnixMillis(since * MINUTE),
                    until: UnixMillis(until.map_or(u64::MAX, |until| until * MINUTE)),
                    who: Who::By(&|id| counts(id.0)),
                    by: None,
                };
                prop_assert_eq!(crowd.persons(&counted), expected);
            }
        }
    }
}
