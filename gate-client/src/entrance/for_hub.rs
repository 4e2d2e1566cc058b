//! What a gate tells whatever makes it the venue's hub, or the hub's guest.

use std::sync::Arc;

use crate::{
    engine::Record,
    link::Link,
    store::{Notes as _, Store as _, StoreError},
};

use super::gate::Gate;

impl Gate {
    /// Its link to the server.
    pub(crate) const fn link(&self) -> &Arc<Link> {
        &self.link
    }

    /// Whether it was revoked.
    pub(crate) const fn is_revoked(&self) -> bool {
        self.engine.is_revoked()
    }

    /// The journal's entries that the server doesn't have yet.
    pub(crate) async fn undelivered(&self) -> Result<Vec<Record>, StoreError> {
        let acknowledged = self.store.acknowledged().await?;
        let journal = self.store.journal().await?.into_iter().zip(1..);
        let unsent = journal.filter(|(_, number)| *number > acknowledged);
        Ok(unsent.map(|(bytes, number)| Record::Journal { number, bytes }).collect())
    }
}
