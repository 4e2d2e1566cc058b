//! The bundle: everything but the ledger that a gate needs to decide alone. It is a JSON document
//! signed by the installation's root key; the signature covers the exact bytes.

mod credential;
mod error;
mod hub;
mod open;
mod revocation;
mod rules;
mod signed;

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, Epoch, EventId, InstallationId, OrganisationId},
    key::ListedKey,
    operator::Operator,
    reason::LocalText,
    time::UnixMillis,
};

pub use credential::{Credential, SignedCredential};
pub use error::BundleError;
pub use hub::{Hub, MAX_HUB_ADDRESSES, is_hub_address};
pub use open::OpenBundle;
pub use revocation::{Revocation, SignedRevocation};
pub use rules::{EventRules, Gate, Policy, Rules, TicketType, Zone};
pub use signed::SignedBundle;

/// The newest bundle format this program reads and the one it writes.
pub const FORMAT: u16 = 1;

/// What a gate needs to decide alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle {
    /// The format of this document; see [`FORMAT`].
    pub format: u16,
    /// The installation.
    pub installation: InstallationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The event.
    pub event: EventId,
    /// The event's name.
    pub name: LocalText,
    /// The installation's restore epoch.
    pub epoch: Epoch,
    /// Rises with every change; a gate refuses a lower one.
    pub version: u64,
    /// When the server made it.
    pub issued_at: UnixMillis,
    /// From when on a gate asks for a newer one instead of admitting.
    pub not_after: UnixMillis,
    /// The event's signing keys.
    pub keys: Vec<ListedKey>,
    /// The rules.
    pub rules: Rules,
    /// Who may sign in at its gates.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub operators: Vec<Operator>,
    /// Which devices gates may ask while they can't reach the server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hubs: Vec<Hub>,
    /// Devices that were revoked: a hub answers them no more. Empty where there is no hub.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoked: Vec<DeviceId>,
    /// The same as a hub shows it to those devices.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revocations: Vec<SignedRevocation>,
    /// Whether issuing is closed: a ticket unknown to the roster is then not a ticket.
    pub roster_complete: bool,
}
