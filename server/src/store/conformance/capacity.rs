use futures_util::future::join_all;
use kaisatsu_shared::{
    id::{GateId, Serial},
    journal::JournalBody,
    place::Place,
    right::UseKind,
    rules::{Capacity, Filling},
    sync::ClaimAnswer,
};
use serde_json::json;

use super::harness::{Backend, Harness, cli, everywhere, refusal};
use crate::store::types::*;

/// Of guests who arrive in the same moment with tickets of their own, as many enter as fit; whoever
/// leaves makes room.
pub(crate) async fn as_many_are_granted_as_fit<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let capacity: Capacity = serde_json::from_value(json!({"persons": 7})).unwrap();
    let zone = json!({"id": 1, "name": {"ja": "", "en": "Hall"}, "capacity": {"persons": 3}});
    let rules: RuleSet = serde_json::from_value(json!({
        "capacity": capacity,
        "zones": [zone],
        "gates": [{"id": 1, "into": 1}],
    }))
    .unwrap();
    let set = h.store.set_rules(cli(), event, rules).await.unwrap();
    assert_eq!(set.capacity, Some(capacity));
    assert_eq!(h.bundle(event).await.rules.capacity, Some(capacity));
    let mut gates = [h.device(event, 1).await, h.device(event, 2).await];
    let first = h.issue(event, 1, 60).await;
    let mut claims = Vec::new();
    for place in 0..60_u8 {
        let right = h.right(event, Serial(first.0 + u32::from(place))).await;
        let gate = &gates[usize::from(place) % 2];
        let claim = gate.claim(right, place, &[]);
        let (store, actor, device) = (h.store.clone(), gate.actor(), gate.device);
        claims.push(tokio::spawn(async move {
            (right, claim.used.gate, store.claim(actor, device, claim, everywhere()).await.unwrap())
        }));
    }
    let answers: Vec<_> = join_all(claims).await.into_iter().map(Result::unwrap).collect();
    let granted = |gate: GateId| {
        let here = answers.iter().filter(move |(_, by, _)| *by == gate);
        here.filter(|(.., answer)| matches!(answer, ClaimAnswer::Granted { .. })).count()
    };
    assert!(granted(GateId(1)) <= 3, "the hall holds three");
    assert_eq!(granted(GateId(1)) + granted(GateId(2)), 7, "the venue holds seven");
    let refused: Vec<_> =
        answers.iter().filter_map(|(.., answer)| refusal(*answer).map(|it| it.name())).collect();
    assert!(refused.iter().all(|name| ["venue_full", "zone_full"].contains(name)), "{refused:?}");
    assert_eq!(refused.len(), 53);
    let stats = h.store.stats(event).await.unwrap();
    let venue = Filling { place: Place::Venue, capacity, inside: 7, held: 0, here: None };
    assert_eq!((stats.inside, stats.capacities.first()), (7, Some(&venue)));
    // One leaves by the other gate: the journal tells, and the next one fits.
    let there = |(_, by, answer): &&(_, GateId, ClaimAnswer)| {
        *by == GateId(2) && matches!(answer, ClaimAnswer::Granted { .. })
    };
    let (right, ..) = answers.iter().find(there).unwrap();
    let entry = gates[1].redeemed(*right, u8::try_from(right.serial.0 - first.0).unwrap());
    let exit = match gates[1].redeemed(*right, 200) {
        JournalBody::Redeemed { right, count, claim, authority, by_hand, .. } => {
            JournalBody::Redeemed { right, kind: UseKind::Exit, count, claim, authority, by_hand }
        }
        other => other,
    };
    let batch = gates[1].write(&[entry, exit]);
    h.store.upload(gates[1].actor(), gates[1].device, batch).await.unwrap();
    assert_eq!(h.store.stats(event).await.unwrap().inside, 6);
    let denied = |(.., answer): &&(_, GateId, ClaimAnswer)| refusal(*answer).is_some();
    let (next, ..) = answers.iter().find(denied).unwrap();
    let again = h.claim(&gates[1], *next, 201, &[]).await;
    assert_eq!(refusal(again), None);
    let full = h.claim(&gates[1], h.right(event, h.issue(event, 1, 1).await).await, 202, &[]).await;
    assert_eq!(refusal(full).map(|it| it.name()), Some("venue_full"));
}
