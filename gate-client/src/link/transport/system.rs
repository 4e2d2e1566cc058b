//! HTTP of our own, over the system's sockets.

use core::time::Duration;
use std::net::IpAddr;

use reqwest::{RequestBuilder, Response, Url, redirect::Policy};

use super::MAX_BODY;
use crate::{link::Failure, platform::timeout};

/// How long a connection may take to stand.
const CONNECT_LIMIT: Duration = Duration::from_secs(2);
/// How long an answer that has begun may pause.
const PAUSE_LIMIT: Duration = Duration::from_secs(5);

pub(in crate::link) fn build(base: &Url) -> reqwest::Result<reqwest::Client> {
    // Fails only where it was done before.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("kaisatsu-gate/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .http1_only()
        .connect_timeout(CONNECT_LIMIT)
        .pool_idle_timeout(Duration::from_secs(60));
    if is_loopback(base) {
        builder = builder.no_proxy();
    }
    builder.build()
}

fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    })
}

/// Nothing is kept of answers here: each is asked for anew.
pub(in crate::link) const fn fresh(request: RequestBuilder) -> RequestBuilder {
    request
}

/// The whole body.
pub(in crate::link) async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    loop {
        let chunk = timeout(PAUSE_LIMIT, response.chunk())
            .await
            .map_err(|_| Failure::silence())?
            .map_err(|error| Failure::Silence(error.without_url().to_string()))?;
        let Some(chunk) = chunk else { return Ok(body) };
        if body.len() + chunk.len() > MAX_BODY {
            return Err(Failure::Unreadable("it is too long".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
}
