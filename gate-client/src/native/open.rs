//! Opening a gate: what its directory holds is read, the parts are made, and what the last run left
//! undone is carried out.

use std::{collections::BTreeMap, sync::Arc};

use kaisatsu_shared::id::OperatorId;
use tokio::{sync::mpsc, time::Duration};

use crate::{
    engine::{Engine, Identity, Input, LinkState, Now},
    hub::{Desk, Owner},
    link::{self, HubLink, Link, LinkEvent, Notice, OwnHead},
    operators::PinGuard,
    platform::Clock,
    store::{Directory, Loaded, Store, StoreError},
    time::{Timekeeper, Who},
};

use super::{
    SeenFile,
    closing::Closing,
    front::SharedFront,
    gate::Gate,
    hub::HubParts,
    revoked::Revoking,
    run::Settings,
    search::Lookup,
    staff::{PinChecked, SignIn},
    told::Told,
};

/// What the hub passes on of others' journals it passes on itself, too; this is for when it can't.
const HEARD_AGAIN: Duration = Duration::from_secs(30);

/// Where a gate's parts report.
pub(super) struct Reports {
    pub(super) link: mpsc::Sender<LinkEvent>,
    pub(super) pins: mpsc::Sender<PinChecked>,
}

/// Opens the gate of a directory.
///
/// # Errors
/// What keeps it from starting, each with what to do.
pub(super) fn open(
    directory: &Directory,
    settings: &Settings,
    clock: Clock,
    front: SharedFront,
    reports: Reports,
) -> anyhow::Result<Gate> {
    let lock = directory.lock()?;
    let mut store = Store::open(directory, lock)?;
    if let Some(wiped) = store.wiped()? {
        // The last run may have stopped halfway.
        store.finish_wipe(directory)?;
        let (path, wiped) = (directory.path().to_owned(), Box::new(wiped));
        return Err(StoreError::Wiped { path, wiped }.into());
    }
    let enrolment =
        store.enrolment()?.ok_or_else(|| StoreError::NotEnrolled(directory.path().to_owned()))?;
    let damaged = || StoreError::Corrupt("the credential".to_owned());
    let credential = enrolment.open().ok_or_else(damaged)?;
    let key = directory.key()?;
    if key.public() != credential.public {
        return Err(damaged().into());
    }
    let seen_file = SeenFile::new(directory);
    seen_file.clear();
    let identity = Identity {
        installation: enrolment.installation,
        event: credential.event,
        gate: credential.gate,
        device: credential.device,
        operator: OperatorId(0),
    };
    let Loaded { restored, ledger, bundle_refused } = store.load(&enrolment, credential.device)?;
    let who = Who {
        installation: enrolment.installation,
        root: enrolment.root,
        event: credential.event,
        device: credential.device,
    };
    let reading = clock.read();
    let time = Timekeeper::start(who, settings.clock.trust, store.floor()?, reading);
    let now = Now { monotonic: reading.monotonic, time: time.now(reading) };
    let (engine, effects) =
        Engine::start(identity, restored, ledger.iter().map(Vec::as_slice), now)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    drop(ledger);
    let revocation = store.revocation()?;
    let revoked = revocation.is_some();
    let rules_refused = store.rules_refused()?.is_some();
    let refused = rules_refused || store.refused()?.is_some();
    let installation = enrolment.installation;
    let cursor = engine.state().cursor();
    let hub_key = Arc::new(directory.key()?);
    let owner = Owner {
        installation,
        root: enrolment.root,
        event: credential.event,
        device: credential.device,
    };
    let events = reports.link.clone();
    let own_head = Arc::new(OwnHead::new(
        installation,
        credential.device,
        Arc::clone(&hub_key),
        engine.journal_head(),
    ));
    let hub_link = HubLink::start(
        owner,
        Arc::clone(&hub_key),
        &enrolment.credential,
        Arc::clone(&own_head),
        events.clone(),
        settings.mdns,
    );
    let hub = HubParts {
        link: hub_link,
        desk: Desk::default(),
        key: hub_key,
        owner,
        credential: enrolment.credential.clone(),
        door: None,
        announced: None,
        events,
    };
    let link_start = link::Start {
        enrolment,
        credential,
        key,
        own_head: Arc::clone(&own_head),
        clock,
        cursor,
        revoked,
        refused,
    };
    let link = Link::start(link_start, reports.link)?;
    link.pass_on_ends(hub.link.ends(), HEARD_AGAIN);
    let sign_in = SignIn::new(PinGuard::start(store.pin_failures()?), reports.pins);
    let mut gate = Gate {
        engine,
        store,
        installation,
        link,
        own_head,
        hub,
        seen_file,
        front,
        clock,
        time,
        time_due: 0,
        shown_clock: None,
        origins: BTreeMap::new(),
        sign_in,
        lookup: Lookup::default(),
        shown: None,
        ready: false,
        told: Told::default(),
        disk_fault: None,
        closing: Closing::default(),
        revoking: Revoking::new(directory.clone(), revocation),
    };
    if let Some(error) = bundle_refused {
        gate.notice(Notice::bundle(&error));
    }
    if rules_refused {
        gate.notice(Notice::rules_refused());
    }
    if refused {
        gate.handle(Input::Link(LinkState::Refused));
    }
    gate.carry_out(effects);
    if revoked {
        gate.stop_for_good();
    }
    gate.handle(Input::Direction(settings.direction));
    gate.hub_rules();
    Ok(gate)
}
