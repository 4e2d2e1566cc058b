use kaisatsu_shared::{
    display::clock::STEP_SECONDS,
    id::{EventId, Serial, TypeId},
    ledger::{ReissueReason, VoidReason},
    sync::ClaimRefusal,
    time::UnixSeconds,
    token::{self, ModePart},
};
use serde_json::json;

use super::harness::{Backend, Harness, cli, refusal, seconds, text};
use crate::{
    issuing::LEAD,
    store::{StoreError, types::*},
};

const DAY: u64 = 86_400;

/// The harness's event with the types 4 (static) and 5 (clock), whose tickets renew: valid for 30 days.
async fn event<B: Backend>(h: &Harness<B>) -> EventId {
    let event = h.event().await;
    for display in [token::Mode::Static, token::Mode::Clock] {
        let request = AddType {
            event,
            name: text("Monthly"),
            entries: 0,
            display,
            gates: vec![],
            valid_from: seconds(0),
            valid_until: seconds(30 * DAY),
            renewing: true,
        };
        assert!(h.store.add_type(cli(), request).await.unwrap().ticket_type.renewing);
    }
    event
}

fn until(first: Serial, count: u32, until: u64) -> RenewTickets {
    RenewTickets { first, count, from: None, until: seconds(until), shorten: false }
}

pub(crate) async fn renewed_tickets_keep_their_code<B: Backend>(h: &Harness<B>) {
    let event = event(h).await;
    let serial = h.issue(event, 4, 3).await;
    let gate = h.device(event, 1).await;
    let code = h.shown(event, serial).await;
    let right = h.right(event, serial).await;
    assert_eq!(refusal(h.claim(&gate, right, 1, &[]).await), None);
    let month = Validity { from: seconds(0), until: seconds(30 * DAY) };
    assert_eq!(h.followed(event).await.roster().validity(serial), Some(month));

    h.pass(30 * DAY * 1_000 - 1);
    assert_eq!(refusal(h.claim(&gate, right, 2, &[1]).await), None, "the last millisecond");
    h.pass(1);
    assert_eq!(refusal(h.claim(&gate, right, 3, &[2]).await), Some(ClaimRefusal::Expired));
    let renewed = h.store.renew(cli(), event, until(serial, 1, 60 * DAY)).await.unwrap();
    assert_eq!(renewed, RenewedTickets { renewed: 1, unchanged: 0, voided: vec![] });
    assert_eq!(refusal(h.claim(&gate, right, 4, &[3]).await), None, "the same code goes on");
    assert_eq!(h.shown(event, serial).await, code);
    let again = h.store.renew(cli(), event, until(serial, 1, 60 * DAY)).await.unwrap();
    assert_eq!(again, RenewedTickets { renewed: 0, unchanged: 1, voided: vec![] });

    let info = h.store.ticket(event, serial).await.unwrap();
    let both = Validity { from: seconds(0), until: seconds(60 * DAY) };
    assert_eq!(info.validity, both);
    let told: Vec<_> = info.history.iter().filter_map(|row| row.validity).collect();
    assert_eq!(told, [month, both], "issued, renewed");
    let neighbour = h.store.ticket(event, Serial(serial.0 + 1)).await.unwrap();
    let told: Vec<_> = neighbour.history.iter().filter_map(|row| row.validity).collect();
    assert_eq!((neighbour.validity, told), (month, vec![month]));
    let printed = h.store.print(cli(), event, serial, 1).await.unwrap();
    assert_eq!(printed[0].shown.as_ref().unwrap().validity, both);
    assert_eq!(printed[0].shown.as_ref().unwrap().text, token::encode(&code));

    // The next generation has the same dates.
    h.store.reissue(cli(), event, serial, ReissueReason::Lost).await.unwrap();
    let next = h.right(event, serial).await;
    assert_eq!(refusal(h.claim(&gate, right, 5, &[4]).await), Some(ClaimRefusal::Superseded));
    assert_eq!(refusal(h.claim(&gate, next, 6, &[4]).await), None);
    assert_eq!(h.store.ticket(event, serial).await.unwrap().validity, both);

    let outcomes: Vec<_> = h
        .store
        .audit(AuditQuery::default())
        .await
        .unwrap()
        .into_iter()
        .filter(|row| row.action == "ticket.renew")
        .map(|row| (row.object, row.outcome))
        .collect();
    let object = format!("event/{event}/ticket/{serial}");
    let told = |outcome: &str| (object.clone(), outcome.to_owned());
    assert_eq!(outcomes, [told("repeated"), told("ok")]);
}

