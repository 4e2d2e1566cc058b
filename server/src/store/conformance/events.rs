use kaisatsu_shared::{
    bundle::Policy,
    id::{EventId, GateId, OrganisationId},
    reason::LocalText,
    time::UnixSeconds,
    token::Mode,
};

use super::harness::{Backend, Harness, cli, text};
use crate::store::{StoreError, types::*};

pub(crate) async fn events_are_made_whole_or_refused<B: Backend>(h: &Harness<B>) {
    let good = CreateEvent {
        organisation: OrganisationId(1),
        name: text("Concert"),
        zone: "Asia/Tokyo".to_owned(),
        policy: Policy::OnlineOnly,
        gates: vec![text("North")],
    };
    let with = |change: fn(&mut CreateEvent)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, code) in [
        (with(|r| r.zone = "Tokyo".to_owned()), "unknown_zone"),
        (with(|r| r.name = LocalText::default()), "invalid_request"),
        (with(|r| r.gates.push(LocalText::default())), "invalid_request"),
        (with(|r| r.organisation = OrganisationId(9)), "organisation_unknown"),
    ] {
        assert_eq!(h.store.create_event(cli(), request).await.unwrap_err().code(), code);
    }
    assert_eq!(h.store.events(None).await.unwrap(), []);
    let made = h.store.create_event(cli(), good).await.unwrap();
    assert_eq!((made.gates.len(), made.keys.len()), (1, 1));
    let gate = h.store.add_gate(cli(), AddGate { event: made.id, name: text("South") }).await;
    assert_eq!(gate.unwrap().id, GateId(2));

    let good = AddType {
        event: made.id,
        name: text("Seat"),
        entries: 2,
        display: Mode::Clock,
        gates: vec![GateId(2)],
        valid_from: UnixSeconds(5),
        valid_until: UnixSeconds(9),
        renewing: false,
    };
    let with = |change: fn(&mut AddType)| {
        let mut request = good.clone();
        change(&mut request);
        request
    };
    for (request, code) in [
        (with(|r| r.gates = vec![GateId(3)]), "gate_unknown"),
        (with(|r| r.display = Mode::Device), "display_unsupported"),
        (with(|r| r.valid_until = UnixSeconds(5)), "empty_validity"),
        (with(|r| r.event = EventId(9)), "event_unknown"),
    ] {
        assert_eq!(h.store.add_type(cli(), request).await.unwrap_err().code(), code);
    }
    let added = h.store.add_type(cli(), good).await.unwrap();
    let info = h.store.event(made.id).await.unwrap();
    assert_eq!(info.types, [added]);
    assert_eq!(info.policy, Policy::OnlineOnly);
    assert_eq!(h.store.events(Some(OrganisationId(1))).await.unwrap(), [info]);
    assert_eq!(h.store.events(Some(OrganisationId(2))).await.unwrap(), []);
    assert_eq!(h.store.event(EventId(2)).await, Err(StoreError::EventUnknown(EventId(2))));
}

pub(crate) async fn bundles_rise_with_changes_and_with_age<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let first = h.bundle(event).await;
    assert_eq!(h.bundle(event).await.version, first.version, "nothing changed");
    assert_eq!((first.rules.types.len(), first.rules.gates.len()), (3, 2));
    assert!(first.not_after > first.issued_at);

    let key = h.store.rotate_key(cli(), event).await.unwrap();
    let rotated = h.bundle(event).await;
    assert!(rotated.version > first.version);
    let current: Vec<_> = rotated.keys.iter().filter(|key| key.current).collect();
    assert_eq!((current.len(), current[0].id, rotated.keys.len()), (1, key.id, 2));
    first.accept_newer(&rotated).unwrap();

    h.store.add_gate(cli(), AddGate { event, name: text("East") }).await.unwrap();
    let grown = h.bundle(event).await;
    assert!(grown.version > rotated.version);

    h.pass(3_599_999);
    assert_eq!(h.bundle(event).await.version, grown.version);
    h.pass(1);
    let renewed = h.bundle(event).await;
    assert!(renewed.version > grown.version && renewed.issued_at > grown.issued_at);
    assert_eq!(renewed.rules, grown.rules);
    assert_eq!(h.store.bundle(EventId(9)).await.unwrap_err().code(), "event_unknown");
}
