//! Whatever a scanner sends: no panic, nobody admitted but on the one genuine ticket, and the next
//! scan still works.
#![no_main]

use std::{collections::VecDeque, sync::OnceLock};

use kaisatsu_gate::engine::{Effect, Engine, Identity, Input, Now, Restored};
use kaisatsu_shared::{
    bundle::SignedBundle,
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, KeyId, OperatorId, Serial, TypeId},
    hash::{Domain, Kind},
    key::{EventKey, RootKey},
    ledger::{EventState, LedgerBody},
    reason::{Outcome, ReasonCode},
    rules::Verdict,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Body, Display, ModePart, PREFIX, Secret, Shown, decode, encode},
};
use libfuzzer_sys::fuzz_target;

const INSTALLATION: InstallationId = InstallationId([75; 16]);
const AT: u32 = 1_795_309_300;

/// The bundle, the feed and the genuine ticket's text.
struct House {
    signed: SignedBundle,
    root: RootKey,
    feed: Vec<Vec<u8>>,
    genuine: String,
}

fn key() -> EventKey {
    // A TEST KEY.
    EventKey::from_seed(KeyId(1), [1; 32])
}

fn body(serial: u32, secret: [u8; 12]) -> Body {
    Body {
        key: KeyId(1),
        event: EventId(7),
        serial: Serial(serial),
        secret: Secret::from_bytes(secret),
        valid_from: UnixSeconds(AT - 3_600),
        valid_until: UnixSeconds(AT + 3_600),
        ticket_type: TypeId(1),
        entries: 1,
        generation: Generation(1),
        mode: ModePart::Static,
    }
}

fn text(body: Body) -> String {
    encode(&Shown::new(key().sign(INSTALLATION, body), Display::Static).unwrap())
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let root = RootKey::from_seed([99; 32]);
        let document = include_str!("../seeds/bundle.json").trim().to_owned();
        let signature = root.sign(Domain::new(Kind::Bundle, INSTALLATION), document.as_bytes());
        let mut state = EventState::new(INSTALLATION, EventId(7), Epoch(0));
        let fingerprints = vec![body(0, [5; 12]).fingerprint(INSTALLATION, false)];
        let issued =
            LedgerBody::Issued { first: Serial(0), ticket_type: TypeId(1), entries: 1, fingerprints };
        let (_, bytes) = state.append(issued, TimeInterval::exact(UnixMillis(0))).unwrap();
        let signed = SignedBundle { document, signature };
        House { signed, root, feed: vec![bytes], genuine: text(body(0, [5; 12])) }
    })
}

struct Gate {
    engine: Engine,
    shown: Option<Verdict>,
    scans: u8,
}

const NOW: Now = Now {
    monotonic: 0,
    time: TimeInterval {
        earliest: UnixMillis(AT as u64 * 1_000),
        latest: UnixMillis(AT as u64 * 1_000),
    },
};

impl Gate {
    fn new(house: &House) -> Self {
        let open = house.signed.open(&house.root.public(), INSTALLATION).unwrap();
        let identity = Identity {
            installation: INSTALLATION,
            event: EventId(7),
            gate: GateId(1),
            device: DeviceId(1),
            operator: OperatorId(0),
        };
        let restored =
            Restored { bundle: Some((house.signed.clone(), open)), ..Restored::default() };
        let (engine, effects) =
            Engine::start(identity, restored, std::iter::empty(), NOW).unwrap();
        let mut gate = Self { engine, shown: None, scans: 0 };
        gate.carry_out(effects);
        gate.handle(Input::Feed { entries: house.feed.clone() });
        gate
    }

    fn handle(&mut self, input: Input) {
        let effects = self.engine.handle(input, NOW);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Vec<Effect>) {
        let mut todo = VecDeque::from(effects);
        while let Some(effect) = todo.pop_front() {
            let input = match effect {
                Effect::Store { id, .. } => Input::Stored { id, result: Ok(()) },
                Effect::Claim(claim) => Input::ClaimFailed { key: claim.used.claim },
                Effect::Upload { .. } => Input::UploadFailed,
                Effect::Show { verdict, .. } => {
                    self.shown = Some(verdict);
                    continue;
                }
                _ => continue,
            };
            todo.extend(self.engine.handle(input, NOW));
        }
    }

    fn scan(&mut self, text: &str) -> Verdict {
        self.shown = None;
        self.scans += 1;
        self.handle(Input::Scan { text: text.to_owned(), key: ClaimKey([self.scans; 16]) });
        self.shown.expect("each scan shows a verdict")
    }
}

fn check(text: &str) {
    let house = house();
    let mut gate = Gate::new(house);
    let passed = gate.scan(text).outcome() == Outcome::Admit;
    if passed {
        assert_eq!(decode(text), decode(&house.genuine), "admitted on {text:?}");
    }
    let code = gate.scan(&house.genuine).code;
    assert_eq!(code, if passed { ReasonCode::AlreadyUsed } else { ReasonCode::Admitted });
}

fuzz_target!(|data: &[u8]| {
    let text_of = String::from_utf8_lossy(data);
    check(&text_of);
    check(&format!("{PREFIX}{}", base45::encode(data)));
    // The genuine text with one piece replaced.
    if let Some(([from, length], rest)) = data.split_first_chunk() {
        let genuine = &house().genuine;
        let from = usize::from(*from) % genuine.len();
        let until = (from + usize::from(*length) % 8).min(genuine.len());
        let piece = String::from_utf8_lossy(rest);
        check(&format!("{}{piece}{}", &genuine[..from], &genuine[until..]));
    }
    // Any other ticket that the event's own key signed.
    if let Some((secret, rest)) = data.split_first_chunk::<12>() {
        let mut other = body(u32::from(rest.first().copied().unwrap_or(0) % 3), *secret);
        if let Some([entries, generation, kind, hour, ..]) = rest.get(1..) {
            other.entries = *entries;
            other.generation = Generation(*generation);
            other.ticket_type = TypeId(u16::from(*kind));
            other.valid_until = UnixSeconds(AT + u32::from(*hour) * 60);
        }
        // What can't be a token at all can't be written as one either.
        if let Ok(shown) = Shown::new(key().sign(INSTALLATION, other), Display::Static) {
            check(&encode(&shown));
        }
    }
});
