//! The HTTP API: thin handlers around the store. What every request has in common is in `around`
//! and `problem`; who may do what is in [`crate::auth`].

mod around;
mod attendee;
mod device;
mod health;
mod home;
mod openapi;
mod organiser;
mod problem;
mod protocol;
mod serve;
mod ticket_page;

pub use openapi::document;
pub use problem::ApiError;
pub(crate) use problem::{ApiResult, HandlerResult, too_large, unreadable};
pub use serve::{Running, ServeError, Settings, start};
