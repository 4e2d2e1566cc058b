//! Around every request: its number, the headers that every answer has, and one log line without
//! address, query, token or name.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use actix_web::{
    Error,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS,
    },
    middleware::Next,
    web,
};
use kaisatsu_shared::time::UnixMillis;
use tracing::{debug, error, info};

use crate::{auth::RequestId, world::Clock};

/// No script, no frame, nothing from elsewhere; the page's own style sheet is all it needs. Pages with a script have a
/// policy of their own.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/// The header with the request's number, to find its log line.
static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Addresses that gates ask many times a second; their successes are logged at `debug`.
const FREQUENT: &str = "/api/v1/device/";

/// Numbers and times requests. A random number tells one run of the server from the next.
pub(crate) struct Watch {
    run: u32,
    next: AtomicU64,
    clock: Arc<dyn Clock>,
}

impl Watch {
    pub(crate) const fn new(run: u32, clock: Arc<dyn Clock>) -> Self {
        Self { run, next: AtomicU64::new(1), clock }
    }

    fn next(&self) -> RequestId {
        RequestId { run: self.run, number: self.next.fetch_add(1, Ordering::Relaxed) }
    }
}

/// The middleware.
pub(crate) async fn around(
    watch: web::Data<Watch>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let id = watch.next();
    id.put(&request);
    let begun = watch.clock.now();
    let mut response = next.call(request).await?;
    log(&response, id, begun, &watch);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY));
    }
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(id) = HeaderValue::try_from(id.to_string()) {
        headers.insert(REQUEST_ID.clone(), id);
    }
    Ok(response)
}

fn log(
    response: &ServiceResponse<impl MessageBody>,
    id: RequestId,
    begun: UnixMillis,
    watch: &Watch,
) {
    let request = response.request();
    let status = response.status();
    let frequent = request.path().starts_with(FREQUENT) && status.is_success();
    if frequent && !tracing::enabled!(tracing::Level::DEBUG) {
        return;
    }
    let route = request.match_pattern();
    let route = route.as_deref().unwrap_or("unknown");
    let method = request.method().as_str();
    let millis = watch.clock.now().0.saturating_sub(begun.0);
    let status = status.as_u16();
    match status {
        _ if frequent => debug!(request = %id, method, route, status, millis, "answered"),
        500.. => error!(request = %id, method, route, status, millis, "failed"),
        _ => info!(request = %id, method, route, status, millis, "answered"),
    }
}
