//! A connection to a hub: HTTP inside TLS, to whoever holds the key that the bundle names.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::{
    bundle::Hub,
    key::DeviceKey,
    sync::{CREDENTIAL_HEADER, HEAD_HEADER},
};
use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderValue},
    redirect::Policy,
};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    hub::client_config,
    link::{
        Failure, OwnHead,
        client::{read_json, send, succeed},
    },
};

/// How long a connection may take to stand.
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// A hub at one of its addresses, and how it is spoken to.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) hub: Hub,
    base: Url,
    http: reqwest::Client,
    own_head: Arc<OwnHead>,
}

impl Way {
    /// The way to a hub at this address, for the device that has this key and shows this credential; nothing
    /// where it can't be one.
    pub(super) fn new(
        hub: &Hub,
        address: &str,
        key: &Arc<DeviceKey>,
        credential: &str,
        own_head: &Arc<OwnHead>,
    ) -> Option<Self> {
        let base: Url = format!("https://{address}/api/v1/hub/").parse().ok()?;
        let tls = client_config(Arc::clone(key), hub.public).ok()?;
        let mut headers = HeaderMap::new();
        headers.insert(CREDENTIAL_HEADER, HeaderValue::from_str(credential).ok()?);
        let http = reqwest::Client::builder()
            .tls_backend_preconfigured(tls)
            .default_headers(headers)
            .redirect(Policy::none())
            .http1_only()
            .no_proxy()
            .connect_timeout(CONNECT_LIMIT)
            .pool_idle_timeout(Duration::from_secs(60))
            .build();
        Some(Self { hub: hub.clone(), base, http: http.ok()?, own_head: Arc::clone(own_head) })
    }

    /// Sends JSON, where there is any, and reads JSON.
    pub(super) async fn ask<B: Serialize + Sync, T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&B>,
        limit: Duration,
    ) -> Result<T, Failure> {
        let url = self.base.join(path).map_err(|error| Failure::Unreadable(error.to_string()))?;
        let mut request = self.http.request(method, url);
        if let Some(head) = self.own_head.header() {
            request = request.header(HEAD_HEADER, head);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = succeed(send(request, limit).await?).await?;
        read_json(response).await
    }
}
