//! The rules: what the classes of tickets allow, and who is a lead.

use core::num::NonZeroU32;

use kaisatsu_shared::{
    bundle::{Bundle, FORMAT, Gate, Rules, TicketType},
    display::clock::ClockWindow,
    id::{Epoch, GateId, OrganisationId},
    key::{EventKey, ListedKey},
    operator::Operator,
    reason::LocalText,
    rules::{Admission, Beyond, Capacity, Presence, Reentry},
    time::UnixSeconds,
    token::Mode,
};

use super::{Class, EVENT, INSTALLATION, LEAD, OPENING, ROOM, Regime};

/// The rules' document of a version; the second one has both keys.
pub(super) fn bundle((policy, small): Regime, version: u64, keys: &[EventKey; 2]) -> Bundle {
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
            capacity: NonZeroU32::new(ROOM)
                .filter(|_| small)
                .map(|persons| Capacity { persons, beyond: Beyond::Deny }),
            unpaid: Default::default(),
            interventions: Default::default(),
            search: None,
        },
        hubs: Vec::new(),
        revoked: Vec::new(),
        revocations: Vec::new(),
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
pub(super) fn operators() -> Vec<Operator> {
    let lead = format!(r#"{{"id":{LEAD},"label":"lead","role":"lead","pin":"-"}}"#);
    serde_json::from_str(&lead).into_iter().collect()
}
