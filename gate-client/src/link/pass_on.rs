//! The way to the server for what this gate heard of others: where their journals end.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::sync::{HeadsNoted, HeardHead, HeardHeads, MAX_HEADS};

use super::{Failure, Link};
use crate::{
    hub::Ends,
    platform::{self, sleep},
};

/// How long the server may take.
const LIMIT: Duration = Duration::from_secs(4);
/// The pause after a delivery that went unanswered.
const PAUSE: Duration = Duration::from_secs(2);

impl Link {
    /// Passes on what becomes known, so long after, until the process ends.
    pub(crate) fn pass_on_ends(self: &Arc<Self>, ends: Arc<Ends>, gather: Duration) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let mut count = 0;
            loop {
                ends.changed(count).await;
                sleep(gather).await;
                let (heads, next) = ends.after(count);
                match link.pass_on_heads(&heads).await {
                    Ok(()) => count = next,
                    // Again, with what is newest by then.
                    Err(_) => sleep(PAUSE).await,
                }
            }
        });
    }

    /// Passes these on; an error only where nobody answered.
    async fn pass_on_heads(&self, heads: &[HeardHead]) -> Result<(), Failure> {
        for some in heads.chunks(MAX_HEADS) {
            match self.post_heads(some).await {
                Err(failure) if failure.is_silence() => return Err(failure),
                Ok(()) => {}
                Err(_) => {
                    // One of them isn't taken: each by itself.
                    for one in some {
                        match self.post_heads(core::slice::from_ref(one)).await {
                            Err(failure) if failure.is_silence() => return Err(failure),
                            Err(failure) => tracing::info!(
                                %failure, device = %one.head.device,
                                "the end of another gate's journal was not taken"
                            ),
                            Ok(()) => {}
                        }
                    }
                }
            }
        }
        Ok(())
    }

    async fn post_heads(&self, heads: &[HeardHead]) -> Result<(), Failure> {
        let body = HeardHeads { heads: heads.to_vec() };
        let sent = self.authorised(|token| {
            self.client.post::<_, HeadsNoted>("device/heads", Some(token), &body, LIMIT)
        });
        sent.await.map(drop)
    }
}
