//! Every hostile code of the fixtures, shown to an engine between genuine guests.

use kaisatsu_gate::engine::{Effect, Engine, Identity, Input, LinkState, Now, Restored, ScanId};
use kaisatsu_shared::{
    bundle::{Bundle, Gate, OpenBundle, Policy, Rules, TicketType},
    display::clock::ClockWindow,
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, OrganisationId,
        Serial, TypeId,
    },
    key::ListedKey,
    ledger::{EventState, LedgerBody, UnpaidTickets},
    reason::{LocalText, Outcome, ReasonCode},
    sync::ClaimAnswer,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Display, Fingerprint, Mode, decode},
};
use serde_json::Value;

const INSTALLATION: InstallationId = InstallationId(*b"TEST ONLY 000001");
const EVENT: EventId = EventId(2026);
/// When the displays of the vectors are at this step.
const NOW: UnixSeconds = UnixSeconds(1_795_334_400 + 3_600);
const STEP: u16 = 360;

fn read(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

fn name() -> LocalText {
    LocalText { ja: String::new(), en: "Name".into() }
}

fn bundle(keys: Vec<ListedKey>) -> OpenBundle {
    let ticket_type = |entries, display| TicketType {
        id: TypeId(1),
        name: name(),
        entries,
        display,
        gates: Vec::new(),
        renewing: false,
        admission: Default::default(),
    };
    OpenBundle::new(Bundle {
        format: 1,
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        name: name(),
        epoch: Epoch(0),
        version: 1,
        issued_at: UnixMillis(0),
        not_after: UnixMillis(u64::MAX),
        keys,
        rules: Rules {
            policy: Policy::Available,
            clock_window: ClockWindow::default(),
            types: vec![ticket_type(0, Mode::Static)],
            gates: vec![Gate { id: GateId(1), name: name(), into: None }],
            zone: "Asia/Tokyo".into(),
            calendar: Default::default(),
            zones: Vec::new(),
            capacity: None,
            unpaid: Default::default(),
            interventions: Default::default(),
            search: None,
        },
        operators: Vec::new(),
        hubs: Vec::new(),
        revoked: Vec::new(),
        revocations: Vec::new(),
        roster_complete: false,
    })
    .unwrap()
}

/// An engine, a disk that takes everything and a server that grants everything.
struct Lane {
    engine: Engine,
    shown: Vec<(ScanId, ReasonCode)>,
    keys: u128,
}

impl Lane {
    /// Serial 0 is `guest`, a ticket without limit; serial 5 the vectors' clock ticket.
    fn new(keys: Vec<ListedKey>, guest: Fingerprint, clock: Fingerprint) -> Self {
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
        let mut fingerprints = vec![Fingerprint([0; 8]); 6];
        (fingerprints[0], fingerprints[5]) = (guest, clock);
        let body = LedgerBody::Issued {
            first: Serial(0),
            ticket_type: TypeId(1),
            entries: 0,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        };
        let (_, bytes) = state.append(body, TimeInterval::exact(UnixMillis(1))).unwrap();
        let identity = Identity {
            installation: INSTALLATION,
            event: EVENT,
            gate: GateId(1),
            device: DeviceId(1),
            operator: OperatorId(0),
        };
        let signed = kaisatsu_shared::bundle::SignedBundle {
            document: String::new(),
            signature: kaisatsu_shared::key::Signature64([0; 64]),
        };
        let restored = Restored { bundle: Some((signed, bundle(keys))), ..Restored::default() };
        let (engine, effects) =
            Engine::start(identity, restored, [bytes.as_slice()], now()).unwrap();
        assert_eq!(effects, []);
        Self { engine, shown: Vec::new(), keys: 0 }
    }

    fn handle(&mut self, input: Input) {
        let mut todo = vec![input];
        while let Some(input) = todo.pop() {
            for effect in self.engine.handle(input, now()) {
                match effect {
                    Effect::Store { id, .. } => todo.push(Input::Stored { id, result: Ok(()) }),
                    Effect::Claim(claim) => {
                        let answer = ClaimAnswer::Granted { sequence: 1 };
                        todo.push(Input::Claimed { key: claim.used.claim, answer });
                    }
                    Effect::Show { scan, verdict, .. } => self.shown.push((scan, verdict.code)),
                    Effect::Upload { .. } => {}
                    other => panic!("{other:?}"),
                }
            }
        }
    }

    /// The verdict on a code; there is exactly one.
    fn scan(&mut self, text: &str) -> ReasonCode {
        self.keys += 1;
        let key = ClaimKey(self.keys.to_be_bytes());
        let (scan, before) = (self.engine.next_scan(), self.shown.len());
        self.handle(Input::Scan { text: text.to_owned(), key });
        assert_eq!(self.shown.len(), before + 1, "{text}");
        assert_eq!(self.shown[before].0, scan);
        self.shown[before].1
    }
}

fn now() -> Now {
    Now { monotonic: 0, time: TimeInterval::exact(NOW.to_millis()) }
}

/// What a gate says of a code whose decoding, verifying or link check ends with `expected`.
fn verdict_of(text: &str, expected: &str) -> ReasonCode {
    let decoded = decode(text);
    match (expected, decoded) {
        ("not_kaisatsu", Err(_)) => ReasonCode::ForeignCode,
        ("unsupported_version", Err(_)) => ReasonCode::NewerFormat,
        ("display_missing", Err(_)) => ReasonCode::DisplayMissing,
        (_, Err(_)) => ReasonCode::Malformed,
        (_, Ok(shown)) if shown.token.body.event != EVENT => ReasonCode::WrongEvent,
        ("bad_signature", Ok(_)) => ReasonCode::Forged,
        ("unknown_key", Ok(_)) => ReasonCode::UnknownKey,
        ("wrong_link", Ok(shown)) => match shown.display {
            Display::Clock { step, .. } if step.abs_diff(STEP) > 9 => ReasonCode::DisplayStale,
            _ => ReasonCode::DisplayForged,
        },
        (other, Ok(_)) => panic!("{other} decodes"),
    }
}

#[test]
fn every_hostile_code_is_refused_and_the_next_guest_admitted() {
    let hostile = read(include_str!("../../../fixtures/data/hostile.json"));
    let vectors = read(include_str!("../../../fixtures/data/tokens.json"));
    let keys: Vec<ListedKey> = serde_json::from_value(hostile["keys"].clone()).unwrap();
    let vector = |name: &str| {
        let all = vectors["tokens"].as_array().unwrap();
        let text = all.iter().find(|token| token["name"] == name).unwrap()["text"].as_str();
        let text = text.unwrap().to_owned();
        let fingerprint = decode(&text).unwrap().token.body.fingerprint(INSTALLATION, false);
        (text, fingerprint)
    };
    let ((guest, guest_print), (_, clock)) = (vector("static_unlimited"), vector("clock"));
    let tokens = hostile["tokens"].as_array().unwrap();
    assert!(tokens.len() >= 60);
    for link in [LinkState::Online, LinkState::Alone] {
        let mut lane = Lane::new(keys.clone(), guest_print, clock);
        lane.handle(Input::Link(link));
        for token in tokens {
            let text = token["text"].as_str().unwrap();
            let code = lane.scan(text);
            assert_eq!(code, verdict_of(text, token["expected"].as_str().unwrap()), "{token}");
            assert!(!matches!(code.outcome(), Outcome::Admit | Outcome::Exit), "{token}");
            assert_eq!(lane.engine.status().link, link, "{token}");
            assert_eq!(lane.scan(&guest), ReasonCode::Admitted, "after {token}");
        }
        assert!(lane.engine.is_idle());
    }
}
