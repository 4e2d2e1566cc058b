//! The hub's way to the server for what other gates told it: their own signed batches, as they would deliver
//! them. A gate that is lost for good may have told the hub its last entries.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::sync::{BatchAnswer, JournalBatch};

use super::{Failure, Link, UPLOAD_LIMIT};
use crate::{
    hub::Door,
    platform::{self, sleep, timeout},
};

/// The pause after a delivery that went unanswered.
const PAUSE: Duration = Duration::from_secs(2);

impl Link {
    /// Delivers what the hub hears, in order, until the process ends.
    pub(crate) fn relay(self: &Arc<Self>, door: Arc<Door>) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let mut after = 0;
            loop {
                let (batches, next) = door.told(after).await;
                for batch in &batches {
                    link.pass_on(batch).await;
                }
                after = next;
            }
        });
    }

    /// Delivers a batch; again and again while the server doesn't answer.
    async fn pass_on(&self, batch: &JournalBatch) {
        loop {
            let sent = self.authorised(|token| {
                self.client.post::<_, BatchAnswer>(
                    "device/journal",
                    Some(token),
                    batch,
                    UPLOAD_LIMIT,
                )
            });
            match timeout(UPLOAD_LIMIT, sent).await.unwrap_or_else(|_| Err(Failure::silence())) {
                Err(failure) if failure.is_silence() => sleep(PAUSE).await,
                Err(failure) => {
                    // Earlier entries are missing there, or it isn't theirs: the gate delivers it itself.
                    tracing::info!(%failure, "another gate's entries were not taken");
                    return;
                }
                Ok(_) => return,
            }
        }
    }
}
