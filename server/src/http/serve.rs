//! The server's life: it binds, serves, and stops without losing what is under way.

use std::{io, net::SocketAddr, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::ServerHandle,
    middleware::from_fn,
    web::{self, Data, JsonConfig, PathConfig, QueryConfig},
};
use tokio::{sync::watch, task::JoinHandle};
use utoipa_actix_web::AppExt;

use super::{
    around::{Watch, around},
    openapi::{nowhere, routes},
    problem::{json_error, path_error, query_error},
};
use crate::{
    auth::{Door, SessionKey},
    config::{Listen, OpenOverview},
    store::{SharedStore, StoreError},
    world::World,
};

/// Largest JSON body: 10,000 tickets with their holders.
const MAX_BODY: usize = 8 << 20;
/// How long a quiet connection stays open: gates scan every few seconds and shouldn't connect anew.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
/// How long a stopping server waits for requests that are under way, in seconds.
const STOP_SECONDS: u64 = 5;

/// How to serve.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Where to listen.
    pub listen: Listen,
    /// Threads that answer requests; one for each core where it is absent.
    pub workers: Option<u16>,
    /// Whether `/` shows every event's numbers to everybody.
    pub open_overview: OpenOverview,
}

/// Why the server can't start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Another program has the port.
    #[error(
        "--listen {0}: another program uses this port; stop it, or choose another port (0 takes a free one)"
    )]
    PortInUse(SocketAddr),
    /// The address isn't this machine's, or the port is reserved.
    #[error(
        "--listen {address}: can't be used ({error}); choose an address of this machine and a port above 1023"
    )]
    Unusable {
        /// The address.
        address: SocketAddr,
        /// What the operating system says.
        error: io::Error,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl ServeError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::PortInUse(_) => "port_in_use",
            Self::Unusable { .. } => "address_unusable",
            Self::Store(error) => error.code(),
        }
    }
}

/// A server that serves.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    handle: ServerHandle,
    stopping: watch::Sender<bool>,
    server: JoinHandle<io::Result<()>>,
    store: SharedStore,
    door: Data<Door>,
}

impl Running {
    /// The address in use.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: accepts no more, answers who waits, finishes what is under way, then closes the
    /// store.
    ///
    /// # Errors
    /// What the store says.
    pub async fn stop(self) -> Result<(), StoreError> {
        // Nobody may be waiting.
        self.stopping.send_replace(true);
        self.handle.stop(true).await;
        let _ = self.server.await;
        let written = self.door.write_refusals().await;
        self.store.close().await.and(written)
    }
}

/// Binds and begins to serve.
///
/// # Errors
/// [`ServeError`].
pub fn start(
    settings: Settings,
    store: SharedStore,
    sessions: SessionKey,
    world: World,
) -> Result<Running, ServeError> {
    let run = u32::from_be_bytes(world.random().map_err(StoreError::from)?);
    let (stopping, stops) = watch::channel(false);
    let watch = Data::new(Watch::new(run, world.clock.clone()));
    let door = Data::new(Door::new(store.clone(), sessions, world, stops, settings.open_overview));
    let shared = door.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .into_utoipa_app()
            .app_data(shared.clone())
            .app_data(watch.clone())
            .app_data(JsonConfig::default().limit(MAX_BODY).error_handler(json_error))
            .app_data(PathConfig::default().error_handler(path_error))
            .app_data(QueryConfig::default().error_handler(query_error))
            .configure(routes)
            .into_app()
            .default_service(web::to(nowhere))
            .wrap(from_fn(around))
    })
    .disable_signals()
    .keep_alive(KEEP_ALIVE)
    .shutdown_timeout(STOP_SECONDS);
    if let Some(workers) = settings.workers {
        server = server.workers(usize::from(workers));
    }
    let asked = settings.listen.address();
    let server = server.bind(asked).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => ServeError::PortInUse(asked),
        _ => ServeError::Unusable { address: asked, error },
    })?;
    let address = server.addrs().first().copied().unwrap_or(asked);
    let server = server.run();
    let handle = server.handle();
    Ok(Running { address, handle, stopping, server: tokio::spawn(server), store, door })
}
