//! The end of its journal, which a gate sends with each request. It is noted beside the request, which doesn't
//! wait for it and isn't refused for it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use actix_web::HttpRequest;
use kaisatsu_shared::{
    id::{DeviceId, EventId, OrganisationId},
    journal::{JournalHead, SignedJournalHead},
    sync::HEAD_HEADER,
};

use super::{Door, refusals::Refused};
use crate::store::{StoreError, types::Actor};

/// The end of each device's journal that was noted last: it is sent again with each request.
#[derive(Debug, Default)]
pub(super) struct NotedHeads(Mutex<BTreeMap<DeviceId, JournalHead>>);

impl NotedHeads {
    /// Whether it is another one than the last.
    fn is_news(&self, signed: &SignedJournalHead) -> bool {
        let noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.get(&signed.device) != Some(&signed.head)
    }

    fn note(&self, signed: &SignedJournalHead) {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert(signed.device, signed.head);
    }
}

/// What `device` says of the end of its journal.
pub(super) fn sent(request: &HttpRequest, device: DeviceId) -> Option<SignedJournalHead> {
    let text = request.headers().get(HEAD_HEADER)?.to_str().ok()?;
    SignedJournalHead::from_header(device, text)
}

impl Door {
    /// Notes what a device says of the end of its own journal, unless it said so before.
    pub(super) async fn note_head(&self, actor: &Actor, event: EventId, head: SignedJournalHead) {
        if !self.noted_heads.is_news(&head) {
            return;
        }
        let device = head.device;
        match self.store.note_head(actor.clone(), device, head.clone()).await {
            Ok(()) => self.noted_heads.note(&head),
            Err(error @ StoreError::JournalSignature) => self.refuse(Refused {
                actor: actor.clone(),
                organisation: OrganisationId(0),
                action: "journal.head",
                object: format!("event/{event}/device/{device}"),
                code: error.code().to_owned(),
            }),
            Err(error) => tracing::warn!(code = error.code(), "a journal's end was not noted"),
        }
    }
}
