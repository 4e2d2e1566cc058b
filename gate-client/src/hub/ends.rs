//! Where other gates' journals end, as heard by this one: what a gate wrote and nobody got is then known to be
//! missing, also if that gate never comes back. In memory; each gate tells its own again.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::DeviceId,
    journal::SignedJournalHead,
    sync::HeardHead,
};
use tokio::sync::watch;

use super::Owner;

/// The newest end of each device of the event.
#[derive(Debug)]
pub(crate) struct Ends {
    owner: Owner,
    known: Mutex<BTreeMap<DeviceId, (u64, HeardHead)>>,
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
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let number = known.get(&head.device).map_or(0, |(_, heard)| heard.head.head.number);
        head.head.number > number
    }

    fn keep(&self, heard: HeardHead) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let count = self.count.borrow().saturating_add(1);
        known.insert(heard.head.device, (count, heard));
        drop(known);
        self.count.send_replace(count);
    }

    /// Those that became known after this count, and the count now.
    pub(crate) fn after(&self, count: u64) -> (Vec<HeardHead>, u64) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let news = known.values().filter(|(at, _)| *at > count);
        let next = known.values().map(|(at, _)| *at).max().unwrap_or_default();
        (news.map(|(_, heard)| heard.clone()).collect(), next.max(count))
    }

    /// Waits until there are more than this count.
    pub(crate) async fn changed(&self, count: u64) {
        // The sender lives as long as this does.
        let _ = self.count.subscribe().wait_for(|now| *now > count).await;
    }
}
