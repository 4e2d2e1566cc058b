//! The bundle: everything but the ledger that a gate needs to decide alone. It is a JSON document
//! signed by the installation's root key; the signature covers the exact bytes.

use serde::{Deserialize, Serialize};

use crate::{
    display::clock::ClockWindow,
    hash::{Domain, Kind},
    id::{DeviceId, Epoch, EventId, GateId, InstallationId, OrganisationId, TypeId},
    key::{KeyRing, ListedKey, RootKey, RootPublic, Signature64},
    reason::LocalText,
    time::UnixMillis,
    token::Mode,
};

/// The newest bundle format this program reads and the one it writes.
pub const FORMAT: u16 = 1;

/// Who has the last word where the server can't be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// A cut-off gate admits what it doesn't know as used; doubles are found afterwards.
    Available,
    /// Nothing is admitted without the server.
    OnlineOnly,
    /// A cut-off gate admits only rights that were leased to it.
    Strict,
}

/// A class of ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TicketType {
    /// Its number within the event.
    pub id: TypeId,
    /// Its name.
    pub name: LocalText,
    /// Admissions that one ticket allows; 0 is without limit.
    pub entries: u8,
    /// How a phone shows it.
    pub display: Mode,
    /// Gates it may use; empty is every gate.
    pub gates: Vec<GateId>,
}

/// A physical entrance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gate {
    /// Its number within the event.
    pub id: GateId,
    /// Its name.
    pub name: LocalText,
}

/// The rules of an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// Who has the last word.
    pub policy: Policy,
    /// How far a clock display may be off.
    pub clock_window: ClockWindow,
    /// The classes of ticket.
    pub types: Vec<TicketType>,
    /// The entrances.
    pub gates: Vec<Gate>,
    /// The event's time zone: an IANA name such as `Asia/Tokyo`.
    pub zone: String,
}

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
    /// Whether issuing is closed: a ticket unknown to the roster is then not a ticket.
    pub roster_complete: bool,
}

/// A bundle as it travels: the document's text and the root key's signature over it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedBundle {
    /// The bundle, as JSON text.
    pub document: String,
    /// The root key's Ed25519 signature over the document.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

/// Why a bundle can't be used.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Not signed by the installation's root key.
    #[error("the bundle is not signed by this installation's server; enrol the gate again")]
    BadSignature,
    /// Not a bundle.
    #[error("the bundle can't be read: {0}")]
    Malformed(#[from] serde_json::Error),
    /// Of a newer format.
    #[error("the bundle has format {0}, this gate knows up to {FORMAT}; update the gate")]
    NewerFormat(u16),
    /// An event of a policy this version doesn't implement.
    #[error(
        "the event's policy `strict` needs leases, which this version doesn't have; update the gate"
    )]
    StrictPolicy,
    /// Older than the one the gate already has.
    #[error(
        "the bundle (epoch {epoch}, version {version}) is older than the one in use; the server may have been restored"
    )]
    Older {
        /// Epoch of the refused bundle.
        epoch: Epoch,
        /// Version of the refused bundle.
        version: u64,
    },
    /// Its keys can't be used.
    #[error("the bundle's key list can't be used: {0}")]
    Keys(#[from] crate::key::KeyError),
}

impl SignedBundle {
    /// Signs `bundle` with the installation's root key.
    ///
    /// # Errors
    /// [`BundleError::Malformed`] if it can't be written as JSON.
    pub fn sign(bundle: &Bundle, root: &RootKey) -> Result<Self, BundleError> {
        let document = serde_json::to_string(bundle)?;
        let domain = Domain::new(Kind::Bundle, bundle.installation);
        let signature = root.sign(domain, document.as_bytes());
        Ok(Self { document, signature })
    }

