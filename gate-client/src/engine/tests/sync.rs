//! The ledger's way down and the journal's way up.

use kaisatsu_shared::{
    bundle::Policy,
    reason::ReasonCode,
    sync::{BatchAnswer, MAX_BATCH_ENTRIES},
};

use super::world::{Event, Gate, INSTALLATION};
use crate::engine::{Input, LinkState};

#[test]
fn a_use_elsewhere_comes_down_and_a_page_sent_twice_changes_nothing() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    event.used_elsewhere(0, 1);
    gate.feed(&event, 3);
    let cursor = gate.engine.state().cursor();
    gate.feed(&event, 0);
    gate.feed(&event, 3);
    assert_eq!((gate.engine.state().cursor(), gate.broken.len()), (cursor, 0));
    assert_eq!(gate.disk.ledger, event.ledger);
    gate.scan(event.text(0));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn a_gap_or_another_history_is_reported_and_not_followed() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    event.used_elsewhere(0, 1);
    event.used_elsewhere(1, 2);
    gate.feed(&event, 4);
    assert_eq!(gate.broken.len(), 1);
    let mut other = Event::new();
    other.used_elsewhere(1, 7);
    gate.feed(&other, 3);
    other.used_elsewhere(0, 8);
    gate.feed(&event, 3);
    assert_eq!(gate.broken.len(), 2, "{:?}", gate.broken);
    assert_eq!(gate.engine.state().cursor().sequence, 4);
}

#[test]
fn an_own_redemption_that_comes_back_counts_once() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(2));
    gate.answer_claim(&mut event);
    gate.deliver_all(&mut event);
    gate.feed(&event, 3);
    gate.scan(event.text(2));
    gate.answer_claim(&mut event);
    assert_eq!(gate.last(), ReasonCode::Admitted);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    // The same from the disk.
    gate.crash(&event, false);
    gate.scan(event.text(2));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
}

#[test]
fn an_own_grant_in_the_feed_does_not_stand_in_the_way() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan(event.text(0));
    let claim = gate.claims.pop_front().unwrap();
    event.answer(&claim);
    // The grant arrives by the feed, its answer doesn't.
    gate.feed(&event, 3);
    gate.pass(300);
    assert_eq!(gate.last(), ReasonCode::Admitted);
}

#[test]
fn the_outbox_goes_up_in_batches_and_shrinks_with_each_acknowledgement() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    for _ in 0..MAX_BATCH_ENTRIES + 10 {
        gate.scan("not a ticket".into());
    }
    gate.handle(Input::Link(LinkState::Online));
    assert_eq!(gate.uploads.len(), 1);
    assert_eq!(gate.uploads[0].len(), MAX_BATCH_ENTRIES);
    gate.deliver(&mut event);
    assert_eq!(gate.engine.status().unsynced, 10);
    assert_eq!(gate.disk.acknowledged, MAX_BATCH_ENTRIES as u64);
    gate.deliver(&mut event);
    assert_eq!((gate.engine.status().unsynced, gate.uploads.len()), (0, 0));
    // What was acknowledged isn't sent again after a restart.
    gate.crash(&event, false);
    gate.handle(Input::Link(LinkState::Online));
    assert!(gate.uploads.is_empty());
}

#[test]
fn a_failed_delivery_is_repeated_after_a_second() {
    let event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan("not a ticket".into());
    let first = gate.uploads.pop_front().unwrap();
    gate.handle(Input::UploadFailed);
    gate.pass(999);
    assert!(gate.uploads.is_empty());
    assert_eq!(gate.engine.next_tick(), Some(1_000));
    gate.pass(1);
    assert_eq!(gate.uploads.pop_front().unwrap(), first);
    // So is one that brought nothing forward: no busy loop with a server that stands still.
    gate.handle(Input::Uploaded(BatchAnswer {
        acknowledged: 0,
        entries: Vec::new(),
        suspicious_times: Vec::new(),
    }));
    assert!(gate.uploads.is_empty());
    gate.pass(1_000);
    assert_eq!(gate.uploads.len(), 1);
}

#[test]
fn more_than_was_sent_cannot_be_acknowledged() {
    let event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan("not a ticket".into());
    gate.scan("nor this".into());
    assert_eq!(gate.uploads[0].len(), 1);
    gate.handle(Input::Uploaded(BatchAnswer {
        acknowledged: 99,
        entries: Vec::new(),
        suspicious_times: Vec::new(),
    }));
    assert_eq!(gate.disk.acknowledged, 1);
    assert_eq!(gate.engine.status().unsynced, 1);
    assert!(gate.doubted.is_empty());
    gate.handle(Input::Uploaded(BatchAnswer {
        acknowledged: 99,
        entries: Vec::new(),
        suspicious_times: vec![2],
    }));
    assert_eq!((gate.disk.acknowledged, gate.doubted), (2, vec![2]));
}

#[test]
fn a_conflict_is_reported_with_the_own_entry() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    gate.scan(event.text(0));
    event.used_elsewhere(0, 1);
    gate.handle(Input::Link(LinkState::Online));
    gate.deliver_all(&mut event);
    assert_eq!(gate.conflicts, [1]);
}