pub(crate) async fn tickets_renew_all_or_none<B: Backend>(h: &Harness<B>) {
    let event = event(h).await;
    let fixed = h.issue(event, 1, 1).await;
    let first = h.issue(event, 4, 5).await;
    let head = h.store.stats(event).await.unwrap().head;
    let refused = async |request| h.store.renew(cli(), event, request).await.unwrap_err();
    assert_eq!(refused(until(fixed, 1, 60 * DAY)).await, StoreError::TicketFixed(fixed, TypeId(1)));
    let mixed = refused(until(fixed, 6, 60 * DAY)).await;
    assert_eq!(mixed, StoreError::TicketFixed(fixed, TypeId(1)));
    let past_the_end = refused(until(first, 6, 60 * DAY)).await;
    assert_eq!(past_the_end, StoreError::TicketUnknown(Serial(first.0 + 5)));
    let last = refused(until(Serial(u32::MAX), 1, 60 * DAY)).await;
    assert_eq!(last, StoreError::TicketUnknown(Serial(u32::MAX)));
    assert_eq!(refused(until(first, 1, 30 * DAY - 1)).await, StoreError::RenewalShortens(first));
    let later = RenewTickets { from: Some(seconds(1)), ..until(first, 1, 60 * DAY) };
    assert_eq!(refused(later).await, StoreError::RenewalShortens(first));
    let empty = RenewTickets { from: Some(seconds(60 * DAY)), ..until(first, 1, 60 * DAY) };
    assert_eq!(refused(empty).await, StoreError::EmptyValidity);
    for count in [0, 1_025, u32::MAX] {
        assert_eq!(refused(until(first, count, 60 * DAY)).await.code(), "invalid_request");
    }
    assert_eq!(h.store.stats(event).await.unwrap().head, head, "nothing was recorded");

    // What is asked for plainly is done, at once for later claims.
    let right = h.right(event, first).await;
    let gate = h.device(event, 1).await;
    let short = RenewTickets { shorten: true, ..until(first, 1, 1) };
    h.store.renew(cli(), event, short).await.unwrap();
    h.pass(1_000);
    assert_eq!(refusal(h.claim(&gate, right, 1, &[]).await), Some(ClaimRefusal::Expired));
    let later = RenewTickets { from: Some(seconds(2)), ..until(first, 1, 60 * DAY) };
    h.store.renew(cli(), event, later).await.unwrap();
    assert_eq!(refusal(h.claim(&gate, right, 2, &[]).await), Some(ClaimRefusal::NotYetValid));
    h.pass(1_000);
    assert_eq!(refusal(h.claim(&gate, right, 3, &[]).await), None);

    // Of several, voided ones are left out; what had the dates before isn't recorded again.
    let voided = Serial(first.0 + 2);
    h.store.void(cli(), event, voided, VoidReason::Refunded).await.unwrap();
    assert_eq!(refused(until(voided, 1, 60 * DAY)).await, StoreError::TicketVoided(voided));
    let head = h.store.stats(event).await.unwrap().head;
    let renewed = h.store.renew(cli(), event, until(first, 5, 60 * DAY)).await.unwrap();
    assert_eq!(renewed, RenewedTickets { renewed: 3, unchanged: 1, voided: vec![voided] });
    let runs = h.store.stats(event).await.unwrap().head - head;
    assert_eq!(runs, 2, "one entry for each run");
    let state = h.followed(event).await;
    let ends = (first.0..first.0 + 5).map(|serial| state.roster().validity(Serial(serial)));
    let ends: Vec<_> = ends.map(|validity| validity.unwrap().until).collect();
    let [old, new] = [seconds(30 * DAY), seconds(60 * DAY)];
    assert_eq!(ends, [new, new, old, new, new]);
}

