//! The page's server: files, what is new, and what staff say.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, ensure};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{net::TcpListener, sync::mpsc};

use super::{Board, door::is_own, files::file};
use crate::{
    entrance::Said,
    platform::{self, sleep, timeout},
};

/// How long a question for what is new is held.
const HOLD: Duration = Duration::from_secs(20);
/// Longer words are refused: a token's text has at most some 400 characters.
const MAX_BODY: usize = 8 << 10;
/// How long a request may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(5);
/// The pause after an accept that failed.
const PAUSE: Duration = Duration::from_millis(100);
/// Nothing but its own files and its own server.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Takes the page's address.
///
/// # Errors
/// If it isn't this machine's own, or can't be had.
pub(crate) async fn bind(listen: SocketAddr) -> anyhow::Result<TcpListener> {
    let loopback = match listen.ip() {
        IpAddr::V4(address) => address.is_loopback(),
        IpAddr::V6(address) => address.is_loopback(),
    };
    ensure!(
        loopback,
        "the page is for this machine only: give --page an address like 127.0.0.1:7080"
    );
    let bound = TcpListener::bind(listen).await;
    bound.with_context(|| format!("the page can't be served on {listen}: choose another --page"))
}

/// Serves the page until the process ends.
pub(crate) fn serve(listener: TcpListener, board: Arc<Board>, said: mpsc::Sender<Said>) {
    let port = listener.local_addr().map_or(0, |address| address.port());
    platform::spawn(async move {
        loop {
            let Ok((stream, _)) = listener.accept().await else {
                sleep(PAUSE).await;
                continue;
            };
            let _ = stream.set_nodelay(true);
            let (board, said) = (Arc::clone(&board), said.clone());
            let service = service_fn(move |request| {
                let (board, said) = (Arc::clone(&board), said.clone());
                async move { Ok::<_, Infallible>(answer(request, port, &board, &said).await) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .max_buf_size(32 << 10)
                .serve_connection(TokioIo::new(stream), service);
            platform::spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "the page's connection broke off");
                }
            });
        }
    });
}

async fn answer(
    request: Request<Incoming>,
    port: u16,
    board: &Board,
    said: &mpsc::Sender<Said>,
) -> Response<Full<Bytes>> {
    if !is_own(&request, port) {
        return plain(StatusCode::FORBIDDEN, "this is a gate's own page");
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/says") => {
            let query = request.uri().query().unwrap_or_default();
            let after = query.strip_prefix("after=").and_then(|it| it.parse().ok());
            let after = after.unwrap_or_default();
            if after > 0 {
                let _ = timeout(HOLD, board.more_than(after)).await;
            }
            respond(StatusCode::OK, "application/json", board.after(after).to_string())
        }
        (&Method::POST, "/say") => {
            let body = timeout(ARRIVAL, Limited::new(request.into_body(), MAX_BODY).collect());
            let Ok(Ok(body)) = body.await else {
                return plain(StatusCode::BAD_REQUEST, "too long, or it broke off");
            };
            match serde_json::from_slice(&body.to_bytes()) {
                Ok(words) => match said.send(words).await {
                    Ok(()) => plain(StatusCode::OK, "heard"),
                    Err(_) => plain(StatusCode::SERVICE_UNAVAILABLE, "the gate ends"),
                },
                Err(_) => plain(StatusCode::BAD_REQUEST, "not what a page says"),
            }
        }
        (&Method::GET, path) => match file(path) {
            Some((kind, text)) => respond(StatusCode::OK, kind, text),
            None => plain(StatusCode::NOT_FOUND, "there is no such file"),
        },
        _ => plain(StatusCode::METHOD_NOT_ALLOWED, "it is read, or told something"),
    }
}

fn plain(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    respond(status, "text/plain; charset=utf-8", text)
}

fn respond(
    status: StatusCode,
    kind: &'static str,
    body: impl Into<Bytes>,
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    response
}
