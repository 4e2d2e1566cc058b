//! Why a bundle is refused.

use crate::{calendar::UnknownZone, id::Epoch};

use super::FORMAT;

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
    /// Its time zone isn't known here.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
}
