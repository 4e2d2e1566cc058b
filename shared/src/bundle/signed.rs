//! A bundle as it travels.

use serde::{Deserialize, Serialize};

use crate::{
    hash::{Domain, Kind},
    id::InstallationId,
    key::{RootKey, RootPublic, Signature64},
};

use super::{Bundle, BundleError, FORMAT, OpenBundle};

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
