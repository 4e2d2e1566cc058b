//! Journal and ledger: one spelling, chained, and a fold that never guesses.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use kaisatsu_shared::{
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, LeaseId,
        OperatorId, Serial, TypeId,
    },
    journal::{ChainError, JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::{DeviceKey, RootKey},
    lease::{Recipient, Serials},
    ledger::{
        AskedAt, BlockReason, ClaimStanding, EventState, FoldError, IssuedTicket, LedgerBody,
        LedgerEntry, ReissueReason, SignedCursor, UnpaidTickets, VoidReason,
    },
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, Use, UseKind},
    sync::FeedPage,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Fingerprint,
    validity::Validity,
};
use proptest::prelude::*;

const HOME: InstallationId = InstallationId([7; 16]);
const EVENT: EventId = EventId(3);

fn right() -> impl Strategy<Value = RightRef> {
    (any::<u32>(), any::<u32>(), any::<u8>(), any::<[u8; 8]>()).prop_map(
        |(event, serial, generation, fingerprint)| RightRef {
            event: EventId(event),
            serial: Serial(serial),
            generation: Generation(generation),
            fingerprint: Fingerprint(fingerprint),
        },
    )
}

fn interval() -> impl Strategy<Value = TimeInterval> {
    (any::<u64>(), any::<u64>()).prop_map(|(one, two)| TimeInterval {
        earliest: UnixMillis(one.min(two)),
        latest: UnixMillis(one.max(two)),
    })
}

fn authority() -> impl Strategy<Value = Authority> {
    prop_oneof![
        Just(Authority::Server),
        Just(Authority::Alone),
        Just(Authority::Lease),
        Just(Authority::Hub)
    ]
}

fn kind() -> impl Strategy<Value = UseKind> {
    prop_oneof![Just(UseKind::Entry), Just(UseKind::Exit)]
}

fn usage() -> impl Strategy<Value = Use> {
    (right(), kind(), 1..=u8::MAX, any::<[u8; 16]>(), any::<[u32; 3]>(), interval(), authority())
        .prop_map(|(right, kind, count, claim, [device, operator, epoch], at, authority)| Use {
            right,
            kind,
            count,
            claim: ClaimKey(claim),
            gate: GateId(9),
            device: DeviceId(device),
            operator: OperatorId(operator),
            epoch: Epoch(epoch),
            at,
            authority,
        })
}

fn code() -> impl Strategy<Value = ReasonCode> {
    (0..ReasonCode::ALL.len()).prop_map(|index| ReasonCode::ALL[index])
}

fn reason() -> impl Strategy<Value = OverrideReason> {
    (0..OverrideReason::ALL.len()).prop_map(|index| OverrideReason::ALL[index])
}

fn asked() -> impl Strategy<Value = AskedAt> {
    usage().prop_map(|Use { device, gate, operator, at, .. }| AskedAt {
        device,
        gate,
        operator,
        at,
    })
}

fn serials() -> impl Strategy<Value = Serials> {
    (any::<u32>(), any::<u32>()).prop_map(|(one, other)| {
        Serials::new(Serial(one.min(other)), Serial(one.max(other))).unwrap()
    })
}

