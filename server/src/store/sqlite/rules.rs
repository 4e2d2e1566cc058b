//! Editing an event's rules.

use kaisatsu_shared::{
    bundle::{Policy, Rules},
    id::{EventId, Serial},
};
use rusqlite::{Connection, params};

use super::{
    event::event_info,
    operation::Operation,
    session::Session,
    value::{Json, Text},
};
use crate::store::{
    StoreError,
    types::{Actor, EventInfo, RuleSet},
};

impl Session {
    /// Replaces an event's rules, if they fit each other. Gates get them with their next bundle.
    pub(super) fn set_rules(
        &mut self,
        actor: &Actor,
        event: EventId,
        rules: &RuleSet,
    ) -> Result<EventInfo, StoreError> {
        let operation = Operation::new(actor, "rules.set", format!("event/{event}/rules"));
        self.operate_on(event, operation, |session, _| {
            let drafted = drafted(&session.connection, event, rules)?;
            session.keep_leased(event, &drafted)?;
            session.store_rules(event, rules)?;
            session.bundle_changed(event)?;
            event_info(&session.connection, event)
        })
    }

    /// Leases promise that nobody else decides: the policy of what is leased stays `strict`, and no place
    /// holds fewer persons than it was leased for.
    fn keep_leased(&mut self, event: EventId, drafted: &Rules) -> Result<(), StoreError> {
        let (before, state) = (self.rules(event)?, self.state(event)?);
        // What was leased in what isn't got back yet is leased all the same.
        let policies = |rules: &Rules| {
            let types = rules.types.iter().map(|known| (known.id, known.admission.policy));
            (rules.policy, types.collect::<Vec<_>>())
        };
        if state.restores().is_open() && policies(before.rules()) != policies(drafted) {
            return Err(StoreError::Restoring(event));
        }
        for (serials, _) in state.leases().held() {
            for serial in (serials.first().0..=serials.last().0).map(Serial) {
                let Some((ticket_type, _)) = state.roster().class(serial) else { continue };
                let found = drafted.ticket_type(ticket_type);
                let policy = found.and_then(|found| found.admission.policy);
                if policy.unwrap_or(drafted.policy) != Policy::Strict {
                    return Err(StoreError::Leased(ticket_type));
                }
            }
        }
        for (place, capacity) in drafted.hard_capacities() {
            if state.leases().shares().leased(place) > capacity {
                return Err(StoreError::RoomLeased);
            }
        }
        Ok(())
    }

    fn store_rules(&self, event: EventId, rules: &RuleSet) -> Result<(), StoreError> {
        let connection = &self.connection;
        connection.execute(
            "UPDATE events SET calendar = ?2, zones = ?3, interventions = ?4, unpaid = ?5,
             capacity = ?6, search = ?7
             WHERE id = ?1",
            params![
                event.0,
                Json(&rules.calendar),
                Json(&rules.zones),
                Json(&rules.interventions),
                Text(rules.unpaid),
                Json(&rules.capacity),
                Json(&rules.search),
            ],
        )?;
        for gate in &rules.gates {
            connection.execute(
                "UPDATE gates SET into_zone = ?3 WHERE event_id = ?1 AND id = ?2",
                params![event.0, gate.id.0, gate.into.map(|zone| zone.0)],
            )?;
        }
        for ticket_type in &rules.types {
            connection.execute(
                "UPDATE ticket_types SET gates = ?3, admission = ?4,
                 renewing = coalesce(?5, renewing)
                 WHERE event_id = ?1 AND id = ?2",
                params![
                    event.0,
                    ticket_type.id.0,
                    Json(&ticket_type.gates),
                    Json(&ticket_type.admission),
                    ticket_type.renewing,
                ],
            )?;
        }
        Ok(())
    }
}

/// The rules that an event will have, if these fit it.
pub(super) fn drafted(
    connection: &Connection,
    event: EventId,
    rules: &RuleSet,
) -> Result<Rules, StoreError> {
    let mut info = event_info(connection, event)?;
    take(&mut info, rules)?;
    keep_renewing(connection, event, &mut info, rules)?;
    let drafted = info.rules();
    drafted.check().map_err(StoreError::RulesUnfit)?;
    Ok(drafted)
}

/// The event as it will be.
fn take(info: &mut EventInfo, rules: &RuleSet) -> Result<(), StoreError> {
    info.calendar = rules.calendar.clone();
    info.zones.clone_from(&rules.zones);
    info.interventions = rules.interventions;
    info.unpaid = rules.unpaid;
    info.capacity = rules.capacity;
    info.search = rules.search;
    for gate in &rules.gates {
        let known = info.gates.iter_mut().find(|known| known.id == gate.id);
        known.ok_or(StoreError::GateUnknown(gate.id))?.into = gate.into;
    }
    for wanted in &rules.types {
        for gate in &wanted.gates {
            let known = info.gates.iter().any(|known| known.id == *gate);
            known.then_some(()).ok_or(StoreError::GateUnknown(*gate))?;
        }
        let known = info.types.iter_mut().find(|known| known.ticket_type.id == wanted.id);
        let known = &mut known.ok_or(StoreError::TypeUnknown(wanted.id))?.ticket_type;
        known.gates.clone_from(&wanted.gates);
        known.admission.clone_from(&wanted.admission);
    }
    Ok(())
}

/// Whether a type's tickets renew goes into their fingerprints, so it stays once one was issued.
fn keep_renewing(
    connection: &Connection,
    event: EventId,
    info: &mut EventInfo,
    rules: &RuleSet,
) -> Result<(), StoreError> {
    for known in info.types.iter_mut().map(|info| &mut info.ticket_type) {
        let wanted = rules.types.iter().rfind(|wanted| wanted.id == known.id);
        let Some(renewing) = wanted.and_then(|wanted| wanted.renewing) else { continue };
        if renewing == known.renewing {
            continue;
        }
        let issued: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM tickets WHERE event_id = ?1 AND type_id = ?2)",
            params![event.0, known.id.0],
            |row| row.get(0),
        )?;
        if issued {
            return Err(StoreError::RenewingFixed(known.id));
        }
        known.renewing = renewing;
    }
    Ok(())
}
