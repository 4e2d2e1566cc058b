//! Looking tickets up from a gate: off unless the event says so, on record, and not too often.

use kaisatsu_shared::{
    id::{OperatorId, Serial},
    sync::{SearchAnswer, SearchQuery, SearchRequest},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, Server};

/// A name that nothing but a gate's screen may show.
const NAME: &str = "山田 花子";

/// Event 1 with an operator and a ticket of [`NAME`].
fn with_holder() -> Installation {
    let installation = Installation::with_event();
    let add = ["operator", "add", "--event", "1", "--label", "North", "--role", "staff"];
    installation.json(&add);
    let file = installation.path("holders.csv");
    let csv = format!("name,kana,email,type,note\n{NAME},ヤマダ ハナコ,,,\n");
    std::fs::write(&file, csv).unwrap();
    let (file, out) = (file.to_str().unwrap(), installation.path("out"));
    let issue = ["ticket", "issue", "--event", "1", "--type", "1", "--csv", file, "--out"];
    installation.json(&[&issue[..], &[out.to_str().unwrap()]].concat());
    installation
}

fn set(installation: &Installation, search: &Value) {
    let file = installation.path("rules.json");
    std::fs::write(&file, json!({ "search": search }).to_string()).unwrap();
    installation.cli(&["rules", "set", "--event", "1", file.to_str().unwrap()]).ok();
}

async fn ask(gate: &Gate, query: SearchQuery) -> Response {
    let request = SearchRequest { operator: OperatorId(1), query };
    gate.request(Method::POST, "search").json(&request).send().await.unwrap()
}

fn name(text: &str) -> SearchQuery {
    SearchQuery::Name(text.to_owned())
}

async fn problem(answer: Response, status: u16) -> String {
    assert_eq!(answer.status(), status);
    let problem: Value = answer.json().await.unwrap();
    problem["code"].as_str().unwrap().to_owned()
}

async fn started() -> (Installation, Server, Gate) {
    let installation = with_holder();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    (installation, server, gate)
}

#[tokio::test(flavor = "multi_thread")]
async fn search_is_off_until_the_rules_allow_it_and_names_stay_hidden_unless_they_say_so() {
    let (installation, server, gate) = started().await;
    assert_eq!(problem(ask(&gate, name("山田")).await, 403).await, "search_off");
    let shown = installation.json(&["rules", "show", "--event", "1"]);
    assert_eq!(shown["search"], Value::Null);
    set(&installation, &json!({ "by": "code" }));
    assert_eq!(problem(ask(&gate, name("山田")).await, 403).await, "search_by_code");
    set(&installation, &json!({ "by": "name" }));
    assert_eq!(problem(ask(&gate, name("山")).await, 400).await, "name_short");
    for query in [name("ﾔﾏﾀﾞ"), SearchQuery::Code(Serial(0))] {
        let answer: SearchAnswer = ask(&gate, query).await.json().await.unwrap();
        assert_eq!((answer.hits.len(), &answer.hits[0].name), (1, &None));
    }
    set(&installation, &json!({ "by": "name", "names": true }));
    let shown = installation.json(&["rules", "show", "--event", "1"]);
    assert_eq!(shown["search"], json!({ "by": "name", "names": true, "admit": "leads" }));
    let answer: SearchAnswer = ask(&gate, name("hanako")).await.json().await.unwrap();
    assert_eq!(answer.hits, []);
    let answer: SearchAnswer = ask(&gate, name("花子")).await.json().await.unwrap();
    assert_eq!(answer.hits[0].name.as_deref(), Some(NAME));
    let nobody = json!({ "operator": 0, "query": { "code": 0 } });
    let nobody = gate.request(Method::POST, "search").json(&nobody).send().await.unwrap();
    assert_eq!(problem(nobody, 403).await, "search_operator");
    let stranger = server.post("/api/v1/device/search", &json!({})).send().await.unwrap();
    assert_eq!(problem(stranger, 401).await, "session_invalid");
    let audit = installation.cli(&["audit", "list", "--event", "1", "--json"]).ok();
    assert!(audit.contains("ticket.search") && audit.contains("found x1"), "{audit}");
    for personal in ["山田", "花子", "ﾔﾏﾀﾞ", "hanako"] {
        assert!(!audit.contains(personal) && !server.log().contains(personal), "{personal}");
    }
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_that_asks_too_often_is_told_when_to_ask_again() {
    let (installation, server, gate) = started().await;
    set(&installation, &json!({ "by": "code" }));
    let mut refused = None;
    for _ in 0..30 {
        let answer = ask(&gate, SearchQuery::Code(Serial(0))).await;
        if answer.status() != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("thirty searches in a row");
    let wait = refused.headers()["retry-after"].to_str().unwrap().parse::<u64>().unwrap();
    assert!((1..=2).contains(&wait), "{wait}");
    assert_eq!(problem(refused, 429).await, "search_too_often");
    let other = Gate::enrol(&installation, &server, 2).await;
    assert_eq!(ask(&other, SearchQuery::Code(Serial(0))).await.status(), 200);
    // The first refusal is on record at once, the rest is counted.
    let recorded = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let audit = installation.cli(&["audit", "list", "--event", "1", "--json"]).ok();
        audit.contains("search_too_often")
    });
    assert!(recorded);
    server.stop();
}