fn journal_body() -> impl Strategy<Value = JournalBody> {
    prop_oneof![
        (usage(), any::<bool>()).prop_map(|(used, by_hand)| JournalBody::Redeemed {
            right: used.right,
            kind: used.kind,
            count: used.count,
            claim: used.claim,
            authority: used.authority,
            by_hand,
        }),
        any::<u64>().prop_map(|number| JournalBody::Shown { number }),
        (code(), proptest::option::of(right()))
            .prop_map(|(code, right)| JournalBody::Refused { code, right }),
        (any::<u64>(), right())
            .prop_map(|(number, right)| JournalBody::Interrupted { number, right }),
        (any::<u32>(), any::<u64>(), right(), any::<bool>()).prop_map(
            |(device, number, right, let_in)| JournalBody::Answered {
                device: DeviceId(device),
                number,
                right,
                let_in,
            }
        ),
        (any::<[u8; 16]>(), right())
            .prop_map(|(claim, right)| JournalBody::Abandoned { claim: ClaimKey(claim), right }),
        (right(), any::<Option<bool>>(), proptest::option::of(1..=u8::MAX))
            .prop_map(|(right, identity, choice)| JournalBody::Checked { right, identity, choice }),
        (right(), 1..=u8::MAX, code(), reason()).prop_map(|(right, count, code, reason)| {
            JournalBody::Overridden { right, count, code, reason }
        }),
        (any::<u32>(), any::<u64>(), right()).prop_map(|(device, number, right)| {
            JournalBody::Annulled { device: DeviceId(device), number, right }
        }),
        (any::<u32>(), serials(), any::<Option<u32>>()).prop_map(|(lease, serials, to)| {
            let to = to.map_or(Recipient::Server, |device| Recipient::Device(DeviceId(device)));
            JournalBody::Transferred { lease: LeaseId(lease), serials, to }
        }),
        usage().prop_map(|used| JournalBody::Granted {
            device: used.device,
            gate: used.gate,
            right: used.right,
            kind: used.kind,
            count: used.count,
            claim: used.claim,
        }),
        usage().prop_map(|Use { device, claim, right, .. }| JournalBody::GaveUp {
            device,
            claim,
            right,
        }),
        Just(JournalBody::SignedIn),
        Just(JournalBody::SignedOut),
        any::<u32>().prop_map(|id| JournalBody::PinRefused { operator: OperatorId(id) }),
        any::<u64>().prop_map(|at| JournalBody::TimeSet { at: UnixMillis(at) }),
    ]
}

fn journal_entry() -> impl Strategy<Value = JournalEntry> {
    (any::<[u32; 3]>(), any::<u16>(), any::<u64>(), any::<[u8; 32]>(), interval(), journal_body())
        .prop_map(|([device, operator, epoch], gate, number, previous, at, body)| JournalEntry {
            device: DeviceId(device),
            gate: GateId(gate),
            operator: OperatorId(operator),
            epoch: Epoch(epoch),
            number,
            previous,
            at,
            body,
        })
}

fn ledger_body() -> impl Strategy<Value = LedgerBody> {
    let serial = || any::<u32>().prop_map(Serial);
    let device = || any::<u32>().prop_map(DeviceId);
    let ticket = (any::<[u8; 8]>().prop_map(Fingerprint), any::<bool>());
    let tickets = proptest::collection::vec(ticket, 1..40);
    prop_oneof![
        (any::<u32>(), any::<u32>(), any::<u16>(), serials()).prop_map(
            |(lease, device, gate, serials)| LedgerBody::Leased {
                lease: LeaseId(lease),
                device: DeviceId(device),
                gate: GateId(gate),
                serials,
            }
        ),
        (any::<u32>(), serials())
            .prop_map(|(lease, serials)| LedgerBody::Recalled { lease: LeaseId(lease), serials }),
        (any::<u32>(), serials(), any::<u64>()).prop_map(|(lease, serials, number)| {
            LedgerBody::Transferred { lease: LeaseId(lease), serials, number }
        }),
        (serial(), any::<u16>(), any::<u8>(), tickets, any::<bool>()).prop_map(
            |(first, ticket_type, entries, tickets, paid)| LedgerBody::Issued {
                first,
                ticket_type: TypeId(ticket_type),
                entries,
                fingerprints: tickets.iter().map(|(print, _)| *print).collect(),
                unpaid: tickets.iter().map(|(_, unpaid)| *unpaid && !paid).collect(),
            }
        ),
        right().prop_map(|right| LedgerBody::Reissued(IssuedTicket {
            serial: right.serial,
            generation: right.generation,
            fingerprint: right.fingerprint,
            reason: ReissueReason::Other,
        })),
        (right(), 0..ReissueReason::ALL.len()).prop_map(|(right, reason)| {
            LedgerBody::Reissued(IssuedTicket {
                serial: right.serial,
                generation: right.generation,
                fingerprint: right.fingerprint,
                reason: ReissueReason::ALL[reason],
            })
        }),
        (serial(), 0..BlockReason::ALL.len()).prop_map(|(serial, reason)| {
            LedgerBody::Blocked { serial, reason: BlockReason::ALL[reason] }
        }),
        (serial(), 1..=1024_u16, any::<u32>(), 1..=u32::MAX).prop_map(
            |(first, count, from, length)| {
                let from = from.min(u32::MAX - 1);
                let until = UnixSeconds(from.saturating_add(length));
                let validity = Validity { from: UnixSeconds(from), until };
                LedgerBody::Renewed { first, count, validity }
            }
        ),
        serial().prop_map(|serial| LedgerBody::Unblocked { serial }),
        (serial(), any::<bool>()).prop_map(|(serial, paid)| LedgerBody::Payment { serial, paid }),
        serial().prop_map(|serial| LedgerBody::Voided { serial, reason: VoidReason::Lost }),
        usage().prop_map(LedgerBody::Granted),
        (serial(), any::<[u8; 16]>(), device()).prop_map(|(serial, claim, device)| {
            LedgerBody::Abandoned { serial, claim: ClaimKey(claim), device }
        }),
        (usage(), any::<u64>(), any::<bool>())
            .prop_map(|(used, number, by_hand)| LedgerBody::Redeemed { used, number, by_hand }),
        (serial(), device(), any::<u64>()).prop_map(|(serial, device, number)| {
            LedgerBody::Interrupted { serial, device, number }
        }),
        (serial(), device(), any::<u64>(), any::<bool>(), asked()).prop_map(
            |(serial, device, number, let_in, by)| LedgerBody::Answered {
                serial,
                device,
                number,
                let_in,
                by,
            }
        ),
        (serial(), any::<u8>(), code(), reason(), any::<u64>(), asked()).prop_map(
            |(serial, count, code, reason, number, by)| LedgerBody::Overridden {
                serial,
                count,
                code,
                reason,
                number,
                by,
            }
        ),
        (serial(), device(), any::<u64>(), asked()).prop_map(|(serial, device, number, by)| {
            LedgerBody::Annulled { serial, device, number, by }
        }),
        (serial(), proptest::collection::vec(any::<u64>(), 0..9))
            .prop_map(|(serial, redemptions)| LedgerBody::ConflictFound { serial, redemptions }),
    ]
}

