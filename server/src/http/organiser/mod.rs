//! Organisers' endpoints. Each handler's first argument is its permission.

mod devices;
mod events;
mod hubs;
mod journals;
mod leases;
mod marks;
mod operators;
mod proof;
mod restore;
mod search;
mod tickets;
mod trial;

use kaisatsu_shared::id::{EventId, Serial};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::OpenApiFactory;

/// An event's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "describes the address; the permission's extractor reads it")]
pub(crate) struct EventPath {
    /// The event.
    #[param(value_type = u32)]
    event: EventId,
}

/// A ticket's address.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct TicketPath {
    /// The event.
    #[param(value_type = u32)]
    #[expect(dead_code, reason = "describes the address; the permission's extractor reads it")]
    event: EventId,
    /// The ticket's serial.
    #[param(value_type = u32)]
    serial: Serial,
}

/// Everything under `/api/v1/events`.
pub(crate) fn scope() -> impl actix_web::dev::HttpServiceFactory + OpenApiFactory {
    utoipa_actix_web::scope("/api/v1/events")
        .service(events::create)
        .service(events::list_events)
        .service(events::get_event)
        .service(events::stats)
        .service(events::rules)
        .service(events::set_rules)
        .service(trial::try_rules)
        .service(events::add_gate)
        .service(events::add_type)
        .service(events::rotate_key)
        .service(operators::add)
        .service(operators::list)
        .service(operators::set_pin)
        .service(operators::remove)
        .service(tickets::issue)
        .service(search::find)
        .service(tickets::get_ticket)
        .service(tickets::holder)
        .service(tickets::void)
        .service(marks::block)
        .service(marks::payment)
        .service(marks::validity)
        .service(marks::renewals)
        .service(tickets::reissue)
        .service(tickets::display)
        .service(tickets::codes)
        .service(devices::announce)
        .service(devices::list_devices)
        .service(devices::set_role)
        .service(devices::revoke)
        .service(devices::write_off)
        .service(leases::lease)
        .service(leases::recall)
        .service(leases::list)
        .service(restore::show)
        .service(restore::confirm)
        .service(hubs::set)
        .service(hubs::list)
        .service(hubs::remove)
        .service(journals::import)
        .service(proof::conflicts)
        .service(proof::interventions)
        .service(proof::quarantine)
        .service(proof::ledger)
}
