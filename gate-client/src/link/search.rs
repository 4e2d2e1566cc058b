//! Looking tickets up at the server.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::sync::{SearchAnswer, SearchRequest};

use super::{Failure, Link, LinkEvent};
use crate::platform::{self, timeout};

/// How long the server may search.
const LIMIT: Duration = Duration::from_secs(8);

impl Link {
    /// Looks tickets up; what is found comes as an event.
    pub(crate) fn search(self: &Arc<Self>, request: SearchRequest) {
        let link = Arc::clone(self);
        platform::spawn(async move {
            let asked = link.authorised(|token| {
                link.client.post::<_, SearchAnswer>("device/search", Some(token), &request, LIMIT)
            });
            let found = timeout(LIMIT, asked).await.unwrap_or_else(|_| Err(Failure::silence()));
            if found.as_ref().is_err_and(Failure::is_silence) {
                link.doubt.notify_one();
            }
            link.tell(LinkEvent::Found(found)).await;
        });
    }
}
