use kaisatsu_shared::{
    id::{EventId, OperatorId, Serial, TypeId},
    ledger::VoidReason,
    operator::Role,
    reason::ReasonCode,
    sync::{MAX_HITS, SearchAnswer, SearchQuery, SearchRequest},
};
use serde_json::json;

use super::harness::{Backend, GateDevice, Harness, cli};
use crate::store::{StoreError, types::*};

const OPERATOR: OperatorId = OperatorId(1);

async fn issue_to<B: Backend>(h: &Harness<B>, event: EventId, names: &[(&str, &str)]) -> Serial {
    let row = |&(name, kana): &(&str, &str)| {
        let holder = Holder { name: name.into(), kana: kana.into(), ..Holder::default() };
        NewTicket { holder: Some(holder), ..NewTicket::default() }
    };
    let chunk = IssueChunk {
        event,
        ticket_type: TypeId(1),
        job: JobId(h.world().random().unwrap()),
        first_row: 0,
        rows: names.iter().map(row).collect(),
    };
    h.store.issue(cli(), chunk).await.unwrap().first
}

async fn set<B: Backend>(h: &Harness<B>, event: EventId, search: serde_json::Value) {
    let rules = serde_json::from_value(json!({ "search": search })).unwrap();
    h.store.set_rules(cli(), event, rules).await.unwrap();
}

async fn ask<B: Backend>(
    h: &Harness<B>,
    gate: &GateDevice,
    query: SearchQuery,
) -> Result<SearchAnswer, StoreError> {
    let request = SearchRequest { operator: OPERATOR, query };
    h.store.search(gate.actor(), gate.device, request).await
}

fn name(text: &str) -> SearchQuery {
    SearchQuery::Name(text.to_owned())
}

/// Numbers, reasons and names of what was found.
fn told(answer: &SearchAnswer) -> Vec<(u32, ReasonCode, Option<&str>)> {
    let hits = answer.hits.iter();
    hits.map(|hit| (hit.right.serial.0, hit.verdict.code, hit.name.as_deref())).collect()
}

/// An event whose gates search by name, with an operator.
async fn searched<B: Backend>(h: &Harness<B>) -> (EventId, GateDevice) {
    let event = h.event().await;
    let operator = AddOperator { event, label: "North".to_owned(), role: Role::Staff, pin: None };
    assert_eq!(h.store.add_operator(cli(), operator).await.unwrap().operator.id, OPERATOR);
    let names = [
        ("山田 花子", "ヤマダ ハナコ"),
        ("Hanako Yamada", ""),
        ("鈴木 一郎", "スズキ イチロウ"),
        ("Jürgen Müller", ""),
    ];
    issue_to(h, event, &names).await;
    set(h, event, json!({ "by": "name" })).await;
    let gate = h.device(event, 1).await;
    (event, gate)
}

