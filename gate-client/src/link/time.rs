//! The question for the time of day.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::sync::{SignedTime, TimeRequest};

use super::{Failure, Link, LinkEvent};
use crate::platform::{self, timeout};

/// An answer that takes longer says too little.
const LIMIT: Duration = Duration::from_secs(4);

impl Link {
    /// Asks for the time; an answer comes as an event. Silence is no reason to doubt the link: who
    /// depends on it finds out soon enough.
    pub(crate) fn ask_time(self: &Arc<Self>, request: TimeRequest) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let asked = link.authorised(|token| {
                link.client.post::<_, SignedTime>("device/time", Some(token), &request, LIMIT)
            });
            let answer = timeout(LIMIT, asked).await.unwrap_or_else(|_| Err(Failure::silence()));
            // Before it waits for its turn in the loop.
            let received = link.clock.monotonic();
            match answer {
                Ok(signed) => link.tell(LinkEvent::Time { signed, received }).await,
                Err(failure) => tracing::info!(%failure, "the time was not told"),
            }
        });
    }
}
