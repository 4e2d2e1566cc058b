//! An honest ledger with an entry of every kind, and the cursor after each of them.

use std::sync::OnceLock;

use kaisatsu_shared::{
    id::{ClaimKey, DeviceId, Epoch, GateId, Generation, OperatorId, Serial, TypeId},
    ledger::{
        AskedAt, BlockReason, Cursor, EventState, IssuedTicket, LedgerBody, ReissueReason,
        SignedCursor, UnpaidTickets, VoidReason,
    },
    reason::ReasonCode,
    right::{Authority, OverrideReason, Use, UseKind},
    sync::FeedPage,
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

use crate::house::{AT, EVENT, INSTALLATION, house, right};

/// As many entries were written before the restore.
const RESTORED: usize = 14;

/// The server's ledger.
pub(super) struct History {
    pub(super) entries: Vec<Vec<u8>>,
    /// The cursor after as many entries.
    pub(super) cursors: Vec<Cursor>,
    /// The state after all of them.
    pub(super) state: EventState,
    /// The server's signature under each cursor.
    ends: Vec<SignedCursor>,
}

pub(super) fn history() -> &'static History {
    static HISTORY: OnceLock<History> = OnceLock::new();
    HISTORY.get_or_init(|| {
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
        let (mut entries, mut cursors) = (Vec::new(), vec![state.cursor()]);
        for body in bodies() {
            // The server was restored on the way.
            if entries.len() == RESTORED {
                let (_, bytes) = state.enter_epoch(Epoch(1), at(0)).expect("it is higher");
                entries.push(bytes);
                cursors.push(state.cursor());
            }
            let (_, bytes) = state.append(body, at(0)).expect("nothing contradicts");
            entries.push(bytes);
            cursors.push(state.cursor());
        }
        let root = &house().root;
        let sign = |cursor: &Cursor| SignedCursor::sign(INSTALLATION, EVENT, *cursor, root);
        let ends = cursors.iter().map(sign).collect();
        History { entries, cursors, state, ends }
    })
}

impl History {
    /// The page that an honest server answers.
    pub(super) fn page(&self, after: usize, until: usize) -> FeedPage {
        FeedPage { entries: self.entries[after..until].to_vec(), end: self.ends[until].clone() }
    }
}

fn at(seconds: u64) -> TimeInterval {
    TimeInterval::exact(UnixMillis((u64::from(AT) + seconds) * 1_000))
}

fn used(serial: u32, device: u32, claim: u8, authority: Authority) -> Use {
    Use {
        right: right(serial),
        kind: UseKind::Entry,
        count: 1,
        claim: ClaimKey([claim; 16]),
        gate: GateId(2),
        device: DeviceId(device),
        operator: OperatorId(0),
        epoch: Epoch(0),
        at: at(1),
        authority,
    }
}

fn bodies() -> Vec<LedgerBody> {
    let by = AskedAt { device: DeviceId(2), gate: GateId(2), operator: OperatorId(0), at: at(2) };
    let fingerprints = (0..6).map(|serial| right(serial).fingerprint).collect();
    let (device, serial) = (DeviceId(2), Serial(1));
    let redeemed = |used, number| LedgerBody::Redeemed { used, number, by_hand: false };
    let exit = Use { kind: UseKind::Exit, ..used(4, 2, 46, Authority::Alone) };
    let (code, reason) = (ReasonCode::Expired, OverrideReason::Courtesy);
    let ticket = IssuedTicket {
        serial: Serial(5),
        generation: Generation(2),
        fingerprint: Fingerprint([9; 8]),
        reason: ReissueReason::Transferred,
    };
    let (first, more) = (Serial(6), vec![Fingerprint([7; 8]), Fingerprint([8; 8])]);
    vec![
        LedgerBody::Issued {
            first: Serial(0),
            ticket_type: TypeId(1),
            entries: 1,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        },
        LedgerBody::Granted(used(1, 2, 41, Authority::Server)),
        redeemed(used(1, 2, 41, Authority::Server), 1),
        LedgerBody::Interrupted { serial, device, number: 1 },
        LedgerBody::Answered { serial, device, number: 1, let_in: true, by },
        LedgerBody::Granted(used(2, 3, 42, Authority::Server)),
        LedgerBody::Abandoned { serial: Serial(2), claim: ClaimKey([42; 16]), device: DeviceId(3) },
        redeemed(used(2, 2, 43, Authority::Alone), 2),
        redeemed(used(2, 3, 44, Authority::Alone), 1),
        LedgerBody::ConflictFound { serial: Serial(2), redemptions: vec![8, 9] },
        LedgerBody::Annulled { serial: Serial(2), device, number: 2, by },
        LedgerBody::Blocked { serial: Serial(3), reason: BlockReason::Lost },
        LedgerBody::Unblocked { serial: Serial(3) },
        LedgerBody::Payment { serial: Serial(3), paid: false },
        LedgerBody::Payment { serial: Serial(3), paid: true },
        LedgerBody::Voided { serial: Serial(3), reason: VoidReason::Refunded },
        redeemed(used(4, 2, 45, Authority::Alone), 3),
        redeemed(exit, 4),
        LedgerBody::Overridden { serial: Serial(4), count: 2, code, reason, number: 5, by },
        LedgerBody::Reissued(ticket),
        LedgerBody::Issued {
            first,
            ticket_type: TypeId(3),
            entries: 3,
            fingerprints: more,
            unpaid: UnpaidTickets::NONE,
        },
        // What the gate itself may have recorded before.
        redeemed(used(0, 1, 1, Authority::Alone), 1),
        LedgerBody::Issued {
            first: Serial(8),
            ticket_type: TypeId(3),
            entries: 3,
            fingerprints: vec![Fingerprint([5; 8]); 3],
            unpaid: [true, false, true].into_iter().collect(),
        },
    ]
}
