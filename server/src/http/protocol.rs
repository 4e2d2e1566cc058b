//! Versions of the gates' protocol: both sides say what they speak; a gate that is too old or too
//! new is told which side to update.

use std::sync::LazyLock;

use actix_web::{
    Error, ResponseError,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderMap, HeaderName, HeaderValue},
    },
    middleware::Next,
};
use kaisatsu_shared::api::{Negotiated, PROTOCOL, PROTOCOL_HEADER, ProtocolRange};

use super::{ApiError, ApiResult};

static HEADER: HeaderName = HeaderName::from_static(PROTOCOL_HEADER);
/// What this server speaks, for answers to those it can't speak with.
static OURS: LazyLock<String> = LazyLock::new(|| PROTOCOL.to_string());

/// The middleware around the gates' endpoints.
pub(crate) async fn negotiate<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match chosen(request.headers()) {
        Ok(version) => {
            let mut response = next.call(request).await?.map_into_left_body();
            response.headers_mut().insert(HEADER.clone(), HeaderValue::from(version));
            Ok(response)
        }
        Err(error) => {
            let mut response = request.into_response(error.error_response()).map_into_right_body();
            if let Ok(ours) = HeaderValue::from_str(&OURS) {
                response.headers_mut().insert(HEADER.clone(), ours);
            }
            Ok(response)
        }
    }
}

/// The version to speak. A gate that says nothing speaks version 1.
fn chosen(headers: &HeaderMap) -> ApiResult<u16> {
    let theirs = match headers.get(&HEADER) {
        None => ProtocolRange { oldest: 1, newest: 1 },
        Some(value) => value.to_str().ok().and_then(|text| text.parse().ok()).ok_or_else(|| {
            ApiError::bad_request(
                "protocol_malformed",
                "the header kaisatsu-protocol is not a version like `1` or `1-3`",
            )
        })?,
    };
    let unsupported = |which: &str| {
        ApiError::new(
            StatusCode::UPGRADE_REQUIRED,
            "protocol_unsupported",
            format!("gate and server speak different protocol versions; update {which}"),
        )
        .with_detail(format_args!("the gate speaks {theirs}, the server {PROTOCOL}"))
    };
    match PROTOCOL.negotiate(theirs) {
        Negotiated::Version(version) => Ok(version),
        Negotiated::TheyAreOlder => Err(unsupported("the gate")),
        Negotiated::TheyAreNewer => Err(unsupported("the server")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_side_to_update_is_named() {
        let choose = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HEADER.clone(), HeaderValue::from_static(text));
            chosen(&headers).map_err(|error| error.to_string())
        };
        assert_eq!(chosen(&HeaderMap::new()).unwrap(), 1);
        assert_eq!(choose("1"), Ok(1));
        assert_eq!(choose("1-9"), Ok(1));
        assert!(choose("2-9").unwrap_err().contains("update the server"));
        assert!(choose("0").unwrap_err().contains("update the gate"));
        assert!(choose("x").unwrap_err().starts_with("protocol_malformed"));
    }
}
