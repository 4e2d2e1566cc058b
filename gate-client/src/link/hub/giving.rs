//! Rights that the hub gets from this gate: its own signed entries say so.

use std::sync::Arc;

use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalHead, SignedJournalHead},
    sync::{Heard, JournalBatch, MAX_RECALLS, Recall},
};

use super::{HubLink, LIMIT};
use crate::{engine::Input, hub::Owner, platform};

impl HubLink {
    /// Takes what the hub `hub` wants. It has proven its key with this connection.
    pub(super) async fn recalled(&self, hub: DeviceId, recalls: Vec<Recall>) {
        for recall in recalls.into_iter().take(MAX_RECALLS) {
            self.tell(Input::HubRecall { hub, recall }).await;
        }
    }

    /// Tells `hub` that a right is its own, if it is still the one that is asked here. Where it doesn't hear, it
    /// asks again.
    pub(crate) fn hand_over(
        self: &Arc<Self>,
        hub: DeviceId,
        entries: Vec<Vec<u8>>,
        head: JournalHead,
    ) {
        let link = Arc::clone(self);
        let Owner { installation, device, .. } = self.owner;
        let head = SignedJournalHead::sign(installation, device, head, &self.key);
        platform::spawn(async move {
            if link.way().is_none_or(|way| way.hub.device != hub) {
                return;
            }
            let batch = JournalBatch { entries, head };
            if let Err(failure) = link.ask_twice::<_, Heard>("transfers", &batch, LIMIT).await {
                tracing::info!(%failure, "the hub didn't hear that a right is its own");
            }
        });
    }
}
