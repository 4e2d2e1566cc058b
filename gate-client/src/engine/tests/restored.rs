//! A server that was restored: the gate changes over to its new ledger, and forgets nothing.

use kaisatsu_shared::{
    id::Epoch,
    ledger::{LedgerBody, SignedCursor, VoidReason},
    reason::ReasonCode,
};

use super::world::{Event, Gate, INSTALLATION, time};
use crate::engine::{Input, Record, Replacement};

/// How many entries both ledgers begin with.
const COMMON: usize = 3;

/// The event as the restored server has it: tickets as before, then a new epoch.
fn restored() -> Event {
    let mut event = Event::new();
    let (_, bytes) = event.state.enter_epoch(Epoch(2), time(0)).unwrap();
    event.ledger.push(bytes);
    event
}

fn change_over(gate: &mut Gate, event: &Event) {
    let cursor = event.state.cursor();
    let end = SignedCursor::sign(INSTALLATION, event.state.event(), cursor, &event.root);
    let replacement = Replacement {
        kept: gate.disk.ledger.clone(),
        common: COMMON as u64,
        entries: event.ledger[COMMON..].to_vec(),
        end,
        journal: gate.disk.entries().1,
    };
    gate.handle(Input::Replaced(Box::new(replacement)));
}

#[test]
fn what_was_lost_is_known_here_all_the_same() {
    let mut old = Event::new();
    let mut gate = Gate::new(&old);
    // Own use, in the ledger that is lost; another gate's use, only there; a mark, only there.
    gate.scan(old.text(0));
    assert_eq!(gate.last(), ReasonCode::Admitted);
    let own = gate.disk.entries().1;
    let own = own.iter().find_map(|entry| Some((entry.redeemed()?, entry.number))).unwrap();
    old.append(LedgerBody::Redeemed { used: own.0, number: own.1, by_hand: false });
    old.used_elsewhere(1, 7);
    gate.feed(&old, COMMON);
    let mut new = restored();
    let reason = VoidReason::Refunded;
    new.append(LedgerBody::Voided { serial: kaisatsu_shared::id::Serial(2), reason });
    change_over(&mut gate, &new);
    assert_eq!(gate.broken, Vec::<String>::new());
    assert_eq!(gate.engine.state().cursor(), new.state.cursor());
    assert_eq!(gate.disk.ledger, new.ledger);
    let expected = [ReasonCode::AlreadyUsed, ReasonCode::AlreadyUsed, ReasonCode::Voided];
    for (serial, code) in (0..).zip(expected) {
        gate.scan(new.text(serial));
        assert_eq!(gate.last(), code, "ticket {serial}");
    }
    // What it says from now on is of the new epoch, and the next entries follow.
    let newest = gate.disk.entries().1;
    assert_eq!(newest.last().unwrap().epoch, Epoch(2));
    let from = new.ledger.len();
    new.append(LedgerBody::Blocked {
        serial: kaisatsu_shared::id::Serial(1),
        reason: kaisatsu_shared::ledger::BlockReason::Dispute,
    });
    gate.feed(&new, from);
    assert_eq!(gate.disk.ledger, new.ledger);
    // A restart reads the same.
    gate.crash(&new, true);
    gate.scan(new.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn nobody_rolls_a_gate_back() {
    let mut old = Event::new();
    let mut gate = Gate::new(&old);
    old.used_elsewhere(0, 7);
    gate.feed(&old, COMMON);
    let before = gate.engine.state().cursor();
    // The same epoch, whatever it says; and entries that don't lead to their end.
    let mut same = Event::new();
    same.append(LedgerBody::Voided {
        serial: kaisatsu_shared::id::Serial(1),
        reason: VoidReason::Refunded,
    });
    change_over(&mut gate, &same);
    let mut torn = restored();
    torn.append(LedgerBody::Unblocked { serial: kaisatsu_shared::id::Serial(1) });
    torn.ledger.pop();
    change_over(&mut gate, &torn);
    torn.ledger[COMMON][9] ^= 1;
    change_over(&mut gate, &torn);
    assert_eq!(gate.broken.len(), 3, "{:?}", gate.broken);
    assert_eq!((gate.engine.state().cursor(), gate.disk.ledger), (before, old.ledger));
}

#[test]
fn a_page_that_ends_as_signed_is_kept_with_its_proof() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    for ends in [true, false] {
        let from = event.ledger.len();
        event.append(LedgerBody::Unblocked { serial: kaisatsu_shared::id::Serial(0) });
        let mut cursor = event.state.cursor();
        if !ends {
            cursor.sequence += 1;
        }
        let end = SignedCursor::sign(INSTALLATION, event.state.event(), cursor, &event.root);
        let entries = event.ledger[from..].to_vec();
        let before = gate.disk.page_ends.len();
        gate.handle(Input::Feed { entries, end: Some(end.clone()) });
        let kept = &gate.disk.page_ends[before..];
        assert_eq!(kept, if ends { vec![end] } else { Vec::new() });
    }
    gate.disk.apply(&[Record::LedgerCut(COMMON as u64)]);
    assert!(gate.disk.page_ends.is_empty());
}