#[test]
fn only_a_newer_bundle_of_this_event_is_taken() {
    let event = Event::new();
    let mut gate = Gate::new(&event);
    let root = kaisatsu_shared::key::RootKey::from_seed([1; 32]).public();
    let mut give = |version, policy| {
        let signed = event.bundle(version, policy);
        let open = Box::new(signed.open(&root, INSTALLATION).unwrap());
        gate.handle(Input::Bundle { signed, open });
        (gate.engine.status().bundle_version, gate.engine.bundle().unwrap().rules.policy)
    };
    assert_eq!(give(1, Policy::OnlineOnly), (Some(1), Policy::Available));
    assert_eq!(give(3, Policy::OnlineOnly), (Some(3), Policy::OnlineOnly));
    assert_eq!(give(2, Policy::Available), (Some(3), Policy::OnlineOnly));
    let on_disk = gate.disk.bundle.clone().unwrap();
    assert_eq!(on_disk, event.bundle(3, Policy::OnlineOnly));
}

#[test]
fn what_the_feed_brought_is_kept_until_the_disk_takes_it() {
    let mut event = Event::new();
    let mut gate = Gate::new(&event);
    event.used_elsewhere(0, 1);
    gate.full = true;
    gate.feed(&event, 3);
    event.used_elsewhere(1, 2);
    gate.feed(&event, 4);
    assert_eq!(gate.disk.ledger.len(), 3);
    gate.scan(event.text(1));
    assert_eq!(gate.last(), ReasonCode::AlreadyUsed);
    gate.full = false;
    gate.pass(50);
    assert_eq!(gate.disk.ledger, event.ledger);
}

#[test]
fn a_server_that_lost_what_it_acknowledged_gets_it_again() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    for _ in 0..3 {
        gate.scan("not a ticket".into());
    }
    gate.deliver_all(&mut event);
    assert_eq!(gate.disk.acknowledged, 3);
    let behind = |gate: &Gate, number: usize| Input::ServerHas {
        number: number as u64,
        entries: gate.disk.journal[number..].to_vec(),
    };
    gate.handle(behind(&gate, 3));
    assert!(gate.uploads.is_empty());
    gate.handle(behind(&gate, 1));
    assert_eq!((gate.disk.acknowledged, gate.engine.status().unsynced), (1, 2));
    assert_eq!(gate.uploads[0], gate.disk.journal[1..]);
    gate.deliver_all(&mut event);
    assert_eq!((gate.disk.acknowledged, gate.engine.status().unsynced), (3, 0));
}

#[test]
fn what_the_server_got_by_hand_is_not_sent_again() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan("not a ticket".into());
    let first = gate.uploads.pop_front().unwrap();
    gate.handle(Input::UploadFailed);
    gate.handle(Input::Link(LinkState::Alone));
    gate.scan("not a ticket".into());
    gate.scan("not a ticket".into());
    let has = |gate: &Gate, number: usize| Input::ServerHas {
        number: number as u64,
        entries: gate.disk.journal.get(number..).unwrap_or_default().to_vec(),
    };
    gate.handle(has(&gate, 2));
    assert_eq!((gate.disk.acknowledged, gate.engine.status().unsynced), (2, 1));
    // More than was written means another journal: it stays as it is.
    gate.handle(has(&gate, 9));
    assert_eq!((gate.disk.acknowledged, gate.engine.status().unsynced), (2, 1));
    gate.handle(Input::Link(LinkState::Online));
    gate.pass(1_000);
    assert_eq!(gate.uploads.front().unwrap(), &gate.disk.journal[2..]);
    assert_ne!(gate.uploads.front(), Some(&first));
    let carried = gate.disk.journal[..2].to_vec();
    event.take(&carried);
    gate.deliver_all(&mut event);
    assert_eq!((gate.disk.acknowledged, gate.engine.status().unsynced), (3, 0));
}

#[test]
fn refused_batches_are_sent_ever_more_rarely_silence_is_tried_each_second() {
    let mut event = Event::new();
    let mut gate = Gate::online(&event);
    gate.scan("another system's code".to_owned());
    let mut waits = |input: fn() -> Input, times: usize| {
        let mut waits = Vec::new();
        for _ in 0..times {
            gate.uploads.pop_front().unwrap();
            gate.handle(input());
            assert_eq!(gate.uploads.len(), 0);
            let wait = gate.engine.next_tick().unwrap() - gate.monotonic;
            gate.pass(wait - 1);
            assert_eq!(gate.uploads.len(), 0);
            gate.pass(1);
            waits.push(wait);
        }
        waits
    };
    assert_eq!(waits(|| Input::UploadFailed, 3), [1_000, 1_000, 1_000]);
    let seconds = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    assert_eq!(waits(|| Input::UploadRefused, 8), seconds);
    assert_eq!(waits(|| Input::UploadFailed, 1), [1_000]);
    // Once something is taken the refusals are forgotten.
    gate.deliver(&mut event);
    gate.scan("another system's code".to_owned());
    gate.uploads.pop_front().unwrap();
    gate.handle(Input::UploadRefused);
    assert_eq!(gate.engine.next_tick(), Some(gate.monotonic + 1_000));
}
