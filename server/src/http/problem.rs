//! Every failure of the HTTP API as one kind of answer: `application/problem+json` (RFC 9457) with
//! a stable code and a sentence that says what to do.

use std::borrow::Cow;

use actix_web::{
    HttpRequest, HttpResponse, ResponseError,
    error::{JsonPayloadError, PathError, PayloadError, QueryPayloadError},
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, RETRY_AFTER},
    },
};
use kaisatsu_shared::{api::Problem, bundle::SignedRevocation};

use crate::store::{ErrorKind, StoreError};

/// The media type of problems.
pub(crate) const PROBLEM_JSON: &str = "application/problem+json";

/// A failed request.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: StatusCode,
    code: Cow<'static, str>,
    title: Cow<'static, str>,
    detail: Option<Box<str>>,
    /// The methods that are allowed, for 405.
    allow: Option<String>,
    /// After how many seconds to try again, for 429.
    retry_after: Option<u64>,
    /// The root key's word for it, where a device was revoked.
    revocation: Option<Box<SignedRevocation>>,
}

/// The answer to a request.
pub(crate) type ApiResult<T> = Result<T, ApiError>;
/// The same where actix's own extractors may refuse; they do so with an [`ApiError`] too.
pub(crate) type HandlerResult<T> = Result<T, actix_web::Error>;

impl ApiError {
    /// A failure with its status, stable code and sentence.
    pub(crate) fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        title: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            status,
            code: code.into(),
            title: title.into(),
            detail: None,
            allow: None,
            retry_after: None,
            revocation: None,
        }
    }

    /// The same with the root key's word for it.
    #[must_use]
    pub(crate) fn revoked(self, word: Option<SignedRevocation>) -> Self {
        Self { revocation: word.map(Box::new), ..self }
    }

    /// The same with more about this one case.
    #[must_use]
    pub(crate) fn with_detail(self, detail: impl core::fmt::Display) -> Self {
        Self { detail: Some(detail.to_string().into()), ..self }
    }

    /// A request that can't be understood.
    pub(crate) fn bad_request(code: &'static str, title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, title)
    }

    /// No such thing.
    pub(crate) fn not_found(title: impl Into<Cow<'static, str>>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", title)
    }

    /// No endpoint has this address.
    pub(crate) fn no_such_address() -> Self {
        Self::not_found("nothing is at this address; /api/openapi.json lists what there is")
    }

    /// The address exists, but not for this method.
    pub(crate) fn method_not_allowed(methods: &[&str]) -> Self {
        let allow = methods.join(", ");
        let title = format!("this address takes {allow}");
        let error = Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", title);
        Self { allow: Some(allow), ..error }
    }

    /// More than this caller may ask in a short time; after `wait` milliseconds it may again.
    pub(crate) fn too_often(code: &'static str, title: &'static str, wait: u64) -> Self {
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, code, title);
        Self { retry_after: Some(wait.div_ceil(1_000)), ..error }
    }

    /// Nobody has signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "send `Authorization: Bearer` with an API token (`kaisatsu-server token create`)",
        )
    }

    /// The same as 503, for those who ask whether the server works.
    pub(crate) fn unready(self) -> Self {
        Self { status: StatusCode::SERVICE_UNAVAILABLE, ..self }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    fn problem(&self) -> Problem {
        let mut problem = Problem::new(self.status.as_u16(), &self.code, &self.title);
        problem.detail = self.detail.as_deref().map(str::to_owned);
        problem.revocation.clone_from(&self.revocation);
        problem
    }
}

impl core::fmt::Display for ApiError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}: {}", self.code, self.title)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        // Its fields are text and a number; writing them can't fail.
        let body = serde_json::to_string(&self.problem()).unwrap_or_default();
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, PROBLEM_JSON));
        if let Some(allow) = &self.allow {
            response.insert_header((ALLOW, allow.as_str()));
        }
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header(("www-authenticate", "Bearer"));
        }
        response.body(body)
    }
}

/// A body that isn't the JSON it should be.
pub(crate) fn json_error(error: JsonPayloadError, _: &HttpRequest) -> actix_web::Error {
    match error {
        JsonPayloadError::Overflow { limit } => too_large(limit),
        JsonPayloadError::OverflowKnownLength { limit, .. } => too_large(limit),
        JsonPayloadError::ContentType => ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "send the body as JSON with `Content-Type: application/json`",
        ),
        JsonPayloadError::Payload(PayloadError::Overflow) => too_large(0),
        JsonPayloadError::Deserialize(error) if error.is_data() => ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_body",
            "the body is JSON but not what this address takes; /api/openapi.json describes it",
        )
        .with_detail(where_in(&error)),
        JsonPayloadError::Deserialize(error) => {
            ApiError::bad_request("malformed_json", "the body is not JSON; correct and send again")
                .with_detail(where_in(&error))
        }
        _ => unreadable(),
    }
    .into()
}

