//! The root key's word for a revocation, and for what the server has of a revoked device's journal.

use kaisatsu_shared::{
    bundle::{Revocation, SignedRevocation},
    id::{DeviceId, EventId},
    journal::{JournalHead, SignedReceipt},
    time::UnixMillis,
};

use super::{device::find_device, hub::RevokedSince, open::Installation, readers::Reading};
use crate::store::StoreError;

impl Installation {
    /// That a device was revoked then.
    pub(super) fn sign_revocation(
        &self,
        event: EventId,
        device: DeviceId,
        revoked_at: UnixMillis,
    ) -> Result<SignedRevocation, StoreError> {
        let revocation = Revocation { installation: self.id, event, device, revoked_at };
        SignedRevocation::sign(&revocation, &self.root)
            .map_err(|error| StoreError::Internal(error.to_string()))
    }

    /// The same of several devices of an event.
    pub(super) fn sign_revocations(
        &self,
        event: EventId,
        revoked: &[RevokedSince],
    ) -> Result<(Vec<DeviceId>, Vec<SignedRevocation>), StoreError> {
        let signed = revoked.iter().map(|(device, at)| self.sign_revocation(event, *device, *at));
        let signed = signed.collect::<Result<_, _>>()?;
        Ok((revoked.iter().map(|(device, _)| *device).collect(), signed))
    }

    /// That the server has a device's journal up to there.
    pub(super) fn sign_receipt(&self, device: DeviceId, head: JournalHead) -> SignedReceipt {
        SignedReceipt::sign(self.id, device, head, &self.root)
    }
}

impl Reading {
    /// That a device is revoked, if it is.
    pub(super) fn revocation(
        &self,
        device: DeviceId,
    ) -> Result<Option<SignedRevocation>, StoreError> {
        let info = find_device(&self.connection, device)?;
        let sign = |at| self.installation.sign_revocation(info.event, device, at);
        info.revoked_at.map(sign).transpose()
    }
}
