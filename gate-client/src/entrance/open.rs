//! Opening a gate: what was kept is read, the parts are made, and what the last run left undone is carried out.

use std::{collections::BTreeMap, rc::Rc, sync::Arc};

use kaisatsu_shared::{
    bundle::Credential,
    id::{InstallationId, OperatorId},
    key::DeviceKey,
    rules::Direction,
};
use tokio::sync::mpsc;

use crate::{
    engine::{Engine, Identity, Input, LinkState, Now},
    link::{self, Link, LinkEvent, Notice, OwnHead},
    operators::PinGuard,
    platform::{self, Clock},
    store::{Enrolment, Kept, Loaded, Notes as _, StoreError, load},
    time::{SleepWatch, SystemTrust, Timekeeper, Who},
};

use super::{
    Arrival,
    closing::Closing,
    front::SharedFront,
    gate::Gate,
    hub::Hub,
    revoked::Revoking,
    search::Lookup,
    seen::Watcher,
    staff::{PinChecked, SignIn},
    told::Told,
};

/// Where a gate's parts report.
pub(crate) struct Reports {
    pub(crate) link: mpsc::Sender<LinkEvent>,
    pins: mpsc::Sender<PinChecked>,
}

impl Reports {
    /// Those of the gate at this place of an entrance.
    pub(crate) fn at(place: usize, arrivals: &mpsc::Sender<(usize, Arrival)>) -> Self {
        Self {
            link: forward(place, arrivals.clone(), 16, Arrival::Link),
            pins: forward(place, arrivals.clone(), 1, Arrival::Pin),
        }
    }
}

fn forward<T: Send + 'static>(
    place: usize,
    arrivals: mpsc::Sender<(usize, Arrival)>,
    room: usize,
    wrap: fn(T) -> Arrival,
) -> mpsc::Sender<T> {
    let (sender, mut receiver) = mpsc::channel(room);
    platform::spawn(async move {
        while let Some(item) = receiver.recv().await {
            if arrivals.send((place, wrap(item))).await.is_err() {
                return;
            }
        }
    });
    sender
}

/// What a gate is opened with.
pub(crate) struct Opening {
    pub(crate) store: Kept,
    pub(crate) enrolment: Enrolment,
    pub(crate) credential: Credential,
    pub(crate) key: Arc<DeviceKey>,
    pub(crate) direction: Direction,
    pub(crate) clock: Clock,
    pub(crate) trust: SystemTrust,
    pub(crate) front: SharedFront,
    pub(crate) watcher: Watcher,
    pub(crate) reports: Reports,
}

/// What the way to the venue's hub is made of.
#[cfg_attr(
    not(feature = "native"),
    expect(dead_code, reason = "a gate in a page knows of no hub yet")
)]
pub(crate) struct ForHub<'a> {
    pub(crate) enrolment: &'a Enrolment,
    pub(crate) credential: &'a Credential,
    pub(crate) key: &'a Arc<DeviceKey>,
    pub(crate) own_head: &'a Arc<OwnHead>,
    pub(crate) events: &'a mpsc::Sender<LinkEvent>,
}

/// Opens the gate of an enrolled device, and its way to the venue's hub.
///
/// # Errors
/// What keeps it from starting, each with what to do.
pub(crate) async fn open<H: Hub + 'static>(
    opening: Opening,
    hub: impl FnOnce(ForHub<'_>) -> Rc<H>,
) -> anyhow::Result<(Gate, Rc<H>)> {
    let Opening { store, enrolment, credential, key, clock, front, watcher, reports, .. } = opening;
    if key.public() != credential.public {
        return Err(damaged().into());
    }
    let installation = enrolment.installation;
    let identity = identity(installation, &credential);
    let Loaded { restored, ledger, bundle_refused } =
        load(&store, &enrolment, credential.device).await?;
    let who = Who {
        installation,
        root: enrolment.root,
        event: credential.event,
        device: credential.device,
    };
    let reading = clock.read();
    let time = Timekeeper::start(who, opening.trust, store.floor().await?, reading);
    let now = Now { monotonic: reading.monotonic, time: time.now(reading) };
    let (engine, effects) =
        Engine::start(identity, restored, ledger.iter().map(Vec::as_slice), now)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    drop(ledger);
    let revocation = store.revocation().await?;
    let revoked = revocation.is_some();
    let rules_refused = store.rules_refused().await?.is_some();
    let refused = rules_refused || store.refused().await?.is_some();
    let head = engine.journal_head();
    let own_head = Arc::new(OwnHead::new(installation, credential.device, Arc::clone(&key), head));
    let hub = hub(ForHub {
        enrolment: &enrolment,
        credential: &credential,
        key: &key,
        own_head: &own_head,
        events: &reports.link,
    });
    let link_start = link::Start {
        enrolment,
        credential,
        key,
        own_head: Arc::clone(&own_head),
        clock,
        cursor: engine.state().cursor(),
        revoked,
        refused,
    };
    let link = Link::start(link_start, reports.link)?;
    let sign_in = SignIn::new(PinGuard::start(store.pin_failures().await?), reports.pins);
    let mut gate = Gate {
        engine,
        store,
        installation,
        link,
        own_head,
        hub: Rc::clone(&hub) as Rc<dyn Hub>,
        watcher,
        front,
        clock,
        time,
        sleep_watch: SleepWatch::start(reading),
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
        revoking: Revoking::new(revocation),
    };
    if let Some(error) = bundle_refused {
        gate.notice(Notice::bundle(&error));
    }
    if rules_refused {
        gate.notice(Notice::rules_refused());
    }
    if refused {
        gate.handle(Input::Link(LinkState::Refused)).await;
    }
    gate.carry_out(effects).await;
    if revoked {
        gate.stop_for_good().await;
    }
    gate.handle(Input::Direction(opening.direction)).await;
    gate.hub_rules();
    Ok((gate, hub))
}

/// What the root key never signed isn't this device's.
pub(crate) fn damaged() -> StoreError {
    StoreError::Corrupt("the credential".to_owned())
}

fn identity(installation: InstallationId, credential: &Credential) -> Identity {
    Identity {
        installation,
        event: credential.event,
        gate: credential.gate,
        device: credential.device,
        operator: OperatorId(0),
    }
}
