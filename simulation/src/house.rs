//! The event that is simulated, made of TEST KEYS: classes of tickets, rules, bundles. It is the same for
//! every seed, so that what costs time (signatures, chains) is made once.

use std::{cell::RefCell, collections::BTreeMap, sync::OnceLock};

use kaisatsu_shared::{
    bundle::{
        Bundle, EventRules, FORMAT, Gate, OpenBundle, Policy, Rules, SignedBundle, TicketType,
    },
    display::clock::{Chain, ChainId, ClockWindow},
    id::{
        DeviceId, Epoch, EventId, GateId, Generation, InstallationId, KeyId, OperatorId,
        OrganisationId, Serial, TypeId,
    },
    key::{DeviceKey, DevicePublic, EventKey, ListedKey, RootKey},
    operator::Operator,
    reason::LocalText,
    right::RightRef,
    rules::{Admission, Presence, Reentry},
    time::{UnixMillis, UnixSeconds},
    token::{Body, ClockPart, Display, Mode, ModePart, Secret, Shown, encode},
};

/// The installation.
pub const INSTALLATION: InstallationId = InstallationId([0x51; 16]);
/// The event.
pub const EVENT: EventId = EventId(5);
/// When the doors open: the schedule's time 0.
pub const OPENING: UnixSeconds = UnixSeconds(1_795_334_400);
/// The lead who lets guests in against the rules.
pub const LEAD: OperatorId = OperatorId(7);
/// The event's signing keys: the second is added in mid-event.
const KEYS: [KeyId; 2] = [KeyId(1), KeyId(2)];
/// Steps of a clock chain: ten hours.
const STEPS: u16 = 3_600;
/// Devices have numbers from 1 to this one.
const MOST_DEVICES: u32 = 40;
/// Tickets below this serial are of all classes, the others admit one person once.
const MIXED: u32 = 64;

/// What a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// One admission, on paper.
    Single,
    /// One admission, on a phone's clock display.
    Clock,
    /// Three admissions.
    Triple,
    /// A pass: whoever left may come back.
    Pass,
    /// A group of four that may come in parts.
    Group,
}

impl Class {
    const ALL: [Self; 5] = [Self::Single, Self::Clock, Self::Triple, Self::Pass, Self::Group];

    /// The class of a ticket.
    #[must_use]
    pub const fn of(serial: Serial) -> Self {
        if serial.0 >= MIXED {
            return Self::Single;
        }
        match serial.0 % 8 {
            2 => Self::Clock,
            3 => Self::Triple,
            4 => Self::Pass,
            5 => Self::Group,
            _ => Self::Single,
        }
    }

    /// Its number in the rules.
    #[must_use]
    pub const fn type_id(self) -> TypeId {
        TypeId(match self {
            Self::Single => 1,
            Self::Clock => 2,
            Self::Triple => 3,
            Self::Pass => 4,
            Self::Group => 5,
        })
    }

    /// Admissions that it allows; for a pass, persons inside.
    #[must_use]
    pub const fn allows(self) -> u8 {
        match self {
            Self::Single | Self::Clock | Self::Pass => 1,
            Self::Triple => 3,
            Self::Group => 4,
        }
    }
}

struct House {
    root: RootKey,
    keys: [EventKey; 2],
    rules: [Vec<(SignedBundle, Bundle)>; 2],
    devices: Vec<(DeviceKey, DevicePublic)>,
}

fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let root = RootKey::from_seed([9; 32]);
        let keys = [EventKey::from_seed(KEYS[0], [1; 32]), EventKey::from_seed(KEYS[1], [2; 32])];
        let signed = |policy| {
            let versions = [1, 2].map(|version| bundle(policy, version, &keys));
            let sign = |bundle: Bundle| Some((SignedBundle::sign(&bundle, &root).ok()?, bundle));
            versions.into_iter().filter_map(sign).collect()
        };
        let rules = [signed(Policy::Available), signed(Policy::OnlineOnly)];
        let devices = (0..=MOST_DEVICES).map(device_key).collect();
        House { root, keys, rules, devices }
    })
}

fn bundle(policy: Policy, version: u64, keys: &[EventKey; 2]) -> Bundle {
    let name = |en: &str| LocalText { ja: String::new(), en: en.into() };
    let listed = keys.iter().zip([1, 2]).filter(|(_, since)| *since <= version);
    let keys = listed.map(|(key, since)| ListedKey {
        id: key.id(),
        public: key.public(),
        current: since == version,
    });
    let types = Class::ALL.map(|class| TicketType {
        id: class.type_id(),
        name: name("Ticket"),
        entries: class.allows(),
        display: if class == Class::Clock { Mode::Clock } else { Mode::Static },
        gates: Vec::new(),
        renewing: false,
        admission: admission(class),
    });
    let gates = (1..=40).map(|id| Gate { id: GateId(id), name: name("Gate"), into: None });
    let not_after = UnixSeconds(OPENING.0.saturating_add(172_800)).to_millis();
    Bundle {
        format: FORMAT,
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        name: name("Simulated event"),
        epoch: Epoch(1),
        version,
        issued_at: OPENING.to_millis(),
        not_after,
        keys: keys.collect(),
        rules: Rules {
            policy,
            clock_window: ClockWindow::default(),
            types: types.into(),
            gates: gates.collect(),
            zone: "Asia/Tokyo".into(),
            calendar: Default::default(),
            zones: Vec::new(),
            capacity: None,
            unpaid: Default::default(),
            interventions: Default::default(),
            search: None,
        },
        operators: operators(),
        roster_complete: false,
    }
}

