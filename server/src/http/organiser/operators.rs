//! Who may sign in at an event's gates.

use actix_web::{HttpResponse, delete, get, post, put, web::Json};
use kaisatsu_shared::{
    id::{EventId, OperatorId},
    operator::Role,
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::EventPath;
use crate::{
    auth::{Authorized, need},
    http::{ApiResult, HandlerResult, openapi::Failure},
    store::types::{AddOperator, OperatorInfo, OperatorPin, Pin},
};

/// A new operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewOperator {
    /// What colleagues call them, 1 to 40 characters, such as a post: not a full name.
    label: String,
    /// What they may do.
    role: Role,
    /// Their PIN, 6 to 12 digits; one is drawn where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pin: Option<Pin>,
}

/// Another PIN.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewPin {
    /// 6 to 12 digits; one is drawn where it is absent.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pin: Option<Pin>,
}

/// An operator's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct OperatorPath {
    /// The event.
    #[param(value_type = u32)]
    #[expect(dead_code, reason = "describes the address; the permission's extractor reads it")]
    event: EventId,
    /// The operator.
    #[param(value_type = u32)]
    operator: OperatorId,
}

/// Add an operator
///
/// A drawn PIN stands in the answer and nowhere else.
#[utoipa::path(
    tag = "operators",
    security(("api_token" = ["event:write"])),
    params(EventPath),
    request_body = NewOperator,
    responses((status = 201, description = "The operator", body = OperatorPin), Failure)
)]
#[post("/{event}/operators")]
pub(crate) async fn add(mut auth: Authorized<need::EventWrite>) -> HandlerResult<HttpResponse> {
    let NewOperator { label, role, pin } = auth.json().await?;
    let request = AddOperator { event: auth.event(), label, role, pin };
    let made = auth.store().add_operator(auth.actor(), request).await?;
    Ok(HttpResponse::Created().json(made))
}

/// List operators
#[utoipa::path(
    tag = "operators",
    security(("api_token" = ["event:read"])),
    params(EventPath),
    responses((status = 200, description = "The operators", body = Vec<OperatorInfo>), Failure)
)]
#[get("/{event}/operators")]
pub(crate) async fn list(auth: Authorized<need::EventRead>) -> ApiResult<Json<Vec<OperatorInfo>>> {
    Ok(Json(auth.store().operators(auth.event()).await?))
}

/// Give an operator another PIN
#[utoipa::path(
    tag = "operators",
    security(("api_token" = ["event:write"])),
    params(OperatorPath),
    request_body = NewPin,
    responses((status = 200, description = "The operator", body = OperatorPin), Failure)
)]
#[put("/{event}/operators/{operator}/pin")]
pub(crate) async fn set_pin(
    mut auth: Authorized<need::EventWrite>,
) -> HandlerResult<Json<OperatorPin>> {
    let OperatorPath { operator, .. } = auth.path().await?;
    let NewPin { pin } = auth.json().await?;
    Ok(Json(auth.store().set_pin(auth.actor(), auth.event(), operator, pin).await?))
}

/// Remove an operator
///
/// Gates know it with their next bundle, within a minute where they are online.
#[utoipa::path(
    tag = "operators",
    security(("api_token" = ["event:write"])),
    params(OperatorPath),
    responses((status = 200, description = "The operator", body = OperatorInfo), Failure)
)]
#[delete("/{event}/operators/{operator}")]
pub(crate) async fn remove(
    auth: Authorized<need::EventWrite>,
) -> HandlerResult<Json<OperatorInfo>> {
    let OperatorPath { operator, .. } = auth.path().await?;
    Ok(Json(auth.store().remove_operator(auth.actor(), auth.event(), operator).await?))
}