pub(crate) async fn tickets_are_found_by_name_or_number<B: Backend>(h: &Harness<B>) {
    use ReasonCode::{Admitted, AlreadyUsed, Voided};
    let (event, mut gate) = searched(h).await;
    for (query, expected) in [
        (name("やまだ"), vec![0]),
        (name("ﾔﾏﾀﾞ"), vec![0]),
        (name("花子 山田"), vec![0]),
        (name("HANAKO"), vec![1]),
        (name("muller"), vec![3]),
        (name("さとう"), vec![]),
        (SearchQuery::Code(Serial(2)), vec![2]),
        (SearchQuery::Code(Serial(4)), vec![]),
        (SearchQuery::Code(Serial(u32::MAX)), vec![]),
    ] {
        let answer = ask(h, &gate, query.clone()).await.unwrap();
        let serials: Vec<_> = answer.hits.iter().map(|hit| hit.right.serial.0).collect();
        assert_eq!((serials, answer.more), (expected, false), "{query:?}");
        assert!(answer.hits.iter().all(|hit| hit.name.is_none()), "names weren't asked for");
    }
    // What is found is the right that the ticket itself names, and how it stands.
    let right = h.right(event, Serial(0)).await;
    let found = ask(h, &gate, name("山田")).await.unwrap();
    assert_eq!(found.hits[0].right, right);
    assert_eq!(told(&found), [(0, Admitted, None)]);
    let batch = gate.write(&[gate.redeemed(right, 1)]);
    h.store.upload(gate.actor(), gate.device, batch).await.unwrap();
    h.store.void(cli(), event, Serial(1), VoidReason::Refunded).await.unwrap();
    set(h, event, json!({ "by": "name", "names": true })).await;
    let both = ask(h, &gate, name("a")).await;
    assert_eq!(both, Err(StoreError::NameShort));
    let used = ask(h, &gate, name("ハナコ")).await.unwrap();
    assert_eq!(told(&used), [(0, AlreadyUsed, Some("山田 花子"))]);
    assert_eq!(used.hits[0].verdict.facts.last_use.unwrap().gate, gate.gate);
    let void = ask(h, &gate, SearchQuery::Code(Serial(1))).await.unwrap();
    assert_eq!(told(&void), [(1, Voided, Some("Hanako Yamada"))]);
    // Many of one name: the first, and that there are more.
    issue_to(h, event, &[("佐藤", ""); MAX_HITS]).await;
    assert!(!ask(h, &gate, name("佐藤")).await.is_ok_and(|answer| answer.more));
    issue_to(h, event, &[("佐藤 葵", "")]).await;
    let many = ask(h, &gate, name("佐藤")).await.unwrap();
    assert_eq!((many.hits.len(), many.more), (MAX_HITS, true));
}

pub(crate) async fn searches_need_the_events_leave_and_are_on_record<B: Backend>(h: &Harness<B>) {
    let (event, gate) = searched(h).await;
    let by_code = || SearchQuery::Code(Serial(0));
    set(h, event, json!(null)).await;
    assert_eq!(ask(h, &gate, by_code()).await, Err(StoreError::SearchOff));
    set(h, event, json!({ "by": "code" })).await;
    assert_eq!(ask(h, &gate, name("山田")).await, Err(StoreError::SearchByCode));
    assert_eq!(ask(h, &gate, by_code()).await.unwrap().hits.len(), 1);
    for operator in [OperatorId(0), OperatorId(9)] {
        let request = SearchRequest { operator, query: by_code() };
        let refused = h.store.search(gate.actor(), gate.device, request).await;
        assert_eq!(refused, Err(StoreError::SearchOperator));
    }
    set(h, event, json!({ "by": "name", "names": true })).await;
    assert_eq!(ask(h, &gate, name("山田")).await.unwrap().hits.len(), 1);
    // The row is there before the answer: who and how much, neither what nor whom.
    let rows = h.store.audit(AuditQuery::default()).await.unwrap();
    let row = &rows[0];
    assert_eq!((row.action.as_str(), row.outcome.as_str()), ("ticket.search", "found x1"));
    assert_eq!(row.object, format!("event/{event}/operator/1"));
    assert_eq!((row.actor.kind, &row.actor.id), (ActorKind::Device, &gate.device.to_string()));
    let outcomes = rows.iter().filter(|row| row.action == "ticket.search");
    let outcomes: Vec<_> = outcomes.map(|row| row.outcome.as_str()).collect();
    assert_eq!(
        outcomes,
        [
            "found x1",
            "search_operator",
            "search_operator",
            "found x1",
            "search_by_code",
            "search_off"
        ]
    );
    assert!(!format!("{rows:?}").contains("山田"));
    // A device that only scans looks nothing up.
    let scanner = DeviceRole::Scanner;
    let info = h.store.set_device_role(cli(), gate.device, scanner).await.unwrap();
    assert_eq!((info.role, h.store.device(gate.device).await.unwrap().role), (scanner, scanner));
    assert_eq!(ask(h, &gate, by_code()).await, Err(StoreError::DeviceRole(gate.device)));
    h.store.set_device_role(cli(), gate.device, DeviceRole::Staffed).await.unwrap();
    assert_eq!(ask(h, &gate, by_code()).await.unwrap().hits.len(), 1);
    h.store.revoke_device(cli(), gate.device).await.unwrap();
    assert_eq!(ask(h, &gate, by_code()).await, Err(StoreError::DeviceRevoked(gate.device)));
}
