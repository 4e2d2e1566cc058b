//! HTTP with the server: one base address, JSON or bytes, refusals as [`Failure`].

use core::time::Duration;
use std::sync::{Arc, RwLock};

use kaisatsu_shared::{
    api::{PROTOCOL, PROTOCOL_HEADER},
    sync::HEAD_HEADER,
};
use reqwest::{
    Method, RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_TYPE, ETAG, IF_NONE_MATCH},
};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    Failure, OwnHead,
    transport::{build, fresh, read},
};
use crate::platform::timeout;

/// The server's address can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no server address: give one like https://tickets.example.org")]
pub(crate) struct AddressError(String);

/// Reads a server's address as a person writes it.
///
/// # Errors
/// [`AddressError`] for anything but an `http` or `https` address without query.
pub(crate) fn base_url(text: &str) -> Result<Url, AddressError> {
    let wrong = || AddressError(text.to_owned());
    let mut url: Url = text.trim().parse().map_err(|_| wrong())?;
    let usable = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !usable {
        return Err(wrong());
    }
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

/// An HTTP client of one server.
#[derive(Debug)]
pub(super) struct Client {
    base: Url,
    http: RwLock<reqwest::Client>,
    /// What goes with each request.
    own_head: Option<Arc<OwnHead>>,
}

/// An answer to a conditional request.
#[derive(Debug)]
pub(super) enum Fetched<T> {
    /// What is known is the newest.
    Unchanged,
    /// The newest, with its entity tag.
    New(T, Option<String>),
}

impl Client {
    pub(super) fn new(server: &str) -> Result<Self, AddressError> {
        let base = base_url(server)?;
        let http = build(&base).map_err(|_| AddressError(server.to_owned()))?;
        Ok(Self { base, http: RwLock::new(http), own_head: None })
    }

    /// The same, and each request says where the own journal ends.
    pub(super) fn telling(server: &str, own_head: Arc<OwnHead>) -> Result<Self, AddressError> {
        Ok(Self { own_head: Some(own_head), ..Self::new(server)? })
    }

    /// Forgets all connections: after a cut they may be dead without knowing.
    pub(super) fn reset(&self) {
        if let (Ok(http), Ok(mut slot)) = (build(&self.base), self.http.write()) {
            *slot = http;
        }
    }

    /// Sends JSON and reads JSON. `limit` is for the beginning of the answer.
    pub(super) async fn post<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        token: Option<String>,
        body: &B,
        limit: Duration,
    ) -> Result<T, Failure> {
        let request = self.request(Method::POST, path, token)?.json(body);
        let response = succeed(send(request, limit).await?).await?;
        read_json(response).await
    }

    /// Sends bytes and reads JSON.
    pub(super) async fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        token: String,
        body: Vec<u8>,
        limit: Duration,
    ) -> Result<T, Failure> {
        let request = self.request(Method::POST, path, Some(token))?;
        let request = request.header(CONTENT_TYPE, "application/octet-stream").body(body);
        read_json(succeed(send(request, limit).await?).await?).await
    }

    /// Fetches bytes.
    pub(super) async fn bytes(
        &self,
        path: &str,
        token: String,
        limit: Duration,
    ) -> Result<Vec<u8>, Failure> {
        let request = self.request(Method::GET, path, Some(token))?;
        let response = succeed(send(request, limit).await?).await?;
        if !content_type(&response).starts_with("application/octet-stream") {
            return Err(Failure::Silence("another kind of answer".to_owned()));
        }
        read(response).await
    }

    /// Fetches JSON unless it is what `tag` names.
    pub(super) async fn fetch<T: DeserializeOwned>(
        &self,
        path: &str,
        token: String,
        tag: Option<&str>,
        limit: Duration,
    ) -> Result<Fetched<T>, Failure> {
        let mut request = self.request(Method::GET, path, Some(token))?;
        if let Some(tag) = tag {
            request = request.header(IF_NONE_MATCH, tag);
        }
        let response = send(request, limit).await?;
        if response.status() == StatusCode::NOT_MODIFIED && tag.is_some() {
            return Ok(Fetched::Unchanged);
        }
        let response = succeed(response).await?;
        let tag = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok());
        let tag = tag.map(str::to_owned);
        Ok(Fetched::New(read_json(response).await?, tag))
    }

    fn request(
        &self,
        method: Method,
        path: &str,
        token: Option<String>,
    ) -> Result<RequestBuilder, Failure> {
        let silence = |_| Failure::Silence("no client".to_owned());
        let url = self
            .base
            .join(&format!("api/v1/{path}"))
            .map_err(|_| Failure::Unreadable("the address can't be made".to_owned()))?;
        let http = self.http.read().map_err(|error| silence(error.to_string()))?.clone();
        let mut request =
            fresh(http.request(method, url)).header(PROTOCOL_HEADER, PROTOCOL.to_string());
        if let Some(head) = self.own_head.as_ref().and_then(|head| head.header()) {
            request = request.header(HEAD_HEADER, head);
        }
        Ok(match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        })
    }
}

pub(super) async fn send(request: RequestBuilder, limit: Duration) -> Result<Response, Failure> {
    timeout(limit, request.send())
        .await
        .map_err(|_| Failure::silence())?
        // The address may hold the code of an enrolment one day; the cause is enough.
        .map_err(|error| Failure::Silence(error.without_url().to_string()))
}

pub(super) async fn succeed(response: Response) -> Result<Response, Failure> {
    if response.status() == StatusCode::OK {
        return Ok(response);
    }
    let (status, kind) = (response.status().as_u16(), content_type(&response));
    let body = read(response).await?;
    Err(Failure::of_answer(status, &kind, &body))
}

fn content_type(response: &Response) -> String {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.unwrap_or_default().to_owned()
}

pub(super) async fn read_json<T: DeserializeOwned>(response: Response) -> Result<T, Failure> {
    if !content_type(&response).starts_with("application/json") {
        return Err(Failure::Silence("another kind of answer".to_owned()));
    }
    let body = read(response).await?;
    serde_json::from_slice(&body).map_err(|error| Failure::Unreadable(error.to_string()))
}
