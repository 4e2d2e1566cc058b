//! Gates' endpoints: enrolment, session, bundle, feed, claims and journal.

mod enrol;
mod traffic;

use actix_web::middleware::from_fn;
use utoipa_actix_web::OpenApiFactory;

use super::protocol::negotiate;

/// Everything under `/api/v1/device`.
pub(crate) fn scope() -> impl actix_web::dev::HttpServiceFactory + OpenApiFactory {
    utoipa_actix_web::scope("/api/v1/device")
        .wrap(from_fn(negotiate))
        .service(enrol::enrol)
        .service(enrol::challenge)
        .service(enrol::session)
        .service(traffic::bundle)
        .service(traffic::feed)
        .service(traffic::claim)
        .service(traffic::upload)
}