fn ledger_entry() -> impl Strategy<Value = LedgerEntry> {
    (any::<[u32; 2]>(), any::<u64>(), any::<[u8; 32]>(), interval(), ledger_body()).prop_map(
        |([event, epoch], sequence, previous, at, body)| LedgerEntry {
            event: EventId(event),
            epoch: Epoch(epoch),
            sequence,
            previous,
            at,
            body,
        },
    )
}

proptest! {
    #[test]
    fn journal_entries_have_one_spelling(entry in journal_entry()) {
        let bytes = entry.encode();
        prop_assert_eq!(JournalEntry::decode(&bytes), Ok(entry));
        prop_assert!(JournalEntry::decode(&bytes[..bytes.len() - 1]).is_err());
        prop_assert!(JournalEntry::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn ledger_entries_have_one_spelling(entry in ledger_entry()) {
        let bytes = entry.encode();
        prop_assert_eq!(LedgerEntry::decode(&bytes), Ok(entry));
        prop_assert!(LedgerEntry::decode(&bytes[..bytes.len() - 1]).is_err());
        prop_assert!(LedgerEntry::decode(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn a_changed_byte_is_refused_or_another_entry(
        journal in journal_entry(),
        ledger in ledger_entry(),
        at in any::<prop::sample::Index>(),
        flip in 1..=u8::MAX,
    ) {
        let mut bytes = journal.encode();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(other) = JournalEntry::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
        let mut bytes = ledger.encode();
        let index = at.index(bytes.len());
        bytes[index] ^= flip;
        if let Ok(other) = LedgerEntry::decode(&bytes) {
            prop_assert_eq!(other.encode(), bytes);
        }
    }

    #[test]
    fn any_bytes_are_handled(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(entry) = JournalEntry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), &bytes[..]);
        }
        if let Ok(entry) = LedgerEntry::decode(&bytes) {
            prop_assert_eq!(entry.encode(), &bytes[..]);
        }
        let _ = FeedPage::decode(&bytes);
    }

    #[test]
    fn folding_anything_never_panics_nor_half_applies(
        bodies in proptest::collection::vec(ledger_body(), 0..30),
    ) {
        let mut state = issued(4);
        for body in bodies {
            let before = state.clone();
            if state.append(body, TimeInterval::exact(UnixMillis(1))).is_err() {
                prop_assert_eq!(&state, &before);
            }
        }
    }
}

fn issued(count: usize) -> EventState {
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
