//! The description of the API, made from the handlers themselves, and the table of addresses that
//! tells 404 from 405.

use std::sync::LazyLock;

use actix_web::{HttpRequest, HttpResponse, get};
use kaisatsu_shared::api::Problem;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        OpenApi as Document,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_actix_web::AppExt;

use super::{ApiError, ApiResult, attendee, device, health, home, organiser, ticket_page};

/// What the handlers can't say themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Kaisatsu",
        description = "Issues signed single-use QR tickets, decides claims of gates, and keeps the ledger. \
            Every failure is an `application/problem+json` with a stable `code`. \
            An organiser operation's security requirement names the permission its API token needs. \
            Gates send the protocol versions they speak in `kaisatsu-protocol` (`1` or `1-3`); the \
            answer's header names the one chosen."
    ),
    modifiers(&Schemes)
)]
struct Base;

struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut Document) {
        let bearer = |text: &str| {
            let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(text));
            SecurityScheme::Http(scheme.build())
        };
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("api_token", bearer("An organiser's API token"));
        components.add_security_scheme(
            "device_session",
            bearer("A session token of /api/v1/device/session"),
        );
    }
}

/// Any failure.
#[derive(utoipa::IntoResponses)]
#[response(
    status = "default",
    description = "Refused or failed; the code says which",
    content_type = "application/problem+json"
)]
pub(crate) struct Failure(#[expect(dead_code, reason = "describes the answer")] Problem);

/// Every endpoint of the server.
pub(crate) fn routes(config: &mut utoipa_actix_web::service_config::ServiceConfig<'_>) {
    config
        .service(home::home)
        .service(home::style)
        .service(ticket_page::ticket_page)
        .service(description)
        .service(health::healthz)
        .service(health::readyz)
        // Before the organisers' scope, which begins alike.
        .service(device::scope())
        .service(attendee::scope())
        .service(organiser::scope());
}

/// The description of the API.
#[must_use]
pub fn document() -> Document {
    let app = actix_web::App::new().into_utoipa_app().openapi(Base::openapi()).configure(routes);
    app.split_for_parts().1
}

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// This description.
#[utoipa::path(tag = "pages", responses((status = 200, description = "The API's description")))]
#[get("/api/openapi.json")]
pub(crate) async fn description() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(TEXT.as_str())
}

/// An address with the methods it takes.
struct Address {
    parts: Vec<String>,
    methods: Vec<&'static str>,
}

impl Address {
    fn matches(&self, path: &str) -> bool {
        let mut given = path.trim_start_matches('/').split('/');
        self.parts
            .iter()
            .all(|part| given.next().is_some_and(|g| part.starts_with('{') || part == g))
            && given.next().is_none()
    }
}

static ADDRESSES: LazyLock<Vec<Address>> = LazyLock::new(|| {
    let addresses = document().paths.paths.into_iter().map(|(path, item)| {
        let methods = [
            ("GET", item.get.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        Address {
            parts: path.trim_start_matches('/').split('/').map(str::to_owned).collect(),
            methods: methods.into_iter().filter(|(_, is)| *is).map(|(name, _)| name).collect(),
        }
    });
    addresses.collect()
});

/// For every request that no handler takes.
pub(crate) async fn nowhere(request: HttpRequest) -> ApiResult<HttpResponse> {
    let methods: Vec<&str> = ADDRESSES
        .iter()
        .filter(|address| address.matches(request.path()))
        .flat_map(|address| address.methods.iter().copied())
        .collect();
    Err(if methods.is_empty() {
        ApiError::no_such_address()
    } else {
        ApiError::method_not_allowed(&methods)
    })
}
