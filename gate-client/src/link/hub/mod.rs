//! The way to the venue's hub: found by the bundle's addresses, else by what it announces, taken only with the key
//! that the bundle names. It is tried all the time, so that it is known whether it answers before it is needed.

mod giving;
mod telling;
mod way;

use core::time::Duration;
use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kaisatsu_shared::{
    bundle::{Hub, SignedCredential},
    id::ClaimKey,
    key::DeviceKey,
    right::RightRef,
    sync::{Claim, GivenUp, Heard, HubHealth},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use tokio::sync::{Notify, mpsc, watch};

use super::{Failure, LinkEvent, OwnHead};
use crate::{
    engine::Input,
    hub::{Ends, Nearby, Owner},
    lan::Sight,
    platform::{self, sleep, timeout},
};

use way::Way;

/// How long a claim is worth sending: a little over the engine's budget.
const CLAIM_LIMIT: Duration = Duration::from_millis(400);
/// How long the hub may take to keep what it is told, and to say that it is there.
const LIMIT: Duration = Duration::from_millis(1_500);
/// A hub that answers is looked after this often.
const PAUSE: Duration = Duration::from_secs(4);
/// One that doesn't is tried again after this.
const RETRY: Duration = Duration::from_secs(1);

/// The way to the hub.
#[derive(Debug)]
pub(crate) struct HubLink {
    owner: Owner,
    key: Arc<DeviceKey>,
    credential: String,
    events: mpsc::Sender<LinkEvent>,
    hubs: watch::Sender<Vec<Hub>>,
    current: RwLock<Option<Arc<Way>>>,
    doubt: Notify,
    own_head: Arc<OwnHead>,
    /// Where other gates' journals end, as the hub passes it on.
    ends: Arc<Ends>,
}

impl HubLink {
    /// Begins to look for hubs; there are none until [`HubLink::set`]. With `mdns` also where they announce themselves.
    pub(crate) fn start(
        owner: Owner,
        key: Arc<DeviceKey>,
        credential: &SignedCredential,
        own_head: Arc<OwnHead>,
        events: mpsc::Sender<LinkEvent>,
        mdns: bool,
    ) -> Arc<Self> {
        // A credential that was read from JSON can be written as such.
        let shown = serde_json::to_vec(credential).unwrap_or_default();
        let (hubs, wanted) = watch::channel(Vec::new());
        let link = Arc::new(Self {
            owner,
            key,
            credential: BASE64_STANDARD.encode(shown),
            events,
            hubs,
            current: RwLock::new(None),
            doubt: Notify::new(),
            own_head,
            ends: Arc::new(Ends::new(owner)),
        });
        platform::spawn(Arc::clone(&link).follow(wanted.clone()));
        platform::spawn(Arc::clone(&link).keep(wanted, mdns));
        link
    }

    /// Where other gates' journals end, as far as it was heard.
    pub(crate) fn ends(&self) -> Arc<Ends> {
        Arc::clone(&self.ends)
    }

    /// The hubs that the newest bundle names.
    pub(crate) fn set(&self, hubs: &[Hub]) {
        let others: Vec<_> =
            hubs.iter().filter(|hub| hub.device != self.owner.device).cloned().collect();
        self.hubs.send_if_modified(|known| {
            let changed = *known != others;
            *known = others;
            changed
        });
    }

    async fn keep(self: Arc<Self>, mut wanted: watch::Receiver<Vec<Hub>>, mdns: bool) {
        let mut sight = Sight::default();
        let mut nearby = None;
        loop {
            let hubs = wanted.borrow_and_update().clone();
            let listens = mdns && !hubs.is_empty();
            let nearby = if listens { nearby.get_or_insert_with(listen).as_ref() } else { None };
            let run = self.find(&hubs, nearby).await;
            for up in sight.see(run) {
                self.tell(Input::HubLink { up }).await;
            }
            let pause = if run.is_some() { PAUSE } else { RETRY };
            let changed = tokio::select! {
                () = sleep(pause), if !hubs.is_empty() => Ok(()),
                () = self.doubt.notified() => Ok(()),
                changed = wanted.changed() => changed,
            };
            if changed.is_err() {
                return;
            }
        }
    }

    /// The hub that was asked last, or the first that answers; which start of it.
    async fn find(&self, hubs: &[Hub], nearby: Option<&Nearby>) -> Option<u64> {
        if let Some(way) = self.way()
            && hubs.contains(&way.hub)
            && let Some(run) = self.answers(&way).await
        {
            return Some(run);
        }
        self.take(None);
        for hub in hubs {
            let announced = nearby.map(|it| it.addresses((self.owner.installation, hub.device)));
            let announced = announced.iter().flatten().filter(|it| !hub.addresses.contains(it));
            for address in hub.addresses.iter().chain(announced) {
                let Some(way) = Way::new(hub, address, &self.key, &self.credential, &self.own_head)
                else {
                    continue;
                };
                if let Some(run) = self.answers(&way).await {
                    self.take(Some(Arc::new(way)));
                    return Some(run);
                }
            }
        }
        None
    }

    async fn answers(&self, way: &Way) -> Option<u64> {
        let asked = way.ask::<(), HubHealth>(Method::GET, "health", None, LIMIT).await;
        if let Err(failure) = &asked {
            self.heed(failure).await;
            tracing::debug!(%failure, hub = %way.hub.device, "the hub doesn't answer");
        }
        asked.ok().map(|health| health.run)
    }

    /// A hub's word that this device is revoked isn't enough; the root key's, which comes with it, is.
    async fn heed(&self, failure: &Failure) {
        let Owner { root, installation, device, .. } = &self.owner;
        if let Some(revocation) = failure.revocation(root, *installation, *device) {
            let _ = self.events.send(LinkEvent::Revoked(revocation)).await;
        }
    }

    /// Asks the hub for a right; the answer comes as an event.
    pub(crate) fn claim(self: &Arc<Self>, claim: Claim) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let key = claim.used.claim;
            let asked = timeout(CLAIM_LIMIT, link.ask_twice("claims", &claim, CLAIM_LIMIT));
            let answer = asked.await.unwrap_or_else(|_| Err(Failure::silence()));
            let input = match answer {
                Ok(answer) => Input::HubAnswered { key, answer },
                Err(failure) => {
                    tracing::info!(%failure, "the hub didn't answer a claim");
                    Input::HubFailed { key }
                }
            };
            let failed = matches!(input, Input::HubFailed { .. });
            link.tell(input).await;
            if failed {
                link.doubt.notify_one();
            }
        });
    }

    /// Tells the hub that a claim was given up; what came of it comes as an event.
    pub(crate) fn give_up(self: &Arc<Self>, claim: ClaimKey, right: RightRef) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let given_up = GivenUp { claim, right };
            let told = link.ask_twice::<_, Heard>("given-up", &given_up, LIMIT).await;
            link.tell(Input::HubTold { claim, heard: told.is_ok() }).await;
        });
    }

    /// A connection that stood idle may be dead without knowing: the second attempt takes another.
    async fn ask_twice<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        body: &B,
        limit: Duration,
    ) -> Result<T, Failure> {
        let way = self.way().ok_or_else(|| Failure::Silence("no hub".to_owned()))?;
        match way.ask(Method::POST, path, Some(body), limit).await {
            Err(failure) if failure.is_silence() => {
                way.ask(Method::POST, path, Some(body), limit).await
            }
            answer => answer,
        }
    }

    fn way(&self) -> Option<Arc<Way>> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn take(&self, way: Option<Arc<Way>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = way;
    }

    async fn tell(&self, input: Input) {
        let _ = self.events.send(LinkEvent::Input(input)).await;
    }
}

/// A network without multicast is none to worry staff about: the bundle's addresses stay.
fn listen() -> Option<Nearby> {
    Nearby::listen().inspect_err(|error| tracing::info!(%error, "no mDNS here")).ok()
}
