//! Entries of both logs, drawn at random.

use kaisatsu_shared::{
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, LeaseId,
        OperatorId, Serial, SlotId, TypeId, ZoneId,
    },
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{
        AfterReceipt, AskedAt, BlockReason, Cursor, IssuedTicket, LedgerBody, LedgerEntry, Receipt,
        ReissueReason, VoidReason,
    },
    place::Place,
    reason::ReasonCode,
    right::{Authority, OverrideReason, RightRef, Use, UseKind},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Fingerprint,
    validity::Validity,
};
use proptest::prelude::*;

pub(super) const HOME: InstallationId = InstallationId([7; 16]);
pub(super) const EVENT: EventId = EventId(3);

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

fn place() -> impl Strategy<Value = Place> {
    prop_oneof![
        Just(Place::Venue),
        any::<u16>().prop_map(|id| Place::Zone(ZoneId(id))),
        any::<u16>().prop_map(|id| Place::Slot(SlotId(id))),
    ]
}

fn recipient() -> impl Strategy<Value = Recipient> {
    prop_oneof![
        Just(Recipient::Server),
        any::<u32>().prop_map(|id| Recipient::Device(DeviceId(id))),
    ]
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
        (any::<u32>(), 1..=u32::MAX, recipient()).prop_map(|(lease, persons, to)| {
            JournalBody::ShareTransferred { lease: LeaseId(lease), persons, to }
        }),
        (any::<[u32; 3]>(), any::<u64>()).prop_map(|([lease, serial, from], number)| {
            let (lease, serial, from) = (LeaseId(lease), Serial(serial), DeviceId(from));
            JournalBody::Received { lease, serial, from, number }
        }),
        (usage(), any::<u64>()).prop_map(|(used, number)| {
            let Use { device, gate, right, kind, count, claim, at, .. } = used;
            JournalBody::Recounted { device, gate, number, right, kind, count, claim, at }
        }),
        Just(JournalBody::SignedIn),
        Just(JournalBody::SignedOut),
        any::<u32>().prop_map(|id| JournalBody::PinRefused { operator: OperatorId(id) }),
        any::<u64>().prop_map(|at| JournalBody::TimeSet { at: UnixMillis(at) }),
    ]
}

pub(super) fn journal_entry() -> impl Strategy<Value = JournalEntry> {
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

pub(super) fn ledger_body() -> impl Strategy<Value = LedgerBody> {
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
        (any::<[u32; 2]>(), any::<u16>(), place(), 1..=u32::MAX).prop_map(
            |([lease, device], gate, place, persons)| LedgerBody::ShareLeased {
                lease: LeaseId(lease),
                device: DeviceId(device),
                gate: GateId(gate),
                place,
                persons,
            }
        ),
        (any::<u32>(), 1..=u32::MAX).prop_map(|(lease, persons)| LedgerBody::ShareRecalled {
            lease: LeaseId(lease),
            persons,
        }),
        (any::<u32>(), 1..=u32::MAX, any::<u64>()).prop_map(|(lease, persons, number)| {
            LedgerBody::ShareTransferred { lease: LeaseId(lease), persons, number }
        }),
        (any::<[u32; 3]>(), serials(), any::<u16>(), any::<u64>()).prop_map(
            |([lease, from, to], serials, gate, number)| LedgerBody::HandedOn {
                lease: LeaseId(lease),
                serials,
                from: DeviceId(from),
                to: DeviceId(to),
                gate: GateId(gate),
                number,
            }
        ),
        (any::<[u32; 4]>(), any::<u64>(), after_receipt()).prop_map(
            |([lease, serial, device, from], number, then)| LedgerBody::Received(Receipt {
                lease: LeaseId(lease),
                serial: Serial(serial),
                device: DeviceId(device),
                from: DeviceId(from),
                number,
                then,
            })
        ),
        Just(LedgerBody::Restored),
        cursor().prop_map(|lost| LedgerBody::RollbackFound { lost }),
        (cursor(), any::<[u32; 2]>()).prop_map(|(until, [restated, unfit])| {
            LedgerBody::Recovered { until, restated, unfit }
        }),
        serial().prop_map(|first_free| LedgerBody::Settled { first_free }),
        (serial(), proptest::collection::vec(any::<u64>(), 0..9))
            .prop_map(|(serial, redemptions)| LedgerBody::ConflictFound { serial, redemptions }),
    ]
}

fn after_receipt() -> impl Strategy<Value = AfterReceipt> {
    prop_oneof![
        Just(AfterReceipt::Held),
        (recipient(), any::<u64>()).prop_map(|(to, number)| AfterReceipt::Gave { to, number }),
        Just(AfterReceipt::Unfounded),
    ]
}

fn cursor() -> impl Strategy<Value = Cursor> {
    (any::<u32>(), any::<u64>(), any::<[u8; 32]>()).prop_map(|(epoch, sequence, hash)| Cursor {
        epoch: Epoch(epoch),
        sequence,
        hash,
    })
}

pub(super) fn ledger_entry() -> impl Strategy<Value = LedgerEntry> {
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