    /// Verifies the signature and makes the bundle ready for deciding.
    ///
    /// # Errors
    /// Any [`BundleError`] but [`BundleError::Older`].
    pub fn open(
        &self,
        root: &RootPublic,
        installation: InstallationId,
    ) -> Result<OpenBundle, BundleError> {
        let domain = Domain::new(Kind::Bundle, installation);
        if root.verify(domain, self.document.as_bytes(), &self.signature).is_err() {
            return Err(BundleError::BadSignature);
        }
        #[derive(Deserialize)]
        struct Versioned {
            format: u16,
        }
        let Versioned { format } = serde_json::from_str(&self.document)?;
        if format > FORMAT {
            return Err(BundleError::NewerFormat(format));
        }
        OpenBundle::new(serde_json::from_str(&self.document)?)
    }
}

/// A bundle whose signature was checked and whose keys are ready for use.
#[derive(Debug)]
pub struct OpenBundle {
    bundle: Bundle,
    ring: KeyRing,
}

impl OpenBundle {
    /// Makes a trusted bundle ready: the server's own, or one whose signature was checked.
    ///
    /// # Errors
    /// [`BundleError::StrictPolicy`] and [`BundleError::Keys`].
    pub fn new(bundle: Bundle) -> Result<Self, BundleError> {
        if bundle.rules.policy == Policy::Strict {
            return Err(BundleError::StrictPolicy);
        }
        let ring = KeyRing::new(bundle.keys.clone())?;
        Ok(Self { bundle, ring })
    }

    /// The keys that sign this event's tickets.
    #[must_use]
    pub const fn ring(&self) -> &KeyRing {
        &self.ring
    }

    /// The type with this number.
    #[must_use]
    pub fn ticket_type(&self, id: TypeId) -> Option<&TicketType> {
        self.rules.types.iter().find(|ticket_type| ticket_type.id == id)
    }

    /// The gate with this number.
    #[must_use]
    pub fn gate(&self, id: GateId) -> Option<&Gate> {
        self.rules.gates.iter().find(|gate| gate.id == id)
    }

    /// Checks that `newer` may replace this bundle: epoch and version never fall.
    ///
    /// # Errors
    /// [`BundleError::Older`].
    pub fn accept_newer(&self, newer: &Self) -> Result<(), BundleError> {
        if (newer.epoch, newer.version) < (self.epoch, self.version) {
            return Err(BundleError::Older { epoch: newer.epoch, version: newer.version });
        }
        Ok(())
    }
}

impl core::ops::Deref for OpenBundle {
    type Target = Bundle;

    fn deref(&self) -> &Bundle {
        &self.bundle
    }
}

/// What the server vouches for about an enrolled device: signed by the root key, so that a server
/// that lost its record (a restored backup) still knows the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credential {
    /// The installation.
    pub installation: InstallationId,
    /// The organisation.
    pub organisation: OrganisationId,
    /// The event the device serves.
    pub event: EventId,
    /// The gate it stands at.
    pub gate: GateId,
    /// Its number.
    pub device: DeviceId,
    /// Its Ed25519 public key.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub public: crate::key::DevicePublic,
    /// When it was enrolled.
    pub enrolled_at: UnixMillis,
}

/// A credential as the device keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedCredential {
    /// The credential, as JSON text.
    pub document: String,
    /// The root key's Ed25519 signature over the document.
    #[cfg_attr(feature = "openapi", schema(value_type = String))]
    pub signature: Signature64,
}

impl SignedCredential {
    /// Signs `credential` with the root key.
    ///
    /// # Errors
    /// If it can't be written as JSON.
    pub fn sign(credential: &Credential, root: &RootKey) -> Result<Self, serde_json::Error> {
        let document = serde_json::to_string(credential)?;
        let domain = Domain::new(Kind::Device, credential.installation);
        let signature = root.sign(domain, document.as_bytes());
        Ok(Self { document, signature })
    }

    /// The credential, if the root key signed it.
    #[must_use]
    pub fn open(&self, root: &RootPublic, installation: InstallationId) -> Option<Credential> {
        let domain = Domain::new(Kind::Device, installation);
        root.verify(domain, self.document.as_bytes(), &self.signature).ok()?;
        serde_json::from_str(&self.document).ok()
    }
}