pub(crate) async fn renewing_is_settled_before_tickets_are_issued<B: Backend>(h: &Harness<B>) {
    let event = event(h).await;
    let set = async |renewing: serde_json::Value| {
        let rules = serde_json::from_value(json!({ "types": [{"id": 4, "renewing": renewing}] }));
        h.store.set_rules(cli(), event, rules.unwrap()).await
    };
    let renewing = |info: EventInfo| info.types[3].ticket_type.renewing;
    assert!(!renewing(set(json!(false)).await.unwrap()));
    assert!(renewing(set(json!(true)).await.unwrap()));
    assert!(renewing(set(json!(null)).await.unwrap()), "who doesn't say it keeps it");
    h.issue(event, 4, 1).await;
    assert_eq!(set(json!(false)).await, Err(StoreError::RenewingFixed(TypeId(4))));
    assert!(renewing(set(json!(true)).await.unwrap()), "it says what is so");
    assert!(h.bundle(event).await.ticket_type(TypeId(4)).unwrap().renewing);
    let rules = serde_json::from_value(json!({ "types": [{"id": 1, "renewing": true}] })).unwrap();
    h.issue(event, 1, 1).await;
    let fixed = h.store.set_rules(cli(), event, rules).await;
    assert_eq!(fixed, Err(StoreError::RenewingFixed(TypeId(1))));
}

pub(crate) async fn rows_of_one_chunk_may_have_dates_of_their_own<B: Backend>(h: &Harness<B>) {
    let event = event(h).await;
    let year = Validity { from: seconds(0), until: seconds(365 * DAY) };
    let row = |validity| NewTicket { validity, ..NewTicket::default() };
    let rows = vec![row(None), row(None), row(Some(year)), row(None)];
    let (ticket_type, job) = (TypeId(4), JobId([3; 32]));
    let chunk = IssueChunk { event, ticket_type, job, first_row: 0, rows };
    h.store.issue(cli(), chunk.clone()).await.unwrap();
    assert!(h.store.issue(cli(), chunk).await.unwrap().repeated);
    let state = h.followed(event).await;
    let ends: Vec<_> =
        (0..4).map(|serial| state.roster().validity(Serial(serial)).unwrap().until).collect();
    let month = seconds(30 * DAY);
    assert_eq!(ends, [month, month, year.until, month]);
    assert_eq!(h.store.stats(event).await.unwrap().head, 4, "issued, and three runs of dates");
}

pub(crate) async fn a_clock_display_gets_its_next_chain_in_time<B: Backend>(h: &Harness<B>) {
    let event = event(h).await;
    let serial = h.issue(event, 5, 1).await;
    let show = async |after: u64| {
        let shown = h.store.show(cli(), event, serial, seconds(after)).await.unwrap();
        let body = token::decode(&shown.text).unwrap().token.body;
        let kind = h.store.event(event).await.unwrap().types[4].ticket_type.clone();
        let print = kind.fingerprint(h.store.installation(), &body);
        let ModePart::Clock(part) = body.mode else { panic!("a clock") };
        (part, (body.generation, print), shown)
    };
    let end = |part: token::ClockPart| {
        u64::from(part.start.0) + (u64::from(part.steps) + 1) * u64::from(STEP_SECONDS)
    };
    let (first, ticket, _) = show(0).await;
    let ends = end(first) - u64::from(seconds(0).0);
    // A page that is opened a day before the chain's end gets by with it, a later one doesn't.
    let lead = u64::from(LEAD);
    assert_eq!(show(ends - lead - 1).await.0, first);
    let (second, same, _) = show(ends - lead).await;
    assert_ne!(second, first);
    assert_eq!(same, ticket, "the same generation with the same fingerprint");
    assert!(end(second) - u64::from(seconds(ends).0) > 6 * DAY);
    // What was shown with the first chain is still the ticket's: only the page changed.
    assert_eq!(h.store.ticket(event, serial).await.unwrap().generation, ticket.0);
    for day in (0..30).step_by(2) {
        let (part, same, _) = show(day * DAY).await;
        let needed = u64::from(seconds((day + 1).min(30) * DAY).0);
        assert!(end(part) >= needed, "day {day}");
        assert_eq!(same, ticket, "day {day}");
    }
    // The right's end counts, not the one in the token: a renewed pass gets a chain for longer.
    let (last, _, shown) = show(29 * DAY + 60).await;
    assert_eq!(shown.validity.until, seconds(30 * DAY));
    assert!(end(last) < u64::from(seconds(30 * DAY).0) + 60);
    h.store.renew(cli(), event, until(serial, 1, 60 * DAY)).await.unwrap();
    let (longer, same, shown) = show(29 * DAY + 60).await;
    assert_eq!((same, shown.validity.until), (ticket, seconds(60 * DAY)));
    assert!(end(longer) > u64::from(seconds(31 * DAY).0));
    let body = token::decode(&shown.text).unwrap().token.body;
    let at_issue: [UnixSeconds; 2] = [seconds(0), seconds(30 * DAY)];
    assert_eq!(
        [body.valid_from, body.valid_until],
        at_issue,
        "the token says what it said at issue"
    );
}
