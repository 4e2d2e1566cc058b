//! What all requests share. Its fields are this folder's own: whoever wants the store goes
//! through an extractor.

use std::sync::{Mutex, MutexGuard, PoisonError};

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, web};
use kaisatsu_shared::id::DeviceId;
use tokio::sync::watch;

use super::{
    SessionKey,
    heads::NotedHeads,
    pace::Paces,
    refusals::{Refusals, Refused},
};
use crate::{
    config::OpenOverview,
    http::ApiResult,
    leasing::Lanes,
    link::Link,
    store::{SharedStore, StoreError},
    world::World,
};

/// Everything a request may need, behind the extractors. A handler that takes it past them doesn't
/// compile:
///
/// ```compile_fail
/// fn handler(door: actix_web::web::Data<kaisatsu_server::auth::Door>) {
///     let _ = door.store.now();
/// }
/// ```
///
/// while one that names its permission does:
///
/// ```
/// use kaisatsu_server::auth::{Authorized, need};
///
/// fn handler(auth: Authorized<need::TicketVoid>) {
///     let _ = auth.store().now();
/// }
/// ```
pub struct Door {
    pub(super) store: SharedStore,
    pub(super) sessions: SessionKey,
    pub(super) world: World,
    /// Becomes true when the server stops: who waits then answers at once.
    pub(super) stopping: watch::Receiver<bool>,
    refusals: Mutex<Refusals>,
    /// How often each device searched lately.
    searches: Mutex<Paces<DeviceId>>,
    /// How often each ticket was opened lately.
    pub(super) openings: Mutex<Paces<Link>>,
    /// How often each address gave a link that opens nothing.
    pub(super) wrong_links: Mutex<Paces<Option<String>>>,
    /// When each lane was heard last.
    lanes: Mutex<Lanes>,
    /// Where each device's journal ended when it last said so.
    pub(super) noted_heads: NotedHeads,
    /// Whether everybody may see every event's numbers.
    pub(super) open_overview: bool,
}

impl Door {
    /// Brings together what requests need.
    #[must_use]
    pub fn new(
        store: SharedStore,
        sessions: SessionKey,
        world: World,
        stopping: watch::Receiver<bool>,
        open_overview: OpenOverview,
    ) -> Self {
        let (refusals, lanes) = (Mutex::default(), Mutex::default());
        let open_overview = open_overview.is_open();
        Self {
            store,
            sessions,
            world,
            stopping,
            refusals,
            searches: Mutex::new(Paces::searches()),
            openings: Mutex::new(Paces::openings()),
            wrong_links: Mutex::new(Paces::wrong_links()),
            lanes,
            noted_heads: NotedHeads::default(),
            open_overview,
        }
    }

    /// Leaves a trace of a refused request. It needn't be durable before the refusal is answered.
    pub(super) fn refuse(&self, refused: Refused) {
        let now = self.world.clock.now();
        for (actor, refusal) in self.refusals().note(now, refused) {
            let noted = self.store.note_refusal(actor, refusal);
            tokio::spawn(async move {
                if let Err(error) = noted.await {
                    tracing::warn!(code = error.code(), "a refusal was not recorded");
                }
            });
        }
    }

    /// Writes down the refusals that were only counted so far.
    ///
    /// # Errors
    /// What the store says.
    pub async fn write_refusals(&self) -> Result<(), StoreError> {
        let rest = self.refusals().rest();
        for (actor, refusal) in rest {
            self.store.note_refusal(actor, refusal).await?;
        }
        Ok(())
    }

    pub(super) fn searches(&self) -> MutexGuard<'_, Paces<DeviceId>> {
        self.searches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lanes(&self) -> MutexGuard<'_, Lanes> {
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The door of the application. [`crate::http::start`] puts it in.
    pub(super) fn of(request: &HttpRequest) -> ApiResult<web::Data<Self>> {
        request
            .app_data::<web::Data<Self>>()
            .cloned()
            .ok_or_else(|| StoreError::Internal("the application has no store".to_owned()).into())
    }
}

impl core::fmt::Debug for Door {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Door")
    }
}

/// The request's number in the log: which run of the server, and which request of it.
#[derive(Clone, Copy, Debug)]
pub struct RequestId {
    /// A random number of this run.
    pub run: u32,
    /// 1, 2, 3 …
    pub number: u64,
}

impl RequestId {
    /// Gives the request its number.
    pub fn put(self, request: &ServiceRequest) {
        request.extensions_mut().insert(self);
    }

    pub(super) fn of(request: &HttpRequest) -> Option<String> {
        request.extensions().get::<Self>().map(ToString::to_string)
    }
}

impl core::fmt::Display for RequestId {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{:08x}-{}", self.run, self.number)
    }
}

/// The address that the request came from: the peer's, because no proxy is trusted yet.
pub(super) fn peer(request: &HttpRequest) -> Option<String> {
    request.peer_addr().map(|address| address.ip().to_string())
}
