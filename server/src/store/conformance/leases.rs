use kaisatsu_shared::{
    id::{DeviceId, EventId, LeaseId, Serial},
    journal::JournalBody,
    lease::{Recipient, Serials},
    right::{Authority, UseKind},
    sync::{ClaimRefusal, EntryFate},
};
use serde_json::json;

use super::harness::{Backend, Harness, cli, everywhere, refusal};
use crate::store::types::*;

/// Makes type 1 strict.
pub(super) async fn strict<B: Backend>(h: &Harness<B>, event: EventId) {
    set(h, event, json!({ "policy": "strict" })).await.unwrap();
}

async fn set<B: Backend>(
    h: &Harness<B>,
    event: EventId,
    admission: serde_json::Value,
) -> Result<EventInfo, crate::store::StoreError> {
    let rules = json!({ "types": [{ "id": 1, "admission": admission }] });
    h.store.set_rules(cli(), event, serde_json::from_value(rules).unwrap()).await
}

fn held(leases: &[LeaseInfo]) -> Vec<(u32, u32, u32)> {
    let run = |lease: &LeaseInfo| match lease.what {
        LeasedInfo::Serials(serials) => Some((lease.device.0, serials.first().0, serials.last().0)),
        LeasedInfo::Room { .. } => None,
    };
    leases.iter().filter_map(run).collect()
}

pub(crate) async fn leased_rights_have_one_authority<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (mut north, south) = (h.device(event, 1).await, h.device(event, 2).await);
    strict(h, event).await;
    h.issue(event, 1, 4).await;
    let loose = h.issue(event, 3, 2).await;
    let leases = h.store.lease(cli(), event, vec![].into()).await.unwrap();
    let (here, there) = (north.device.0, south.device.0);
    assert_eq!(held(&leases), [(here, 0, 1), (there, 2, 3)], "only the strict type");
    let again = h.store.lease(cli(), event, vec![].into()).await.unwrap();
    assert_eq!(again, leases, "nothing is leased twice");
    for (devices, code) in [(vec![DeviceId(99)], "device_unknown")] {
        let refused = h.store.lease(cli(), event, devices.into()).await.unwrap_err();
        assert_eq!(refused.code(), code);
    }
    // The policy stays while rights are leased.
    assert_eq!(set(h, event, json!({})).await.unwrap_err().code(), "leased");

    // South asks for what north holds: north is asked, and nobody is let in meanwhile.
    let right = h.right(event, Serial(0)).await;
    let asked = south.claim(right, 1, &[]);
    let answer =
        h.store.claim(south.actor(), south.device, asked.clone(), everywhere()).await.unwrap();
    assert_eq!(refusal(answer), Some(ClaimRefusal::Recalling));
    let leases = h.store.leases(event).await.unwrap();
    assert_eq!(leases.first().map(|lease| lease.recalled), Some(1));

    // North used ticket 1, then transfers ticket 0. Only its own word counts.
    let used = h.right(event, Serial(1)).await;
    let transfer = |serial| JournalBody::Transferred {
        lease: LeaseId(1),
        serials: Serials::one(Serial(serial)),
        to: Recipient::Server,
    };
    let mut foreign = h.device(event, 1).await;
    let batch = foreign.write(&[transfer(0)]);
    let answer = h.store.upload(foreign.actor(), foreign.device, batch).await.unwrap();
    assert_eq!(answer.entries.first().map(|it| it.fate.clone()), Some(EntryFate::Quarantined));
    let entered = JournalBody::Redeemed {
        right: used,
        kind: UseKind::Entry,
        count: 1,
        claim: super::harness::key(9),
        authority: Authority::Lease,
        by_hand: false,
    };
    let batch = north.write(&[entered, transfer(0), transfer(0)]);
    let answer = h.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert!(answer.entries.iter().all(|it| it.fate == EntryFate::Accepted), "{answer:?}");
    let granted = h.store.claim(south.actor(), south.device, asked, everywhere()).await.unwrap();
    assert_eq!(refusal(granted), None);
    let late =
        h.store.claim(south.actor(), south.device, south.claim(used, 2, &[]), everywhere()).await;
    assert_eq!(refusal(late.unwrap()), Some(ClaimRefusal::AlreadyUsed));
    assert!(h.store.conflicts(event).await.unwrap().is_empty());

    // Everything is asked for; a lost holder transfers nothing, and what it holds stays its own.
    h.store.revoke_device(cli(), south.device).await.unwrap();
    let leases = h.store.recall(cli(), event, None).await.unwrap();
    assert!(leases.iter().all(|lease| lease.recalled == lease.what.count()), "{leases:?}");
    assert!(leases.iter().any(|lease| lease.lost && lease.device == south.device));
    let right = h.right(event, Serial(2)).await;
    let answer =
        h.store.claim(north.actor(), north.device, north.claim(right, 3, &[]), everywhere()).await;
    assert_eq!(refusal(answer.unwrap()), Some(ClaimRefusal::LaneLost));
    let refused = h.store.lease(cli(), event, vec![south.device].into()).await.unwrap_err();
    assert_eq!(refused.code(), "device_unfit");
    // What isn't strict is claimed as ever.
    let right = h.right(event, loose).await;
    let answer =
        h.store.claim(north.actor(), north.device, north.claim(right, 4, &[]), everywhere()).await;
    assert_eq!(refusal(answer.unwrap()), None);
    h.store.verify_ledger(event).await.unwrap();
}

