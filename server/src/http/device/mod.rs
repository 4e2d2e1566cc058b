//! Gates' endpoints: enrolment, session, bundle, feed, claims, search, journal and time.

mod enrol;
mod heads;
mod restore;
mod search;
mod time;
mod traffic;

use actix_web::{
    middleware::from_fn,
    web::{JsonConfig, PayloadConfig},
};
use utoipa_actix_web::OpenApiFactory;

use super::{problem::json_error, protocol::negotiate};

/// Largest body: 256 journal entries take 50 kB. Strangers may send to some of these addresses.
const MAX_BODY: usize = 256 << 10;

/// Everything under `/api/v1/device`.
pub(crate) fn scope() -> impl actix_web::dev::HttpServiceFactory + OpenApiFactory {
    utoipa_actix_web::scope("/api/v1/device")
        .app_data(PayloadConfig::new(restore::MAX_OFFER))
        .app_data(JsonConfig::default().limit(MAX_BODY).error_handler(json_error))
        .wrap(from_fn(negotiate))
        .service(enrol::enrol)
        .service(enrol::challenge)
        .service(enrol::session)
        .service(traffic::bundle)
        .service(traffic::feed)
        .service(traffic::claim)
        .service(traffic::upload)
        .service(heads::heads)
        .service(restore::locate)
        .service(restore::offer)
        .service(restore::offered)
        .service(search::search)
        .service(time::time)
}
