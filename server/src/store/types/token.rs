//! API tokens of organisers' programs.

use std::collections::BTreeSet;

use kaisatsu_shared::{
    id::{EventId, OrganisationId},
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Defines the permissions with their names in one table.
macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $code:tt;)*) => {
        /// What an API token may do.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
        )]
        pub enum Permission {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl Permission {
            /// Every permission.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }
        }

        impl core::str::FromStr for Permission {
            type Err = UnknownPermission;

            fn from_str(text: &str) -> Result<Self, UnknownPermission> {
                match text {
                    $($code => Ok(Self::$name),)*
                    _ => Err(UnknownPermission(text.to_owned())),
                }
            }
        }
    };
}

permissions! {
    /// See events, gates, types, keys and counts.
    EventRead = "event:read";
    /// Make and change events, gates and types; rotate keys.
    EventWrite = "event:write";
    /// See tickets without their codes.
    TicketRead = "ticket:read";
    /// See and print tickets' codes: whoever has them can enter.
    TicketShow = "ticket:show";
    /// Issue, reissue and renew tickets.
    TicketIssue = "ticket:issue";
    /// Void tickets.
    TicketVoid = "ticket:void";
    /// See holders' personal data.
    HolderRead = "holder:read";
    /// See devices.
    DeviceRead = "device:read";
    /// Announce and revoke devices.
    DeviceWrite = "device:write";
    /// Take in journals that were carried by hand.
    JournalWrite = "journal:write";
    /// Read ledger, journals and conflicts.
    LedgerRead = "ledger:read";
    /// Read the audit trail.
    AuditRead = "audit:read";
    /// Make and revoke API tokens.
    TokenWrite = "token:write";
}

impl core::fmt::Display for Permission {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// No permission has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no permission `{0}`; `token create --help` lists them")]
pub struct UnknownPermission(String);

/// A new API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreateToken {
    /// Whose token.
    pub organisation: OrganisationId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub permissions: BTreeSet<Permission>,
    /// The events it may do it to; absent is every event of the organisation.
    pub events: Option<BTreeSet<EventId>>,
    /// When it stops working; absent is never.
    pub expires_at: Option<UnixMillis>,
}

/// A new token's secret. It is shown once and can't be asked for again.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CreatedToken {
    /// The token's number.
    pub id: u32,
    /// Goes into `Authorization: Bearer …`.
    pub secret: String,
}

impl core::fmt::Debug for CreatedToken {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("CreatedToken").field("id", &self.id).finish_non_exhaustive()
    }
}

/// An API token as it stands, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ApiToken {
    /// Its number.
    pub id: u32,
    /// Whose token.
    pub organisation: OrganisationId,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub permissions: BTreeSet<Permission>,
    /// The events it may do it to; absent is every event of the organisation.
    pub events: Option<BTreeSet<EventId>>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// When it stops working; absent is never.
    pub expires_at: Option<UnixMillis>,
    /// When it was revoked.
    pub revoked_at: Option<UnixMillis>,
}

impl ApiToken {
    /// Whether it may do `permission` to an event of an organisation.
    #[must_use]
    pub fn allows(
        &self,
        permission: Permission,
        organisation: OrganisationId,
        event: EventId,
    ) -> bool {
        self.allows_everywhere(permission, organisation, Some(event))
    }

    /// Whether it may do `permission` to what isn't one event's: only a token for all events may.
    #[must_use]
    pub fn allows_all(&self, permission: Permission, organisation: OrganisationId) -> bool {
        self.allows_everywhere(permission, organisation, None)
    }

    fn allows_everywhere(
        &self,
        permission: Permission,
        organisation: OrganisationId,
        event: Option<EventId>,
    ) -> bool {
        let of_event = self
            .events
            .as_ref()
            .is_none_or(|events| event.is_some_and(|event| events.contains(&event)));
        self.organisation == organisation && self.permissions.contains(&permission) && of_event
    }
}
