//! What all requests share. Its fields are this folder's own: whoever wants the store goes
//! through an extractor.

use actix_web::{HttpMessage, HttpRequest, dev::ServiceRequest, web};
use tokio::sync::watch;

use super::SessionKey;
use crate::{
    config::OpenOverview,
    http::ApiResult,
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
    /// Whether everybody may see every event's numbers.
    pub(super) open_overview: bool,
}

impl Door {
    /// Brings together what requests need.
    #[must_use]
    pub const fn new(
        store: SharedStore,
        sessions: SessionKey,
        world: World,
        stopping: watch::Receiver<bool>,
        open_overview: OpenOverview,
    ) -> Self {
        Self { store, sessions, world, stopping, open_overview: open_overview.is_open() }
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
