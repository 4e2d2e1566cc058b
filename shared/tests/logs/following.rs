//! Following a log: whole, in order, and to what its entries add up.

use kaisatsu_shared::{
    id::{
        ClaimKey, DeviceId, Epoch, GateId, Generation, InstallationId, OperatorId, Serial, TypeId,
    },
    journal::{ChainError, JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::{DeviceKey, RootKey},
    ledger::{
        ClaimStanding, EventState, FoldError, LedgerBody, LedgerEntry, SignedCursor, UnpaidTickets,
    },
    right::{Authority, RightRef, Use, UseKind},
    sync::FeedPage,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Fingerprint,
    validity::Validity,
};

use super::draw::{EVENT, HOME};

pub(super) fn issued(count: usize) -> EventState {
    let mut state = EventState::new(HOME, EVENT, Epoch(0));
    let fingerprints = (0..count).map(|n| Fingerprint([u8::try_from(n).unwrap(); 8])).collect();
    let body = LedgerBody::Issued {
        first: Serial(0),
        ticket_type: TypeId(1),
        entries: 1,
        fingerprints,
        unpaid: UnpaidTickets::NONE,
    };
    state.append(body, TimeInterval::exact(UnixMillis(0))).unwrap();
    state
}

#[test]
fn tickets_are_issued_and_unpaid_by_one_entry() {
    let mut state = issued(2);
    let at = TimeInterval::exact(UnixMillis(1));
    let body = |first, unpaid: &[bool]| LedgerBody::Issued {
        first: Serial(first),
        ticket_type: TypeId(1),
        entries: 1,
        fingerprints: vec![Fingerprint([9; 8]); 9],
        unpaid: unpaid.iter().copied().collect(),
    };
    let mixed = [true, false, false, false, false, false, false, false, true];
    let (entry, bytes) = state.append(body(2, &mixed), at).unwrap();
    let unpaid = |state: &EventState, serial| state.right(Serial(serial)).map(|it| it.unpaid);
    for serial in 0..11 {
        let expected = (serial == 2 || serial == 10).then_some(true);
        assert_eq!(unpaid(&state, serial), expected, "{serial}");
    }
    // The layout says how many tickets there are, and each has its bit.
    assert_eq!(bytes.len(), entry.encode().len());
    let all_paid = LedgerEntry { body: body(2, &[]), ..entry.clone() }.encode();
    assert_eq!(bytes.len(), all_paid.len() + 2);
    // What names a ticket that it doesn't issue contradicts itself, and marks nobody.
    let before = state.clone();
    let beyond = [false, false, false, false, false, false, false, false, false, true];
    assert!(matches!(state.append(body(11, &beyond), at), Err(FoldError::Contradiction(_))));
    assert!(matches!(state.append(body(12, &mixed), at), Err(FoldError::Contradiction(_))));
    assert_eq!(state, before);
    // Paid is paid.
    state.append(LedgerBody::Payment { serial: Serial(10), paid: true }, at).unwrap();
    assert_eq!((unpaid(&state, 2), unpaid(&state, 10)), (Some(true), Some(false)));
}

fn used(serial: u32, device: u32, claim: u8) -> Use {
    Use {
        right: RightRef {
            event: EVENT,
            serial: Serial(serial),
            generation: Generation::FIRST,
            fingerprint: Fingerprint([u8::try_from(serial).unwrap(); 8]),
        },
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([claim; 16]),
        gate: GateId(1),
        device: DeviceId(device),
        operator: OperatorId(0),
        epoch: Epoch(0),
        at: TimeInterval::exact(UnixMillis(5)),
        authority: Authority::Server,
    }
}

#[test]
fn a_journal_is_followed_only_whole_and_in_order() {
    let mut head = JournalHead::default();
    let mut log: Vec<Vec<u8>> = Vec::new();
    for number in 1..=4 {
        let entry = JournalEntry {
            device: DeviceId(1),
            gate: GateId(1),
            operator: OperatorId(0),
            epoch: Epoch(0),
            number,
            previous: head.hash,
            at: TimeInterval::exact(UnixMillis(number)),
            body: JournalBody::Shown { number },
        };
        log.push(entry.encode());
        head = JournalEntry::head_of(HOME, number, log.last().unwrap());
    }
    let follow = |entries: &[&Vec<u8>]| {
        let entries = entries.iter().map(|entry| entry.as_slice());
        JournalHead::default().follow(HOME, DeviceId(1), entries).map(|(head, _)| head)
    };
    let [one, two, three, four] = [&log[0], &log[1], &log[2], &log[3]];
    assert_eq!(follow(&[one, two, three, four]), Ok(head));
    assert_eq!(follow(&[one, three]), Err(ChainError::Gap { expected: 2, found: 3 }));
    assert_eq!(follow(&[one, one]), Err(ChainError::Gap { expected: 2, found: 1 }));
    let mut forked = two.clone();
    *forked.last_mut().unwrap() ^= 1;
    assert_eq!(follow(&[one, &forked, three]), Err(ChainError::Broken(3)));
    let stranger = JournalHead::default().follow(HOME, DeviceId(2), [one.as_slice()]);
    assert_eq!(stranger, Err(ChainError::Stranger(1)));
    let elsewhere = InstallationId([8; 16]);
    let broken = JournalHead::default().follow(elsewhere, DeviceId(1), [&one[..], &two[..]]);
    assert_eq!(broken, Err(ChainError::Broken(2)), "hashes belong to their installation");

    let key = DeviceKey::from_seed([1; 32]);
    let signed = SignedJournalHead::sign(HOME, DeviceId(1), head, &key);
    assert!(signed.verify(HOME, &key.public()).is_ok());
    let mut longer = signed.clone();
    longer.head.number += 1;
    assert_eq!(longer.verify(HOME, &key.public()), Err(ChainError::BadSignature));
}

#[test]
fn a_ledger_is_followed_only_whole_and_in_order() {
    let mut server = issued(2);
    let mut gate = server.clone();
    let at = TimeInterval::exact(UnixMillis(9));
    let mut log = Vec::new();
    for device in 1..=3 {
        let body = LedgerBody::Redeemed { used: used(0, device, 1), number: 1, by_hand: false };
        log.push(server.append(body, at).unwrap().1);
    }
    let start = gate.clone();
    assert_eq!(gate.apply(&log[1]), Err(FoldError::Gap { expected: 2, found: 3 }));
    let mut forked = log[0].clone();
    *forked.last_mut().unwrap() ^= 1;
    gate.apply(&forked).unwrap();
    assert_eq!(gate.apply(&log[1]), Err(FoldError::Broken(3)));
    gate = start;
    for entry in &log {
        gate.apply(entry).unwrap();
    }
    assert_eq!(gate, server);

    let root = RootKey::from_seed([2; 32]);
    let end = SignedCursor::sign(HOME, EVENT, server.cursor(), &root);
    let page = FeedPage { entries: log, end };
    let read = FeedPage::decode(&page.encode()).unwrap();
    assert_eq!(read, page);
    assert!(read.end.verify(HOME, &root.public()));
    assert!(!read.end.verify(HOME, &RootKey::from_seed([3; 32]).public()));
}

#[test]
fn a_use_under_anothers_key_leaves_their_claim_alone() {
    let at = TimeInterval::exact(UnixMillis(0));
    let claim = used(0, 1, 1);
    // Another device records another ticket, or the same one, under the key that it saw in the ledger.
    for foreign in [used(1, 2, 1), used(0, 2, 1), used(1, 1, 1)] {
        let mut state = issued(2);
        state.append(LedgerBody::Granted(claim), at).unwrap();
        let before = state.claim(&claim.claim);
        state
            .append(LedgerBody::Redeemed { used: foreign, number: 1, by_hand: false }, at)
            .unwrap();
        assert_eq!(state.claim(&claim.claim), before);
        assert_eq!(state.right(Serial(0)).unwrap().grants.len(), 1);
        // Its device gives it up: the ticket is free again.
        let (serial, claim, device) = (Serial(0), claim.claim, DeviceId(1));
        state.append(LedgerBody::Abandoned { serial, claim, device }, at).unwrap();
        assert_eq!(state.right(Serial(0)).unwrap().grants, []);
    }
}

#[test]
fn the_fold_follows_a_claim_to_its_end() {
    let mut state = issued(2);
    let at = TimeInterval::exact(UnixMillis(9));
    let one = used(0, 1, 1);
    state.append(LedgerBody::Granted(one), at).unwrap();
    assert_eq!(state.right(Serial(0)).unwrap().claimed(), 1);
    assert_eq!(state.right(Serial(0)).unwrap().entered(), 0);
    assert!(state.append(LedgerBody::Granted(one), at).is_err(), "one key, one grant");

    let gone = LedgerBody::Abandoned { serial: Serial(0), claim: one.claim, device: DeviceId(1) };
    state.append(gone.clone(), at).unwrap();
    assert_eq!(state.right(Serial(0)).unwrap().claimed(), 0);
    assert_eq!(state.claim(&one.claim).unwrap().standing, ClaimStanding::Abandoned);

    let two = used(0, 2, 2);
    state.append(LedgerBody::Granted(two), at).unwrap();
    state.append(LedgerBody::Redeemed { used: two, number: 4, by_hand: false }, at).unwrap();
    let right = state.right(Serial(0)).unwrap();
    assert_eq!((right.entered(), right.claimed()), (1, 1));
    let again = LedgerBody::Redeemed { used: two, number: 4, by_hand: false };
    assert!(state.append(again, at).is_err(), "one journal entry, one redemption");
    let late = LedgerBody::Abandoned { serial: Serial(0), claim: two.claim, device: DeviceId(2) };
    assert!(state.append(late, at).is_err(), "a redemption is never taken back");

    // The key that was given up is used after all: recorded, and both uses are the conflict.
    state.append(LedgerBody::Redeemed { used: one, number: 8, by_hand: false }, at).unwrap();
    let redemptions: Vec<u64> =
        state.right(Serial(0)).unwrap().redemptions.iter().map(|r| r.sequence).collect();
    state.append(LedgerBody::ConflictFound { serial: Serial(0), redemptions }, at).unwrap();
    let conflicts: Vec<_> = state.conflicts().collect();
    assert_eq!(conflicts.len(), 1);
    let devices: Vec<_> = conflicts[0].redemptions.iter().map(|r| r.used.device.0).collect();
    assert_eq!((conflicts[0].allowed, devices), (1, vec![2, 1]));
}

#[test]
fn renewals_are_said_of_issued_tickets_by_serial() {
    let mut state = issued(4);
    let at = TimeInterval::exact(UnixMillis(9));
    let months = |until| Validity { from: UnixSeconds(10), until: UnixSeconds(until) };
    let renew = |state: &mut EventState, first, count, until| {
        let body = LedgerBody::Renewed { first: Serial(first), count, validity: months(until) };
        state.append(body, at).map(|_| ())
    };
    renew(&mut state, 0, 3, 20).unwrap();
    renew(&mut state, 1, 1, 30).unwrap();
    let known = [0, 1, 2, 3].map(|serial| state.roster().validity(Serial(serial)));
    assert_eq!(known, [Some(months(20)), Some(months(30)), Some(months(20)), None]);
    for (first, count, until) in [(3, 2, 40), (4, 1, 40), (0, 0, 40), (0, 1, 10)] {
        let before = state.clone();
        assert!(renew(&mut state, first, count, until).is_err(), "{first} {count} {until}");
        assert_eq!(state, before);
    }
    // Nothing else is known of a ticket for it.
    assert_eq!(state.right(Serial(1)), None);
}

#[test]
fn a_renewal_has_its_layout() {
    let bytes = |count: u16, from: u32, until: u32| {
        let validity = Validity { from: UnixSeconds(from), until: UnixSeconds(until) };
        let body = LedgerBody::Renewed { first: Serial(7), count, validity };
        issued(1).next_entry(body, TimeInterval::exact(UnixMillis(1))).encode()
    };
    let good = bytes(2, 5, 6);
    let tail = [16, 0, 0, 0, 7, 0, 2, 0, 0, 0, 5, 0, 0, 0, 6];
    assert!(good.ends_with(&tail));
    assert!(LedgerEntry::decode(&good).is_ok());
    for (count, from, until) in [(0, 5, 6), (1025, 5, 6), (2, 6, 6), (2, 7, 6)] {
        assert!(LedgerEntry::decode(&bytes(count, from, until)).is_err(), "{count} {from} {until}");
    }
}