fn admission(class: Class) -> Admission {
    let reentry = if class == Class::Pass { Reentry::AfterExit } else { Reentry::Counts };
    let presence = Presence { reentry, ..Presence::default() };
    Admission { presence, group: class == Class::Group, ..Admission::default() }
}

/// A lead; nobody types their PIN.
fn operators() -> Vec<Operator> {
    let lead = format!(r#"{{"id":{LEAD},"label":"lead","role":"lead","pin":"-"}}"#);
    serde_json::from_str(&lead).into_iter().collect()
}

/// The root key that all devices trust.
#[must_use]
pub fn root() -> &'static RootKey {
    &house().root
}

/// The rules of a version, as they travel, and ready for use.
#[must_use]
pub fn rules(policy: Policy, version: u64) -> Option<(SignedBundle, OpenBundle)> {
    let of_policy = match policy {
        Policy::Available => house().rules.first(),
        Policy::OnlineOnly | Policy::Strict => house().rules.last(),
    };
    let place = usize::try_from(version.checked_sub(1)?).ok()?;
    let (signed, bundle) = of_policy?.get(place)?;
    Some((signed.clone(), OpenBundle::new(bundle.clone()).ok()?))
}

/// The rules by which the server judges.
#[must_use]
pub fn event_rules(policy: Policy) -> Option<EventRules> {
    let (_, open) = rules(policy, 1)?;
    EventRules::new(open.rules.clone(), operators()).ok()
}

fn device_key(device: u32) -> (DeviceKey, DevicePublic) {
    let mut seed = [0xd0; 32];
    for (to, from) in seed.iter_mut().zip(device.to_be_bytes()) {
        *to = from;
    }
    let key = DeviceKey::from_seed(seed);
    let public = key.public();
    (key, public)
}

/// A device's key pair.
#[must_use]
pub fn device(device: DeviceId) -> Option<&'static (DeviceKey, DevicePublic)> {
    house().devices.get(usize::try_from(device.0).ok()?)
}

/// A ticket's right.
#[must_use]
pub fn right(serial: Serial, generation: Generation) -> RightRef {
    let fingerprint = body(serial, generation, [0; 16]).fingerprint(INSTALLATION, false);
    RightRef { event: EVENT, serial, generation, fingerprint }
}

fn body(serial: Serial, generation: Generation, anchor: [u8; 16]) -> Body {
    let class = Class::of(serial);
    let mut secret = [generation.0; 12];
    for (to, from) in secret.iter_mut().zip(serial.0.to_be_bytes()) {
        *to = from;
    }
    let mode = match class {
        Class::Clock => ModePart::Clock(ClockPart { anchor, start: OPENING, steps: STEPS }),
        _ => ModePart::Static,
    };
    Body {
        key: KEYS[0],
        event: EVENT,
        serial,
        secret: Secret::from_bytes(secret),
        valid_from: UnixSeconds(OPENING.0.saturating_sub(3_600)),
        valid_until: UnixSeconds(OPENING.0.saturating_add(86_400)),
        ticket_type: class.type_id(),
        entries: class.allows(),
        generation,
        mode,
    }
}

/// A ticket that was signed once.
struct Signed {
    token: kaisatsu_shared::token::Token,
    chain: Option<Chain>,
}

thread_local! {
    static SIGNED: RefCell<BTreeMap<(Serial, Issue), Signed>> = const { RefCell::new(BTreeMap::new()) };
}

/// Which issue of a ticket somebody holds, and whether it was signed after the keys were rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The issue.
    pub generation: Generation,
    /// Whether the second key signed it.
    pub rotated: bool,
}

impl Issue {
    /// As it was issued at first.
    pub const FIRST: Self = Self { generation: Generation::FIRST, rotated: false };
}

/// What a ticket's code says at `at`.
#[must_use]
pub fn text(serial: Serial, issue: Issue, at: UnixMillis) -> String {
    SIGNED.with_borrow_mut(|known| {
        let ticket = known.entry((serial, issue)).or_insert_with(|| sign(serial, issue));
        let step = at.to_seconds().0.saturating_sub(OPENING.0) / 10;
        let step = u16::try_from(step).unwrap_or(STEPS).min(STEPS);
        let link = ticket.chain.as_ref().and_then(|chain| chain.link(step));
        let display = link.map_or(Display::Static, |link| Display::Clock { step, link });
        let shown = Shown::new(ticket.token.clone(), display);
        shown.map(|shown| encode(&shown)).unwrap_or_default()
    })
}

fn sign(serial: Serial, issue: Issue) -> Signed {
    let Issue { generation, rotated } = issue;
    let [first, second] = &house().keys;
    let key = if rotated { second } else { first };
    let unsigned = body(serial, generation, [0; 16]);
    let display_key = key.display_key(INSTALLATION);
    let chain = ChainId::of(&unsigned).map(|id| Chain::new(&display_key, INSTALLATION, id));
    let anchor = chain.as_ref().map(Chain::anchor).unwrap_or_default();
    Signed { token: key.sign(INSTALLATION, body(serial, generation, anchor)), chain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_can_be_shown_and_the_rules_can_be_opened() {
        for serial in 0..8 {
            assert!(text(Serial(serial), Issue::FIRST, OPENING.to_millis()).starts_with("KS1:"));
        }
        for policy in [Policy::Available, Policy::OnlineOnly] {
            for version in [1, 2] {
                let (signed, open) = rules(policy, version).unwrap();
                let opened = signed.open(&root().public(), INSTALLATION).unwrap();
                assert_eq!((opened.version, opened.rules.policy), (version, policy));
                assert_eq!(open.operators.len(), 1);
            }
        }
    }
}
