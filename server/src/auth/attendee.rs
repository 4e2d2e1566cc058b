//! Whoever has a ticket's personal link.

use core::future::{Ready, ready};
use std::sync::{Mutex, PoisonError};

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use kaisatsu_shared::{id::OrganisationId, time::UnixMillis};

use super::{Door, door, pace::Paces, refusals::Refused};
use crate::{
    http::{ApiError, ApiResult},
    link::Link,
    store::{
        StoreError,
        types::{Actor, ActorKind, OpenedTicket},
    },
};

/// Somebody with a link, not checked yet.
#[derive(Debug)]
pub struct Attendee {
    door: web::Data<Door>,
    actor: Actor,
}

impl Attendee {
    /// Opens the ticket, with its code.
    ///
    /// # Errors
    /// `link_unknown` for a link that opens nothing, whatever is wrong with it; `ticket_pace`; what the store says.
    pub async fn open(self, secret: &str) -> ApiResult<OpenedTicket> {
        let (link, _) = self.known(secret).await?;
        let now = self.door.world.clock.now();
        take(&self.door.openings, link, now)?;
        Ok(self.door.store.open_ticket(self.actor, link).await?)
    }

    /// How the ticket stands.
    ///
    /// # Errors
    /// As [`Attendee::open`].
    pub async fn look(self, secret: &str) -> ApiResult<OpenedTicket> {
        Ok(self.known(secret).await?.1)
    }

    /// The link and its ticket, if it opens one.
    async fn known(&self, secret: &str) -> ApiResult<(Link, OpenedTicket)> {
        let looked = match Link::parse(secret) {
            Some(link) => self.door.store.look_at_ticket(link).await.map(|opened| (link, opened)),
            None => Err(StoreError::LinkUnknown),
        };
        match looked {
            Err(StoreError::LinkUnknown) => Err(self.refuse()),
            other => Ok(other?),
        }
    }

    fn refuse(&self) -> ApiError {
        let now = self.door.world.clock.now();
        if let Err(refused) = take(&self.door.wrong_links, self.actor.address.clone(), now) {
            return refused;
        }
        let error = ApiError::from(StoreError::LinkUnknown);
        self.door.refuse(Refused {
            actor: self.actor.clone(),
            organisation: OrganisationId(0),
            action: "ticket.open",
            object: "ticket".to_owned(),
            code: error.code().to_owned(),
        });
        error
    }
}

fn take<K: Ord>(paces: &Mutex<Paces<K>>, asker: K, now: UnixMillis) -> ApiResult<()> {
    let taken = paces.lock().unwrap_or_else(PoisonError::into_inner).take(asker, now);
    let title = "tickets were opened too often from here; wait a moment";
    taken.map_err(|wait| ApiError::too_often("ticket_pace", title, wait))
}

impl FromRequest for Attendee {
    type Error = ApiError;
    type Future = Ready<ApiResult<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let actor = Actor::new(ActorKind::Attendee, "")
            .at(door::peer(request), door::RequestId::of(request));
        ready(Door::of(request).map(|door| Self { door, actor }))
    }
}
