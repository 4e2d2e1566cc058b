//! The end of this gate's own journal, which goes with all that it asks: so what it wrote and nobody got is known
//! to be missing. Signed once each time that the journal grew and something is asked.

use std::sync::{Arc, Mutex, PoisonError};

use kaisatsu_shared::{
    id::{DeviceId, InstallationId},
    journal::{JournalHead, SignedJournalHead},
    key::DeviceKey,
};

/// The end, and its signature once it is needed.
#[derive(Debug)]
pub(crate) struct OwnHead {
    installation: InstallationId,
    device: DeviceId,
    key: Arc<DeviceKey>,
    head: Mutex<(JournalHead, Option<String>)>,
}

impl OwnHead {
    /// The end of a journal as it was found.
    pub(crate) const fn new(
        installation: InstallationId,
        device: DeviceId,
        key: Arc<DeviceKey>,
        head: JournalHead,
    ) -> Self {
        Self { installation, device, key, head: Mutex::new((head, None)) }
    }

    /// The journal is durable up to there.
    pub(crate) fn grew(&self, head: JournalHead) {
        *self.head.lock().unwrap_or_else(PoisonError::into_inner) = (head, None);
    }

    /// As [`kaisatsu_shared::sync::HEAD_HEADER`] has it; nothing of an empty journal.
    pub(crate) fn header(&self) -> Option<String> {
        let mut known = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let (head, signed) = &mut *known;
        if head.number == 0 {
            return None;
        }
        let sign = || {
            SignedJournalHead::sign(self.installation, self.device, *head, &self.key).to_header()
        };
        Some(signed.get_or_insert_with(sign).clone())
    }
}
