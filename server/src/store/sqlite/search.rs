//! Looking tickets up for a gate. Names are encrypted at rest, so every holder of the event is
//! decrypted in turn; nothing is kept, and no index could tell a thief of the database anything.

use kaisatsu_shared::{
    bundle::OpenBundle,
    id::{DeviceId, EventId, OrganisationId, Serial},
    right::RightRef,
    rules::{Answers, Context, Direction, Knowledge, Presented, Reach, SearchBy, explain},
    sync::{MAX_HITS, SearchAnswer, SearchHit, SearchQuery, SearchRequest},
    time::TimeInterval,
};
use rusqlite::params;

use super::{
    bundle::document, device::find_device, holder::holder_key, operation::Operation,
    readers::Reading, session::Session, ticket::token,
};
use crate::{
    people::{self, WantedName},
    store::{
        StoreError,
        types::{Actor, DeviceInfo, DeviceRole},
    },
};

/// What was found, or why nothing was looked for.
pub(super) type Found = Result<SearchAnswer, StoreError>;

impl Session {
    /// Notes what a device looked for: by whom and how much was found, never what or whom.
    pub(super) fn note_search(
        &mut self,
        actor: &Actor,
        device: DeviceId,
        request: &SearchRequest,
        found: &Found,
    ) -> Found {
        let object = format!("device/{device}");
        let operation = Operation::new(actor, "ticket.search", object);
        self.operate_checked(operation, |session, operation| {
            let known = session.known_device(device)?;
            operation.organisation = known.organisation;
            operation.object = format!("event/{}/operator/{}", known.event, request.operator);
            if known.revoked {
                return Err(StoreError::DeviceRevoked(device));
            }
            let answer = found.clone()?;
            operation.outcome = "found";
            operation.count = Some(answer.hits.len());
            Ok(answer)
        })
    }
}

impl Reading {
    /// Looks tickets up for the device's event, as its rules allow.
    pub(super) fn search(&self, device: DeviceId, request: &SearchRequest) -> Found {
        let device = find_device(&self.connection, device)?;
        if device.role == DeviceRole::Scanner {
            return Err(StoreError::DeviceRole(device.device));
        }
        let event = device.event;
        let now = self.world.clock.now();
        let made = document(&self.connection, &self.installation, event, now)?;
        let bundle =
            OpenBundle::new(made).map_err(|error| StoreError::Internal(error.to_string()))?;
        let rule = bundle.rules.search.ok_or(StoreError::SearchOff)?;
        bundle.role(request.operator).ok_or(StoreError::SearchOperator)?;
        let (serials, more) = match &request.query {
            SearchQuery::Code(serial) => (self.serials(event, *serial, 1)?, false),
            SearchQuery::Name(_) if rule.by == SearchBy::Code => {
                return Err(StoreError::SearchByCode);
            }
            SearchQuery::Name(text) => {
                self.named(bundle.organisation, event, &WantedName::read(text)?, MAX_HITS)?
            }
        };
        let mut hits = Vec::with_capacity(serials.len());
        for serial in serials {
            let mut hit = self.hit(&device, &bundle, serial)?;
            if rule.names {
                hit.name = self.holder(event, serial)?.map(|holder| holder.name);
            }
            hits.push(hit);
        }
        Ok(SearchAnswer { hits, more })
    }

    /// The first tickets whose holder's name fits, at most so many, and whether there are more.
    pub(super) fn named(
        &self,
        organisation: OrganisationId,
        event: EventId,
        wanted: &WantedName,
        most: usize,
    ) -> Result<(Vec<Serial>, bool), StoreError> {
        let key = holder_key(&self.connection, &self.installation, organisation)?;
        let mut rows = self.connection.prepare_cached(
            "SELECT serial, sealed FROM holders WHERE event_id = ?1 ORDER BY serial",
        )?;
        let mut rows = rows.query(params![event.0])?;
        let mut found = Vec::new();
        while let Some(row) = rows.next()? {
            let serial = Serial(row.get(0)?);
            let sealed = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
            let holder = people::open_row(&key, (organisation, event, serial), sealed)?;
            if wanted.fits(&holder) {
                if found.len() == most {
                    return Ok((found, true));
                }
                found.push(serial);
            }
        }
        Ok((found, false))
    }

    /// A ticket as it stands at the device's gate. Its code is made here and forgotten.
    fn hit(
        &self,
        device: &DeviceInfo,
        bundle: &OpenBundle,
        serial: Serial,
    ) -> Result<SearchHit, StoreError> {
        let event = device.event;
        let token = token(&self.connection, &self.installation, event, serial)?;
        let context = Context {
            gate: device.gate,
            direction: Direction::Entry,
            reach: Reach::Server,
            now: TimeInterval::exact(self.world.clock.now()),
            answers: Answers::NONE,
        };
        let verdict = self.folded(event, |state| {
            let knowledge = Knowledge { bundle, roster: state.roster(), rights: state };
            explain(Presented::Ticket(&token), &knowledge, &context).decision().verdict
        })?;
        let body = &token.body;
        let known = bundle.ticket_type(body.ticket_type);
        let renewing = known.is_some_and(|known| known.renewing);
        let fingerprint = body.fingerprint(self.installation.id, renewing);
        let right = RightRef { event, serial, generation: body.generation, fingerprint };
        Ok(SearchHit { right, verdict, name: None })
    }
}
