//! Where other gates' journals end, as heard by this one: what a gate wrote and nobody got is then known to be
//! missing, also if that gate never comes back. In memory; each gate tells its own again.

use std::sync::{Mutex, PoisonError};

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    journal::SignedJournalHead,
    sync::HeardHead,
};
use tokio::sync::watch;

use super::Owner;
use crate::lan;

/// The newest end of each device of the event.
#[derive(Debug)]
pub(crate) struct Ends {
    owner: Owner,
    known: Mutex<lan::Ends>,
    /// How often one became known.
    count: watch::Sender<u64>,
}

impl Ends {
    pub(crate) fn new(owner: Owner) -> Self {
        Self { owner, known: Mutex::default(), count: watch::Sender::new(0) }
    }

    /// Takes what a device says of its own journal. Its signature is looked at only if that is news.
    pub(crate) fn hear(
        &self,
        credential: &Credential,
        shown: &SignedCredential,
        head: SignedJournalHead,
    ) {
        let own = head.device == credential.device;
        if own
            && self.is_news(&head)
            && head.verify(self.owner.installation, &credential.public).is_ok()
        {
            self.keep(HeardHead { credential: shown.clone(), head });
        }
    }

    /// Takes what another gate passes on; true unless it isn't what a device of the event signed.
    pub(crate) fn hear_of(&self, heard: HeardHead) -> bool {
        if heard.head.device == self.owner.device || !self.is_news(&heard.head) {
            return true;
        }
        let Owner { root, installation, event, .. } = &self.owner;
        let genuine = heard.open(root, *installation, *event).is_some();
        if genuine {
            self.keep(heard);
        }
        genuine
    }

    fn is_news(&self, head: &SignedJournalHead) -> bool {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).is_news(head)
    }

    fn keep(&self, heard: HeardHead) {
        let count = self.known.lock().unwrap_or_else(PoisonError::into_inner).keep(heard);
        self.count.send_modify(|known| *known = count.max(*known));
    }

    /// Those that became known after this count, and the count now.
    pub(crate) fn after(&self, count: u64) -> (Vec<HeardHead>, u64) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).after(count)
    }

    /// Waits until there are more than this count.
    pub(crate) async fn changed(&self, count: u64) {
        // The sender lives as long as this does.
        let _ = self.count.subscribe().wait_for(|now| *now > count).await;
    }
}
