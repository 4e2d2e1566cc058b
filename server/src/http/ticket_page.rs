//! The attendee's page, at `/t/`. A link's secret is behind `#`, which browsers keep to themselves: it is in no
//! request for these files.

use actix_web::{
    HttpResponse, get,
    http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY},
    web::Path,
};
use kaisatsu_web::{File, POLICY, Page, UNBUILT, file};

use super::{ApiError, ApiResult};

/// The page and its files
#[utoipa::path(
    tag = "pages",
    params(("path" = String, Path, description = "A file of the page; the page itself where it is empty")),
    responses((status = 200, description = "The file"))
)]
#[get("/t/{path:.*}")]
pub(crate) async fn ticket_page(path: Path<String>) -> ApiResult<HttpResponse> {
    let File { kind, content, keep } = match file(Page::Ticket, &path) {
        Some(file) => file,
        None if path.is_empty() => {
            return Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(UNBUILT));
        }
        None => return Err(ApiError::no_such_address()),
    };
    Ok(HttpResponse::Ok()
        .content_type(kind)
        .insert_header((CACHE_CONTROL, keep))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(content.into_owned()))
}
