//! HTTP of the browser (`fetch`), which keeps connections and certificates to itself. A request that is given up is
//! aborted with its future.

use core::time::Duration;

use reqwest::{RequestBuilder, Response, Url};

use super::MAX_BODY;
use crate::{link::Failure, platform::timeout};

/// How long the rest of an answer may take that has begun; its pieces aren't told apart here.
const BODY_LIMIT: Duration = Duration::from_secs(30);

pub(in crate::link) fn build(_base: &Url) -> reqwest::Result<reqwest::Client> {
    reqwest::Client::builder().build()
}

/// The browser's cache must not answer in the server's place, and its cookies are none of ours.
#[cfg(target_arch = "wasm32")]
pub(in crate::link) fn fresh(request: RequestBuilder) -> RequestBuilder {
    request.fetch_cache_no_store().fetch_credentials_omit()
}

/// For checks on a system that has no such cache.
#[cfg(not(target_arch = "wasm32"))]
pub(in crate::link) const fn fresh(request: RequestBuilder) -> RequestBuilder {
    request
}

/// The whole body.
pub(in crate::link) async fn read(response: Response) -> Result<Vec<u8>, Failure> {
    let body = timeout(BODY_LIMIT, response.bytes())
        .await
        .map_err(|_| Failure::silence())?
        .map_err(|error| Failure::Silence(error.without_url().to_string()))?;
    if body.len() > MAX_BODY {
        return Err(Failure::Unreadable("it is too long".to_owned()));
    }
    Ok(body.into())
}
