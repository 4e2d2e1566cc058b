//! What a start needs, read back and checked.

use kaisatsu_shared::{
    bundle::{BundleError, OpenBundle, SignedBundle},
    id::DeviceId,
    journal::JournalHead,
};

use super::{Enrolment, Notes as _, Store, StoreError};
use crate::engine::Restored;

/// What a start needs.
#[derive(Debug)]
pub struct Loaded {
    /// For [`crate::engine::Engine::start`].
    pub restored: Restored,
    /// The ledger's entries in canonical bytes and order.
    pub ledger: Vec<Vec<u8>>,
    /// Why the stored bundle can't be used, where it can't; `restored` then has none.
    pub bundle_refused: Option<BundleError>,
}

/// Reads everything back, and checks that the journal's chain holds.
///
/// # Errors
/// [`StoreError`].
pub async fn load(
    store: &impl Store,
    enrolment: &Enrolment,
    device: DeviceId,
) -> Result<Loaded, StoreError> {
    let bytes = store.journal().await?;
    let (head, journal) = JournalHead::default()
        .follow(enrolment.installation, device, bytes.iter().map(Vec::as_slice))
        .map_err(|error| StoreError::Corrupt(error.to_string()))?;
    let acknowledged = store.acknowledged().await?;
    let outbox = usize::try_from(acknowledged)
        .ok()
        .and_then(|count| bytes.get(count..))
        .ok_or_else(|| StoreError::Corrupt("the journal lost its end".to_owned()))?
        .to_vec();
    let opened = store.bundle().await?.map(|signed| {
        signed.open(&enrolment.root, enrolment.installation).map(|open| (signed, open))
    });
    let (bundle, bundle_refused): (Option<(SignedBundle, OpenBundle)>, _) = match opened {
        Some(Err(error)) => (None, Some(error)),
        Some(Ok(bundle)) => (Some(bundle), None),
        None => (None, None),
    };
    let intents = store.intents().await?;
    let restored = Restored { journal, outbox, head, acknowledged, intents, bundle };
    Ok(Loaded { restored, ledger: store.ledger().await?, bundle_refused })
}