/// What each device holds of the venue's room.
fn room(leases: &[LeaseInfo]) -> Vec<(u32, u32)> {
    let of = |lease: &LeaseInfo| match lease.what {
        LeasedInfo::Room { persons, .. } => Some((lease.device.0, persons)),
        LeasedInfo::Serials(_) => None,
    };
    leases.iter().filter_map(of).collect()
}

pub(crate) async fn leased_room_counts_as_full<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (mut north, south) = (h.device(event, 1).await, h.device(event, 2).await);
    let rules = |persons: u32| {
        let rules = json!({
            "types": [{ "id": 1, "admission": { "policy": "strict" } }],
            "capacity": { "persons": persons },
        });
        serde_json::from_value::<RuleSet>(rules).unwrap()
    };
    h.store.set_rules(cli(), event, rules(3)).await.unwrap();
    h.issue(event, 1, 4).await;
    let loose = h.issue(event, 3, 2).await;
    let only = |only| GiveLeases { devices: vec![], only: Some(only) };
    let tickets = h.store.lease(cli(), event, only(Leasable::Tickets)).await.unwrap();
    assert_eq!((tickets.len(), room(&tickets)), (2, vec![]));
    let leases = h.store.lease(cli(), event, only(Leasable::Room)).await.unwrap();
    let (here, there) = (north.device.0, south.device.0);
    assert_eq!(room(&leases), [(here, 1), (there, 1)], "and one is the server's");
    assert_eq!(h.store.lease(cli(), event, vec![].into()).await.unwrap(), leases, "nothing twice");
    let stats = h.store.stats(event).await.unwrap();
    assert_eq!(
        stats.capacities.first().map(|filling| (filling.inside, filling.held)),
        Some((0, 2))
    );

    // The server's own place is taken; what is left is the lanes'.
    let first = h.right(event, loose).await;
    assert_eq!(refusal(h.claim(&south, first, 1, &[]).await), None);
    let second = h.right(event, Serial(loose.0 + 1)).await;
    let waiting = h.claim(&north, second, 2, &[]).await;
    assert_eq!(refusal(waiting), Some(ClaimRefusal::RoomRecalling), "of who asks, first");
    let leases = h.store.leases(event).await.unwrap();
    let recalled = leases.iter().filter(|lease| lease.recalled > 0);
    assert_eq!(recalled.map(|lease| lease.device).collect::<Vec<_>>(), [north.device]);

    // A capacity that is smaller than what gates hold of it would be a promise broken.
    let refused = h.store.set_rules(cli(), event, rules(1)).await.unwrap_err();
    assert_eq!(refused.code(), "room_leased");

    // North had let somebody in on its share before it gave that back: it is full, and everybody knows.
    let used = h.right(event, Serial(0)).await;
    let entered = JournalBody::Redeemed {
        right: used,
        kind: UseKind::Entry,
        count: 1,
        claim: super::harness::key(9),
        authority: Authority::Lease,
        by_hand: false,
    };
    let lease = leases.iter().find(|lease| lease.recalled > 0).unwrap().lease;
    let back = JournalBody::ShareTransferred { lease, persons: 1, to: Recipient::Server };
    let batch = north.write(&[entered, back]);
    let answer = h.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert!(answer.entries.iter().all(|it| it.fate == EntryFate::Accepted), "{answer:?}");
    let waiting = h.claim(&north, second, 2, &[]).await;
    assert_eq!(refusal(waiting), Some(ClaimRefusal::RoomRecalling), "south's");
    assert_eq!(room(&h.store.leases(event).await.unwrap()), [(there, 1)]);

    // A lost device's share stays full.
    h.store.revoke_device(cli(), south.device).await.unwrap();
    let full = h.claim(&north, second, 2, &[]).await;
    assert_eq!(refusal(full), Some(ClaimRefusal::VenueFull));
    h.store.verify_ledger(event).await.unwrap();
}

pub(crate) async fn tickets_show_the_lane_that_holds_them<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let (mut north, _south) = (h.device(event, 1).await, h.device(event, 2).await);
    strict(h, event).await;
    h.issue(event, 1, 3).await;
    let lane = async |serial| {
        let (serial, at) = (Serial(serial), h.store.now().to_seconds());
        let lane = h.store.ticket(event, serial).await.unwrap().lane;
        let query = kaisatsu_shared::sync::SearchQuery::Code(serial);
        let found = h.store.find_tickets(cli(), event, query).await.unwrap();
        let shown = h.store.show(cli(), event, serial, at).await.unwrap();
        let printed = h.store.print(cli(), event, serial, 1).await.unwrap().remove(0);
        let drawn = h.store.show_static(cli(), event, serial, 1).await.unwrap().remove(0);
        for other in
            [&found.tickets[0].lane, &shown.lane, &printed.shown.unwrap().lane, &drawn.lane]
        {
            assert_eq!(other, &lane);
        }
        lane.map(|lane| (lane.gate.0, lane.text.en))
    };
    assert_eq!(lane(0).await, None);
    h.store.lease(cli(), event, vec![].into()).await.unwrap();
    let names = h.store.event(event).await.unwrap().gates;
    let told = |gate: u16| Some((gate, format!("Lane: {}", names[usize::from(gate) - 1].name.en)));
    assert_eq!((lane(0).await, lane(2).await), (told(1), told(2)));
    // Asked for isn't given back.
    h.store.recall(cli(), event, Some(north.device)).await.unwrap();
    assert_eq!(lane(0).await, told(1));
    let serials = Serials::one(Serial(0));
    let transfer = JournalBody::Transferred { lease: LeaseId(1), serials, to: Recipient::Server };
    let batch = north.write(&[transfer]);
    h.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert_eq!((lane(0).await, lane(1).await), (None, told(1)));
}
