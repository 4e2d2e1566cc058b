//! An event, its devices and its ledger before anything is uploaded.

use std::sync::OnceLock;

use kaisatsu_shared::{
    bundle::EventRules,
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, Serial, TypeId},
    key::DeviceKey,
    ledger::{EventState, LedgerBody, UnpaidTickets},
    right::{Authority, RightRef, Use, UseKind},
    time::{TimeInterval, UnixMillis},
};

use crate::house::{AT, EVENT, INSTALLATION, house, right};

/// A device, and what the server knows of it.
#[derive(Debug)]
pub struct Device {
    /// Its number.
    pub id: DeviceId,
    /// The gate that it was enrolled for.
    pub gate: GateId,
    /// Its key.
    pub key: DeviceKey,
    /// Whether it was revoked.
    pub revoked: bool,
}

/// What a script is played in. A test may make one of a real store.
#[derive(Debug)]
pub struct World {
    /// The installation.
    pub installation: InstallationId,
    /// The event.
    pub event: EventId,
    /// Its rules.
    pub rules: EventRules,
    /// Its ledger so far, folded.
    pub state: EventState,
    /// The issued tickets' rights.
    pub rights: Vec<RightRef>,
    /// At least two devices.
    pub devices: Vec<Device>,
    /// The server's clock, which stands still; the devices were enrolled at this time.
    pub now: UnixMillis,
}

/// The claim that the server granted the first device for the first ticket.
pub const GRANTED: ClaimKey = ClaimKey([0xc1; 16]);

impl World {
    /// The use that was granted under [`GRANTED`].
    #[must_use]
    pub fn granted(&self) -> Use {
        Use {
            right: self.rights[0],
            kind: UseKind::Entry,
            count: 1,
            claim: GRANTED,
            gate: self.devices[0].gate,
            device: self.devices[0].id,
            operator: OperatorId(0),
            epoch: Epoch(0),
            at: TimeInterval::exact(self.now),
            authority: Authority::Server,
        }
    }
}

/// Two devices at two gates and a revoked one; tickets for one, three and any number of
/// admissions, and for coming back.
pub(super) fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let open = house().open();
        let rules = EventRules::new(open.rules.clone(), open.operators.clone());
        let device = |id: u32, gate, revoked| {
            let key = DeviceKey::from_seed([id.to_le_bytes()[0]; 32]);
            Device { id: DeviceId(id), gate: GateId(gate), key, revoked }
        };
        let rights: Vec<_> = (0..8).map(right).collect();
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
        let at = TimeInterval::exact(UnixMillis(u64::from(AT) * 1_000));
        for (kind, entries) in [(1, 1), (2, 3), (3, 3), (4, 0)] {
            let first = Serial(state.roster().len());
            let fingerprints =
                [first.0, first.0 + 1].map(|serial| right(serial).fingerprint).to_vec();
            let ticket_type = TypeId(kind);
            let issued = LedgerBody::Issued {
                first,
                ticket_type,
                entries,
                fingerprints,
                unpaid: UnpaidTickets::NONE,
            };
            state.append(issued, at).expect("it is the next serial");
        }
        let mut world = World {
            installation: INSTALLATION,
            event: EVENT,
            rules: rules.expect("its zone is known"),
            state,
            rights,
            devices: vec![device(1, 1, false), device(2, 2, false), device(3, 1, true)],
            now: at.latest,
        };
        let granted = LedgerBody::Granted(world.granted());
        world.state.append(granted, at).expect("the key is new");
        world
    })
}
