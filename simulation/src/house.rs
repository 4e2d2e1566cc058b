//! The event that is simulated, made of TEST KEYS: classes of tickets, rules, bundles. It is the same for
//! every seed, so that what costs time (signatures, chains) is made once.

mod rules;
mod tickets;

use kaisatsu_shared::{
    bundle::{
        Bundle, Credential, EventRules, OpenBundle, Policy, Revocation, SignedBundle,
        SignedCredential, SignedRevocation,
    },
    id::{
        DeviceId, EventId, GateId, InstallationId, KeyId, OperatorId, OrganisationId, Serial,
        TypeId,
    },
    key::{DeviceKey, DevicePublic, EventKey, RootKey},
    time::UnixSeconds,
};

use self::rules::{bundle, operators};
pub use tickets::{Issue, right, text};

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

/// Persons for whom a small venue has room.
pub const ROOM: u32 = 9;

/// Who has the last word, and whether the venue is small.
pub type Regime = (Policy, bool);

const REGIMES: [Regime; 4] = [
    (Policy::Available, false),
    (Policy::OnlineOnly, false),
    (Policy::Strict, false),
    (Policy::Strict, true),
];

struct House {
    root: RootKey,
    keys: [EventKey; 2],
    rules: [Vec<(SignedBundle, Bundle)>; 4],
    devices: Vec<(DeviceKey, DevicePublic)>,
    credentials: Vec<Option<SignedCredential>>,
    revocations: Vec<Option<SignedRevocation>>,
}

thread_local! {
    // Made once a thread, as it signs, and kept: there are few threads.
    static HOUSE: &'static House = Box::leak(Box::new(House::new()));
}

fn house() -> &'static House {
    HOUSE.with(|house| *house)
}

impl House {
    fn new() -> Self {
        let root = RootKey::from_seed([9; 32]);
        let keys = [EventKey::from_seed(KEYS[0], [1; 32]), EventKey::from_seed(KEYS[1], [2; 32])];
        let signed = |regime| {
            let versions = [1, 2].map(|version| bundle(regime, version, &keys));
            let sign = |bundle: Bundle| Some((SignedBundle::sign(&bundle, &root).ok()?, bundle));
            versions.into_iter().filter_map(sign).collect()
        };
        let rules = REGIMES.map(signed);
        let devices: Vec<_> = (0..=MOST_DEVICES).map(device_key).collect();
        let signed = (0..).zip(&devices).map(|(id, (_, public))| credential_of(id, *public, &root));
        let credentials = signed.collect();
        let revocations = (0..=MOST_DEVICES).map(|device| revocation_of(device, &root)).collect();
        Self { root, keys, rules, devices, credentials, revocations }
    }
}

/// The root key that all devices trust.
#[must_use]
pub fn root() -> &'static RootKey {
    &house().root
}

/// The rules of a version, as they travel, and ready for use.
#[must_use]
pub fn rules(regime: Regime, version: u64) -> Option<(SignedBundle, OpenBundle)> {
    let of_regime = house().rules.get(REGIMES.iter().position(|it| *it == regime)?);
    let place = usize::try_from(version.checked_sub(1)?).ok()?;
    let (signed, bundle) = of_regime?.get(place)?;
    Some((signed.clone(), OpenBundle::new(bundle.clone()).ok()?))
}

/// The rules by which the server judges.
#[must_use]
pub fn event_rules(regime: Regime) -> Option<EventRules> {
    let (_, open) = rules(regime, 1)?;
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

fn credential_of(device: u32, public: DevicePublic, root: &RootKey) -> Option<SignedCredential> {
    let credential = Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        gate: GateId(u16::try_from(device).ok()?),
        device: DeviceId(device),
        public,
        enrolled_at: OPENING.to_millis(),
    };
    SignedCredential::sign(&credential, root).ok()
}

/// What a device shows to say who it is.
#[must_use]
pub fn credential(device: DeviceId) -> Option<&'static SignedCredential> {
    house().credentials.get(usize::try_from(device.0).ok()?)?.as_ref()
}

fn revocation_of(device: u32, root: &RootKey) -> Option<SignedRevocation> {
    let (device, revoked_at) = (DeviceId(device), OPENING.to_millis());
    let revocation = Revocation { installation: INSTALLATION, event: EVENT, device, revoked_at };
    SignedRevocation::sign(&revocation, root).ok()
}

/// The root key's word that a device was revoked, once the organiser has done so. Since when, nothing hangs on.
#[must_use]
pub fn revocation(device: DeviceId) -> Option<&'static SignedRevocation> {
    house().revocations.get(usize::try_from(device.0).ok()?)?.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_class_can_be_shown_and_the_rules_can_be_opened() {
        for serial in 0..8 {
            assert!(text(Serial(serial), Issue::FIRST, OPENING.to_millis()).starts_with("KS1:"));
        }
        for regime in REGIMES {
            for version in [1, 2] {
                let (signed, open) = rules(regime, version).unwrap();
                let opened = signed.open(&root().public(), INSTALLATION).unwrap();
                assert_eq!((opened.version, opened.rules.policy), (version, regime.0));
                assert_eq!(open.operators.len(), 1);
            }
        }
    }
}
