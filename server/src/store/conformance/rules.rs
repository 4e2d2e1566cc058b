use kaisatsu_shared::{
    id::{GateId, TypeId, ZoneId},
    journal::JournalBody,
    right::{RightRef, UseKind},
    sync::{ClaimRefusal, EntryFate},
};
use serde_json::json;

use super::harness::{Backend, GateDevice, Harness, cli, refusal};
use crate::store::types::*;

fn rule_set(value: serde_json::Value) -> RuleSet {
    serde_json::from_value(value).unwrap()
}

pub(crate) async fn rules_are_set_whole_or_refused<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let slot = json!({"id": 1, "from": 1_000, "until": 2_000, "early_minutes": 10});
    let zone = json!({"id": 4, "name": {"ja": "屋内", "en": "Inside"}});
    let good = json!({
        "calendar": {"day_starts": "05:00:00", "closing": "04:00:00", "slots": [slot]},
        "zones": [zone],
        "gates": [{"id": 2, "into": 4}],
        "types": [{
            "id": 1,
            "gates": [2],
            "admission": {"schedule": {"slots": [1]}, "zones": [4], "limits": {"per_slot": 2}},
        }],
    });
    let before = h.bundle(event).await;
    for (pointer, value, code) in [
        ("/gates/0/id", json!(9), "gate_unknown"),
        ("/gates/0/into", json!(5), "rules_unfit"),
        ("/types/0/id", json!(9), "type_unknown"),
        ("/types/0/gates", json!([9]), "gate_unknown"),
        ("/types/0/admission/schedule/slots", json!([2]), "rules_unfit"),
        ("/types/0/admission/zones", json!([5]), "rules_unfit"),
        ("/calendar/slots/0/until", json!(1_000), "rules_unfit"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        let refused = h.store.set_rules(cli(), event, rule_set(bad)).await.unwrap_err();
        assert_eq!(refused.code(), code, "{pointer}");
    }
    assert_eq!(*h.bundle(event).await, *before, "nothing was changed");
    let good = rule_set(good);
    let set = h.store.set_rules(cli(), event, good.clone()).await.unwrap();
    assert_eq!((&set.calendar, &set.zones), (&good.calendar, &good.zones));
    let bundle = h.bundle(event).await;
    assert!(bundle.version > before.version);
    assert_eq!(bundle.gate(GateId(2)).unwrap().into, Some(ZoneId(4)));
    let ticket_type = bundle.ticket_type(TypeId(1)).unwrap();
    assert_eq!(
        (&ticket_type.gates, &ticket_type.admission),
        (&vec![GateId(2)], &good.types[0].admission)
    );
    // Who isn't named keeps their rules; what they rest on can't go.
    let rest = h.store.set_rules(cli(), event, RuleSet::default()).await.unwrap_err();
    assert_eq!(rest.code(), "rules_unfit");
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    let outcomes: Vec<_> = rows
        .iter()
        .filter(|row| row.action == "rules.set")
        .map(|row| row.outcome.as_str())
        .collect();
    assert_eq!(outcomes.len(), 9, "refusals, too, are on record: {outcomes:?}");
}

/// A use of type 3, which allows three entries, in the gate's journal.
async fn record<B: Backend>(
    h: &Harness<B>,
    gate: &mut GateDevice,
    right: RightRef,
    claim: u8,
    kind: UseKind,
) -> EntryFate {
    let JournalBody::Redeemed { right, count, claim, authority, .. } = gate.redeemed(right, claim)
    else {
        unreachable!("it makes a redemption")
    };
    let by_hand = false;
    let body = JournalBody::Redeemed { right, kind, count, claim, authority, by_hand };
    let batch = gate.write(&[body]);
    let answer = h.store.upload(gate.actor(), gate.device, batch).await.unwrap();
    answer.entries.into_iter().next().unwrap().fate
}

pub(crate) async fn claims_and_conflicts_follow_the_rules<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let rules = json!({
        "types": [
            {"id": 1, "admission": {"presence": {"reentry": "after_exit"}}},
            {"id": 3, "admission": {"limits": {"per_day": 1}}},
        ],
    });
    h.store.set_rules(cli(), event, rule_set(rules)).await.unwrap();
    let (pass, card) = (h.issue(event, 1, 1).await, h.issue(event, 3, 1).await);
    let (pass, card) = (h.right(event, pass).await, h.right(event, card).await);
    let (mut north, mut south) = (h.device(event, 1).await, h.device(event, 2).await);

    // One entry a day, although the card allows three.
    assert_eq!(record(h, &mut north, card, 1, UseKind::Entry).await, EntryFate::Accepted);
    assert_eq!(refusal(h.claim(&south, card, 2, &[]).await), Some(ClaimRefusal::UsedToday));
    let fate = record(h, &mut south, card, 3, UseKind::Entry).await;
    assert!(matches!(fate, EntryFate::Conflict { .. }), "{fate:?}");
    h.pass(86_400_000);
    assert_eq!(refusal(h.claim(&south, card, 4, &[]).await), None, "the next day");

    // Who left may come back; two at once are one too many.
    assert_eq!(record(h, &mut north, pass, 5, UseKind::Entry).await, EntryFate::Accepted);
    assert_eq!(refusal(h.claim(&south, pass, 6, &[]).await), Some(ClaimRefusal::StillInside));
    assert_eq!(record(h, &mut south, pass, 7, UseKind::Exit).await, EntryFate::Accepted);
    let status = h.store.ticket(event, pass.serial).await.unwrap().status;
    assert_eq!(status, TicketStatus::PartlyUsed, "it isn't used up");
    assert_eq!(refusal(h.claim(&south, pass, 8, &[6]).await), None);
    assert_eq!(refusal(h.claim(&north, pass, 9, &[]).await), Some(ClaimRefusal::BeingAdmitted));
    assert_eq!(record(h, &mut south, pass, 8, UseKind::Entry).await, EntryFate::Accepted);
    let fate = record(h, &mut north, pass, 10, UseKind::Entry).await;
    assert!(matches!(fate, EntryFate::Conflict { .. }), "{fate:?}");
    assert_eq!(h.store.conflicts(event).await.unwrap().len(), 2);
}
