//! The way to the venue's hub: found by the bundle's addresses, taken only with the key that the bundle
//! names. It is tried all the time, so that it is known whether it answers before it is needed.

use std::sync::{Arc, PoisonError, RwLock};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kaisatsu_shared::{
    bundle::{Hub, SignedCredential},
    id::ClaimKey,
    journal::{JournalHead, SignedJournalHead},
    key::DeviceKey,
    right::RightRef,
    sync::{CREDENTIAL_HEADER, Claim, GivenUp, Heard, HeardPage, HubHealth, JournalBatch, Kept},
};
use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{Duration, sleep, timeout},
};

use super::{
    Failure, LinkEvent,
    client::{read_json, send, succeed},
};
use crate::{
    engine::Input,
    hub::{Owner, client_config},
};

/// How long a claim is worth sending: a little over the engine's budget.
const CLAIM_LIMIT: Duration = Duration::from_millis(400);
/// How long the hub may take to keep what it is told, and to say that it is there.
const LIMIT: Duration = Duration::from_millis(1_500);
/// How long the hub may hold a question for what it heard, in milliseconds.
const HOLD: u64 = 4_000;
/// How long that may take altogether.
const HOLD_LIMIT: Duration = Duration::from_secs(6);
/// How long a connection may take to stand.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);
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
}

/// A hub that answered, and how it is spoken to.
#[derive(Debug)]
struct Way {
    hub: Hub,
    base: Url,
    http: reqwest::Client,
}

impl HubLink {
    /// Begins to look for hubs; there are none until [`HubLink::set`].
    pub(crate) fn start(
        owner: Owner,
        key: Arc<DeviceKey>,
        credential: &SignedCredential,
        events: mpsc::Sender<LinkEvent>,
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
        });
        tokio::spawn(Arc::clone(&link).follow(wanted.clone()));
        tokio::spawn(Arc::clone(&link).keep(wanted));
        link
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

    async fn keep(self: Arc<Self>, mut wanted: watch::Receiver<Vec<Hub>>) {
        let mut told = false;
        let mut before = None;
        loop {
            let hubs = wanted.borrow_and_update().clone();
            let run = self.find(&hubs).await;
            let up = run.is_some();
            if up && told && run != before {
                // Another one, or started anew: it has to be told everything.
                self.tell(Input::HubLink { up: false }).await;
            }
            before = run;
            // The engine stops asking by itself where an answer failed, so "up" is said again.
            if up || told {
                self.tell(Input::HubLink { up }).await;
            }
            told = up;
            let pause = if up { PAUSE } else { RETRY };
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
    async fn find(&self, hubs: &[Hub]) -> Option<u64> {
        if let Some(way) = self.way()
            && hubs.contains(&way.hub)
            && let Some(run) = self.answers(&way).await
        {
            return Some(run);
        }
        self.take(None);
        for hub in hubs {
            for address in &hub.addresses {
                let Some(way) = self.open(hub, address) else { continue };
                if let Some(run) = self.answers(&way).await {
                    self.take(Some(Arc::new(way)));
                    return Some(run);
                }
            }
        }
        None
    }

    fn open(&self, hub: &Hub, address: &str) -> Option<Way> {
        let base: Url = format!("https://{address}/api/v1/hub/").parse().ok()?;
        let tls = client_config(Arc::clone(&self.key), hub.public).ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(CREDENTIAL_HEADER, HeaderValue::from_str(&self.credential).ok()?);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(headers)
            .redirect(Policy::none())
            .http1_only()
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(Duration::from_secs(60))
            .build();
        Some(Way { hub: hub.clone(), base, http: http.ok()? })
    }

    async fn answers(&self, way: &Way) -> Option<u64> {
        let asked = way.ask::<(), HubHealth>(Method::GET, "health", None, LIMIT).await;
        if let Err(failure) = &asked {
            tracing::debug!(%failure, hub = %way.hub.device, "the hub doesn't answer");
        }
        asked.ok().map(|health| health.run)
    }

    /// Listens to what the other gates tell.
    async fn follow(self: Arc<Self>, mut wanted: watch::Receiver<Vec<Hub>>) {
        let (mut run, mut after) = (0, 0);
        loop {
            if wanted.wait_for(|hubs| !hubs.is_empty()).await.is_err() {
                return;
            }
            let path = format!("heard?run={run}&after={after}&wait_ms={HOLD}");
            let asked = match self.way() {
                Some(way) => way.ask::<(), HeardPage>(Method::GET, &path, None, HOLD_LIMIT).await,
                None => Err(Failure::Silence("no hub".to_owned())),
            };
            let Ok(page) = asked else {
                sleep(RETRY).await;
                continue;
            };
            (run, after) = (page.run, page.next);
            self.hear(page).await;
        }
    }

    /// Takes what a device signed, whatever the hub says.
    async fn hear(&self, page: HeardPage) {
        let Owner { root, installation, event, device } = &self.owner;
        for heard in page.batches {
            match heard.open(root, *installation, *event) {
                Some((credential, _)) if credential.device == *device => {}
                Some((_, entries)) => self.tell(Input::Heard { entries }).await,
                None => tracing::warn!("the hub passes on what no device of the event signed"),
            }
        }
    }

    /// Tells the other gates what this one wrote; how much the hub has comes as an event.
    pub(crate) fn offer(self: &Arc<Self>, entries: Vec<Vec<u8>>, head: JournalHead) {
        let link = Arc::clone(self);
        let Owner { installation, device, .. } = self.owner;
        let head = SignedJournalHead::sign(installation, device, head, &self.key);
        tokio::spawn(async move {
            let batch = JournalBatch { entries, head };
            let kept = link.ask_twice::<_, Kept>("journal", &batch, LIMIT).await;
            let number = kept.ok().map(|kept| kept.number);
            link.tell(Input::HubKept { number }).await;
        });
    }

    /// Asks the hub for a right; the answer comes as an event.
    pub(crate) fn claim(self: &Arc<Self>, claim: Claim) {
        let link = Arc::clone(self);
        tokio::spawn(async move {
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
        tokio::spawn(async move {
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

impl Way {
    async fn ask<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        limit: Duration,
    ) -> Result<T, Failure> {
        let url = self.base.join(path).map_err(|error| Failure::Unreadable(error.to_string()))?;
        let mut request = self.http.request(method, url);
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = succeed(send(request, limit).await?).await?;
        read_json(response).await
    }
}
