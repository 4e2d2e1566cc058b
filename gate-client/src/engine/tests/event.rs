//! The server's side of the tests: keys, tickets, rules and the ledger.

use kaisatsu_shared::{
    bundle::{Bundle, Gate as BundleGate, Hub, Policy, Rules, SignedBundle, TicketType},
    display::clock::ClockWindow,
    id::{
        ClaimKey, DeviceId, Epoch, GateId, Generation, KeyId, OperatorId, OrganisationId, Serial,
        TypeId,
    },
    journal::{JournalBody, JournalEntry},
    key::{DeviceKey, EventKey, ListedKey, RootKey},
    ledger::{EventState, LedgerBody, UnpaidTickets},
    operator::Operator,
    reason::LocalText,
    right::{Authority, RightRef, Use, UseKind},
    rules::{Admission, Capacity, Search},
    time::{UnixMillis, UnixSeconds},
    token::{Body, Display, Mode, ModePart, Secret, Shown, encode},
    validity::Validity,
};

use super::world::{ELSEWHERE, ENTRIES, EVENT, HERE, INSTALLATION, OPENING, time};

fn hub(device: DeviceId) -> Hub {
    let public = DeviceKey::from_seed([9; 32]).public();
    Hub { device, public, addresses: vec!["hub.example:1".to_owned()] }
}

/// The server's side: keys and the ledger.
pub(super) struct Event {
    pub(super) root: RootKey,
    key: EventKey,
    pub(super) state: EventState,
    pub(super) ledger: Vec<Vec<u8>>,
    pub(super) admission: Admission,
    pub(super) operators: Vec<Operator>,
    /// Devices that a hub answers no more.
    pub(super) revoked: Vec<DeviceId>,
    /// Devices that the bundle names as hubs.
    pub(super) hubs: Vec<DeviceId>,
    pub(super) capacity: Option<Capacity>,
    pub(super) search: Option<Search>,
    renewing: bool,
}

impl Event {
    pub(super) fn new() -> Self {
        Self::of_type(false)
    }

    /// Its tickets are passes that renew, whose dates the ledger says.
    pub(super) fn renewing(validity: Validity) -> Self {
        let mut event = Self::of_type(true);
        event.renew(validity);
        event
    }

    /// From now on all tickets are valid so.
    pub(super) fn renew(&mut self, validity: Validity) {
        self.append(LedgerBody::Renewed { first: Serial(0), count: 3, validity });
    }

    fn of_type(renewing: bool) -> Self {
        let root = RootKey::from_seed([1; 32]);
        let key = EventKey::from_seed(KeyId(1), [2; 32]);
        let state = EventState::new(INSTALLATION, EVENT, Epoch(1));
        let (admission, operators) = (Admission::default(), Vec::new());
        let (ledger, revoked, capacity, search) = (Vec::new(), Vec::new(), None, None);
        let hubs = vec![HERE];
        let mut event = Self {
            root,
            key,
            state,
            ledger,
            admission,
            operators,
            revoked,
            hubs,
            capacity,
            search,
            renewing,
        };
        for serial in 0..3 {
            let fingerprint = event.body(serial).fingerprint(INSTALLATION, renewing);
            event.append(LedgerBody::Issued {
                first: Serial(serial),
                ticket_type: TypeId(1),
                entries: ENTRIES[serial as usize],
                fingerprints: vec![fingerprint],
                unpaid: UnpaidTickets::NONE,
            });
        }
        event
    }

    pub(super) fn append(&mut self, body: LedgerBody) -> u64 {
        let (entry, bytes) = self.state.append(body, time(0)).unwrap();
        self.ledger.push(bytes);
        entry.sequence
    }

    pub(super) fn body(&self, serial: u32) -> Body {
        Body {
            key: self.key.id(),
            event: EVENT,
            serial: Serial(serial),
            secret: Secret::from_bytes([serial as u8; 12]),
            valid_from: UnixSeconds(OPENING),
            valid_until: UnixSeconds(OPENING + 86_400),
            ticket_type: TypeId(1),
            entries: ENTRIES.get(serial as usize).copied().unwrap_or(1),
            generation: Generation(1),
            mode: ModePart::Static,
        }
    }

    pub(super) fn right(&self, serial: u32) -> RightRef {
        RightRef {
            event: EVENT,
            serial: Serial(serial),
            generation: Generation(1),
            fingerprint: self.body(serial).fingerprint(INSTALLATION, self.renewing),
        }
    }

    /// A journal entry of this gate's, outside any chain.
    pub(super) fn entry(&self, body: JournalBody) -> JournalEntry {
        JournalEntry {
            device: HERE,
            gate: GateId(1),
            operator: OperatorId(0),
            epoch: self.state.cursor().epoch,
            number: 1,
            previous: [0; 32],
            at: time(0),
            body,
        }
    }

    /// The ticket's text; serial 3 is signed but not issued yet.
    pub(super) fn text(&self, serial: u32) -> String {
        let token = self.key.sign(INSTALLATION, self.body(serial));
        encode(&Shown::new(token, Display::Static).unwrap())
    }

    pub(super) fn bundle(&self, version: u64, policy: Policy) -> SignedBundle {
        let name = |en: &str| LocalText { ja: String::new(), en: en.into() };
        let bundle = Bundle {
            format: 1,
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EVENT,
            name: name("Event"),
            epoch: Epoch(1),
            version,
            issued_at: UnixMillis(0),
            not_after: UnixSeconds(OPENING + 86_400).to_millis(),
            keys: vec![ListedKey { id: KeyId(1), public: self.key.public(), current: true }],
            rules: Rules {
                policy,
                clock_window: ClockWindow::default(),
                types: vec![TicketType {
                    id: TypeId(1),
                    name: name("Day"),
                    entries: 1,
                    display: Mode::Static,
                    gates: Vec::new(),
                    renewing: self.renewing,
                    admission: self.admission.clone(),
                }],
                gates: vec![BundleGate { id: GateId(1), name: name("North"), into: None }],
                zone: "Asia/Tokyo".into(),
                calendar: Default::default(),
                zones: Vec::new(),
                capacity: self.capacity,
                unpaid: Default::default(),
                interventions: Default::default(),
                search: self.search,
            },
            operators: self.operators.clone(),
            hubs: self.hubs.iter().map(|device| hub(*device)).collect(),
            revoked: self.revoked.clone(),
            revocations: Vec::new(),
            roster_complete: false,
        };
        SignedBundle::sign(&bundle, &self.root).unwrap()
    }

    /// Another gate's use of a ticket.
    pub(super) fn used_elsewhere(&mut self, serial: u32, number: u64) -> Use {
        let mut claim = [0xee; 16];
        claim[..8].copy_from_slice(&number.to_be_bytes());
        let used = Use { claim: ClaimKey(claim), ..self.used(serial) };
        self.append(LedgerBody::Redeemed { used, number, by_hand: false });
        used
    }

    /// An entry at another gate.
    pub(super) fn used(&self, serial: u32) -> Use {
        Use {
            right: self.right(serial),
            kind: UseKind::Entry,
            count: 1,
            claim: ClaimKey([0; 16]),
            gate: GateId(2),
            device: ELSEWHERE,
            operator: OperatorId(0),
            epoch: Epoch(1),
            at: time(0),
            authority: Authority::Alone,
        }
    }
}
