//! Who does something, as the audit trail records it.

use kaisatsu_shared::id::DeviceId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What sort of actor it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// Somebody at the server's command line; the id is their account's name or number.
    Cli,
    /// The bearer of an API token; the id is the token's number.
    Token,
    /// A gate client; the id is its device number.
    Device,
    /// Whoever has a ticket's personal link; the operation's object says which ticket.
    Attendee,
    /// Somebody who isn't known yet, such as a device that enrols.
    Stranger,
    /// The server itself.
    System,
}

impl ActorKind {
    /// The stable name, as stored.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Token => "token",
            Self::Device => "device",
            Self::Attendee => "attendee",
            Self::Stranger => "stranger",
            Self::System => "system",
        }
    }
}

/// Who does something, and from where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    /// What sort of actor.
    pub kind: ActorKind,
    /// Which one.
    pub id: String,
    /// The network address the request came from.
    pub address: Option<String>,
    /// The request's id in the logs.
    pub request_id: Option<String>,
}

impl Actor {
    /// Whether it is this gate client.
    #[must_use]
    pub fn is_device(&self, device: DeviceId) -> bool {
        self.kind == ActorKind::Device && self.id == device.to_string()
    }

    /// The gate client that it is, if it is one.
    #[must_use]
    pub fn device(&self) -> Option<DeviceId> {
        (self.kind == ActorKind::Device).then(|| self.id.parse().ok()).flatten()
    }

    /// An actor without address and request, as the command line has it.
    #[must_use]
    pub fn new(kind: ActorKind, id: impl core::fmt::Display) -> Self {
        Self { kind, id: id.to_string(), address: None, request_id: None }
    }

    /// The server itself.
    #[must_use]
    pub fn system() -> Self {
        Self::new(ActorKind::System, "")
    }

    /// The actor with the address and id of its request.
    #[must_use]
    pub fn at(mut self, address: Option<String>, request_id: Option<String>) -> Self {
        self.address = address;
        self.request_id = request_id;
        self
    }
}
