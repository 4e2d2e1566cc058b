//! Connections of other gates. Somebody who doesn't show within seconds who they are is sent away, and only
//! so many of them are let wait.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use kaisatsu_shared::key::DeviceKey;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{Duration, sleep, timeout},
};
use tokio_rustls::TlsAcceptor;

use super::{
    Door,
    answer::{Visitor, answer},
    crowd::Place,
    tls,
};

/// How long a handshake may take, and the first question after it.
const STRANGER_LIMIT: Duration = Duration::from_secs(3);
/// How long a known gate may be silent.
const IDLE_LIMIT: Duration = Duration::from_secs(90);
/// The pause after an accept that failed: most likely there are no file descriptors left.
const PAUSE: Duration = Duration::from_millis(100);

/// Takes the address at which gates ask.
///
/// # Errors
/// If it can't be had.
pub(crate) async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    let bound = TcpListener::bind(listen).await;
    bound.with_context(|| {
        format!("the hub can't listen on {listen}: choose another --listen, or end who has it")
    })
}

/// Answers gates until the process ends.
///
/// # Errors
/// If this build of TLS can't be used.
pub(crate) fn serve(
    listener: TcpListener,
    key: Arc<DeviceKey>,
    door: Arc<Door>,
) -> anyhow::Result<()> {
    let config = tls::server_config(key).context("TLS can't be used: install the gate again")?;
    let acceptor = TlsAcceptor::from(Arc::new(config));
    tokio::spawn(async move {
        loop {
            let Ok((stream, from)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            // Whoever finds no room is hung up on.
            if let Some(place) = door.strangers.enter(from.ip()) {
                tokio::spawn(meet(stream, from, acceptor.clone(), Arc::clone(&door), place));
            }
        }
    });
    Ok(())
}

async fn meet(
    stream: TcpStream,
    from: SocketAddr,
    acceptor: TlsAcceptor,
    door: Arc<Door>,
    place: Place,
) {
    // Answers are small and wanted at once.
    let _ = stream.set_nodelay(true);
    let Ok(Ok(stream)) = timeout(STRANGER_LIMIT, acceptor.accept(stream)).await else {
        tracing::debug!(%from, "somebody didn't speak as a gate does");
        return;
    };
    let Some(peer) = tls::peer(stream.get_ref().1.peer_certificates()) else { return };
    let visitor = Arc::new(Visitor::new(peer, place));
    let asked = Arc::clone(&visitor);
    let service = service_fn(move |request| {
        let (door, visitor) = (Arc::clone(&door), Arc::clone(&asked));
        async move { Ok::<_, Infallible>(answer(&door, &visitor, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(IDLE_LIMIT)
        .max_buf_size(32 << 10)
        .serve_connection(TokioIo::new(stream), service);
    let sent_away = async {
        sleep(STRANGER_LIMIT).await;
        if visitor.is_known() {
            core::future::pending::<()>().await;
        }
    };
    tokio::select! {
        ended = connection => if let Err(error) = ended {
            tracing::debug!(%from, %error, "a gate's connection broke off");
        },
        () = sent_away => tracing::debug!(%from, "somebody didn't say who they are"),
    }
}
