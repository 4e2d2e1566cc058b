use futures_util::future::join_all;
use kaisatsu_shared::{
    id::{EventId, Serial},
    ledger::LastUse,
    right::UseKind,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::harness::{Backend, Harness, everywhere, refusal};
use crate::store::{StoreError, types::*};

pub(crate) async fn of_simultaneous_claims_as_many_are_granted_as_allowed<B: Backend>(
    h: &Harness<B>,
) {
    let event = h.event().await;
    let gates = [h.device(event, 1).await, h.device(event, 2).await];
    for (ticket_type, allowed) in [(1, 1), (2, 1), (3, 3)] {
        let serial = h.issue(event, ticket_type, 1).await;
        let right = h.right(event, serial).await;
        let claims = (1..=200_u8).map(|key| {
            let gate = &gates[usize::from(key) % 2];
            let mut claim = gate.claim(right, key, &[]);
            // Keys differ between the tickets, too.
            claim.used.claim.0[0] = u8::try_from(ticket_type).unwrap();
            let (store, actor, device) = (h.store.clone(), gate.actor(), gate.device);
            tokio::spawn(
                async move { store.claim(actor, device, claim, everywhere()).await.unwrap() },
            )
        });
        let answers = join_all(claims).await.into_iter().map(Result::unwrap);
        let (granted, refused): (Vec<_>, Vec<_>) =
            answers.partition(|answer| matches!(answer, ClaimAnswer::Granted { .. }));
        assert_eq!(granted.len(), allowed, "type {ticket_type}");
        for answer in refused {
            let ClaimAnswer::Refused { refusal, facts: Facts { last_use: Some(_), .. } } = answer
            else {
                panic!("{answer:?}")
            };
            assert_eq!(refusal, ClaimRefusal::BeingAdmitted);
        }
        let state = h.followed(event).await;
        let claimed = state.right(serial).unwrap().claimed();
        assert_eq!(usize::try_from(claimed).unwrap(), allowed);
    }
}

pub(crate) async fn claims_are_idempotent_and_abandonable<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let mut north = h.device(event, 1).await;
    let south = h.device(event, 2).await;

    let granted = h.claim(&north, right, 1, &[]).await;
    assert_eq!(h.claim(&north, right, 1, &[]).await, granted);
    assert_eq!(refusal(h.claim(&south, right, 1, &[]).await), Some(ClaimRefusal::KeyReused));
    let info = h.store.ticket(event, serial).await.unwrap();
    assert_eq!(info.status, TicketStatus::BeingAdmitted);
    // South gives up a key that was never heard of, and loses; its claim under it stays dead.
    let lost = h.claim(&south, right, 3, &[2]).await;
    let last_use = Some(LastUse::from(&north.used(right, 1)));
    let refused = ClaimAnswer::Refused {
        refusal: ClaimRefusal::BeingAdmitted,
        facts: Facts { last_use, ..Facts::EMPTY },
    };
    assert_eq!(lost, refused);
    assert_eq!(refusal(h.claim(&south, right, 2, &[]).await), Some(ClaimRefusal::Abandoned));
    // North gives its grant up by journal; South may.
    let claim = super::harness::key(1);
    let batch = north.write(&[kaisatsu_shared::journal::JournalBody::Abandoned { claim, right }]);
    h.store.upload(north.actor(), north.device, batch).await.unwrap();
    assert_eq!(refusal(h.claim(&south, right, 4, &[]).await), None);
    assert_eq!(refusal(h.claim(&north, right, 1, &[]).await), Some(ClaimRefusal::Abandoned));
}

pub(crate) async fn impossible_claims_leave_no_trace_in_the_ledger<B: Backend>(h: &Harness<B>) {
    let event = h.event().await;
    let other = h.event().await;
    let serial = h.issue(event, 1, 1).await;
    let right = h.right(event, serial).await;
    let gate = h.device(event, 1).await;
    let head = h.store.stats(event).await.unwrap().head;
    let good = gate.claim(right, 1, &[]);
    let ask = |change: &dyn Fn(&mut kaisatsu_shared::sync::Claim)| {
        let mut claim = good.clone();
        change(&mut claim);
        h.store.claim(gate.actor(), gate.device, claim, everywhere())
    };
    let code = |answer: Result<ClaimAnswer, StoreError>| answer.unwrap_err().code();
    assert_eq!(code(ask(&|c| c.used.right.event = other).await), "event_mismatch");
    assert_eq!(code(ask(&|c| c.used.right.event = EventId(77)).await), "event_mismatch");
    assert_eq!(code(ask(&|c| c.used.count = 0).await), "invalid_request");
    assert_eq!(code(ask(&|c| c.used.at.latest.0 = 0).await), "invalid_request");
    assert_eq!(code(ask(&|c| c.abandons = vec![c.used.claim; 65]).await), "invalid_request");
    let answer = ask(&|c| c.used.right.serial = Serial(9)).await.unwrap();
    assert_eq!(refusal(answer), Some(ClaimRefusal::NotIssued));
    assert_eq!(h.store.stats(event).await.unwrap().head, head);
    // What the claim says of its device doesn't count: the credential does.
    let answer = ask(&|c| (c.used.device.0, c.used.gate.0) = (55, 2)).await.unwrap();
    assert_eq!(refusal(answer), None);
    let state = h.followed(event).await;
    let grant = state.right(serial).unwrap().grants[0].used;
    assert_eq!((grant.device, grant.gate, grant.kind), (gate.device, gate.gate, UseKind::Entry));
    let answer = h
        .store
        .claim(gate.actor(), kaisatsu_shared::id::DeviceId(9), good.clone(), everywhere())
        .await;
    assert_eq!(code(answer), "device_unknown");
}
