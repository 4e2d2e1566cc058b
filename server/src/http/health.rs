//! For supervisors of the process: does it live, can it work.

use actix_web::{HttpResponse, get, web::Json};

use super::{ApiError, ApiResult};
use crate::{auth::Overview, store::types::StatusPage};

/// Whether the process answers.
#[utoipa::path(tag = "health", responses((status = 200, description = "It lives", body = String)))]
#[get("/healthz")]
pub(crate) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// Whether the database can be read and written.
#[utoipa::path(
    tag = "health",
    responses(
        (status = 200, description = "It works", body = StatusPage),
        (status = 503, description = "It doesn't; the problem says why",
         content_type = "application/problem+json", body = kaisatsu_shared::api::Problem),
    )
)]
#[get("/readyz")]
pub(crate) async fn readyz(overview: Overview) -> ApiResult<Json<StatusPage>> {
    overview.ready().await.map(Json).map_err(ApiError::unready)
}
