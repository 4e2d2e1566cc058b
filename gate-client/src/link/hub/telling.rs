//! What gates tell each other through the hub. Each entry is believed by its device's signature.

use core::time::Duration;
use std::sync::Arc;

use kaisatsu_shared::{
    bundle::Hub,
    journal::{JournalHead, SignedJournalHead},
    sync::{HeardBatch, HeardHead, HeardPage, JournalBatch, Kept},
};
use reqwest::Method;
use tokio::sync::watch;

use super::{HubLink, LIMIT, RETRY};
use crate::{
    engine::Input,
    hub::Owner,
    link::Failure,
    platform::{self, sleep},
};

/// How long the hub may hold a question for what it heard, in milliseconds.
const HOLD: u64 = 4_000;
/// How long that may take altogether.
const HOLD_LIMIT: Duration = Duration::from_secs(6);

impl HubLink {
    /// Listens to what the other gates tell.
    pub(super) async fn follow(self: Arc<Self>, mut wanted: watch::Receiver<Vec<Hub>>) {
        let (mut run, mut after, mut heads) = (0, 0, 0);
        loop {
            if wanted.wait_for(|hubs| !hubs.is_empty()).await.is_err() {
                return;
            }
            let path = format!("heard?run={run}&after={after}&wait_ms={HOLD}&heads={heads}");
            let asked = match self.way() {
                Some(way) => {
                    let asked = way.ask::<(), HeardPage>(Method::GET, &path, None, HOLD_LIMIT);
                    asked.await.map(|page| (way.hub.device, page))
                }
                None => Err(Failure::Silence("no hub".to_owned())),
            };
            let Ok((hub, mut page)) = asked else {
                sleep(RETRY).await;
                continue;
            };
            (run, after, heads) = (page.run, page.next, page.heads_next);
            self.recalled(hub, core::mem::take(&mut page.recalls)).await;
            self.hear(page).await;
        }
    }

    /// Takes what a device signed, whatever the hub says.
    async fn hear(&self, page: HeardPage) {
        let Owner { root, installation, event, device } = &self.owner;
        for heard in page.heads {
            if !self.ends.hear_of(heard) {
                tracing::warn!("the hub passes on an end that no device of the event signed");
            }
        }
        for heard in page.batches {
            match heard.open(root, *installation, *event) {
                Some((credential, _)) if credential.device == *device => {}
                Some((_, entries)) => {
                    let HeardBatch { credential, batch } = heard;
                    self.ends.hear_of(HeardHead { credential, head: batch.head });
                    self.tell(Input::Heard { entries }).await;
                }
                None => tracing::warn!("the hub passes on what no device of the event signed"),
            }
        }
    }

    /// Tells the other gates what this one wrote; how much the hub has comes as an event.
    pub(crate) fn offer(self: &Arc<Self>, entries: Vec<Vec<u8>>, head: JournalHead) {
        let link = Arc::clone(self);
        let Owner { installation, device, .. } = self.owner;
        let head = SignedJournalHead::sign(installation, device, head, &self.key);
        platform::spawn(async move {
            let batch = JournalBatch { entries, head };
            let kept = link.ask_twice::<_, Kept>("journal", &batch, LIMIT).await;
            let number = kept.ok().map(|kept| kept.number);
            link.tell(Input::HubKept { number }).await;
        });
    }
}