/// A body that stopped on its way.
pub(crate) fn unreadable() -> ApiError {
    ApiError::bad_request("unreadable_body", "the body did not arrive whole; send it again")
}

/// What serde says about a body, without the values it may quote: they can be personal.
fn where_in(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let kind = if text.starts_with("missing field") || text.starts_with("unknown field") {
        // Names of fields come from the description, or are worth showing to their author.
        text.split(" at line ").next().unwrap_or_default().chars().take(120).collect()
    } else if error.is_data() {
        "a value has another type or range than described".to_owned()
    } else {
        "the text ends early or breaks JSON's rules".to_owned()
    };
    format!("{kind} (line {}, column {})", error.line(), error.column())
}

pub(crate) fn too_large(limit: usize) -> ApiError {
    let title = if limit == 0 {
        "the body is too large; send less at once".to_owned()
    } else {
        format!("the body has more than {limit} bytes; send less at once")
    };
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", title)
}

/// A part of the address that isn't the number it should be.
pub(crate) fn path_error(_: PathError, _: &HttpRequest) -> actix_web::Error {
    ApiError::bad_request(
        "invalid_path",
        "a number in the address is malformed or too large; correct the address",
    )
    .into()
}

/// A position in a ledger, as `after` gives it. No ledger gets as long as 2⁶³, and no database
/// counts so far.
pub(crate) fn position(after: u64) -> ApiResult<u64> {
    if i64::try_from(after).is_err() {
        return Err(ApiError::bad_request(
            "invalid_query",
            "`after` must be below 9223372036854775808; give the number of the last entry known",
        ));
    }
    Ok(after)
}

/// Parameters after `?` that can't be read.
pub(crate) fn query_error(error: QueryPayloadError, _: &HttpRequest) -> actix_web::Error {
    let detail = match error {
        QueryPayloadError::Deserialize(error) => error.to_string().chars().take(120).collect(),
        _ => String::from("the parameters can't be read"),
    };
    ApiError::bad_request(
        "invalid_query",
        "a parameter after `?` is missing or malformed; /api/openapi.json describes them",
    )
    .with_detail(detail)
    .into()
}

impl From<StoreError> for actix_web::Error {
    fn from(error: StoreError) -> Self {
        ApiError::from(error).into()
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let status = match error.kind() {
            ErrorKind::Invalid => StatusCode::BAD_REQUEST,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Forbidden => StatusCode::FORBIDDEN,
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Full => StatusCode::INSUFFICIENT_STORAGE,
            ErrorKind::Internal => {
                // Paths and the database's words are for the log, not for strangers.
                tracing::error!(code = error.code(), %error, "the store failed");
                return Self::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    error.code(),
                    "the server could not do this; its log says why under this request's x-request-id",
                );
            }
        };
        Self::new(status, error.code(), error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{body::to_bytes, test::TestRequest};
    use kaisatsu_shared::id::EventId;

    use super::*;

    async fn sent(error: &ApiError) -> (u16, Option<String>, Problem) {
        let response = error.error_response();
        let status = response.status().as_u16();
        let kind = response.headers().get(CONTENT_TYPE).unwrap().to_str().unwrap();
        assert_eq!(kind, PROBLEM_JSON);
        let allow = response.headers().get(ALLOW).map(|text| text.to_str().unwrap().to_owned());
        let body = to_bytes(response.into_body()).await.unwrap();
        (status, allow, serde_json::from_slice(&body).unwrap())
    }

    #[actix_web::test]
    async fn store_errors_keep_code_and_sentence_but_not_the_servers_secrets() {
        let (status, _, problem) = sent(&StoreError::EventUnknown(EventId(7)).into()).await;
        assert_eq!((status, problem.status), (404, 404));
        assert_eq!(problem.code, "event_unknown");
        assert!(problem.title.contains("event 7"), "{problem:?}");
        let inner = StoreError::DatabaseUnusable("/secret/path".to_owned());
        let (status, _, problem) = sent(&inner.into()).await;
        assert_eq!((status, problem.code.as_str()), (500, "database_unusable"));
        assert!(!problem.title.contains("/secret"), "{problem:?}");
    }

    #[actix_web::test]
    async fn a_wrong_method_names_the_right_ones() {
        let (status, allow, problem) = sent(&ApiError::method_not_allowed(&["GET", "POST"])).await;
        assert_eq!((status, problem.code.as_str()), (405, "method_not_allowed"));
        assert_eq!(allow.as_deref(), Some("GET, POST"));
    }

    #[test]
    fn what_a_body_said_is_not_repeated() {
        let request = TestRequest::default().to_http_request();
        let error = serde_json::from_str::<u8>("\"山田\"").unwrap_err();
        let error = json_error(JsonPayloadError::Deserialize(error), &request);
        let error = error.as_error::<ApiError>().unwrap();
        assert_eq!(error.code(), "invalid_body");
        assert!(!format!("{error:?}").contains("山田"), "{error:?}");
    }
}
