//! Looking tickets up from a gate: off unless the event says so, on record, and not too often.

use kaisatsu_shared::{
    id::{OperatorId, Serial},
    sync::{SearchAnswer, SearchQuery, SearchRequest},
};
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, Server, client, right_of};

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

/// What an organiser's program is answered.
async fn find(server: &Server, token: &str, query: Value) -> (u16, Value) {
    let request = server.post("/api/v1/events/1/tickets/search", &query).bearer_auth(token);
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn organisers_look_tickets_up_whatever_gates_may_and_each_look_is_on_record() {
    let installation = with_holder();
    installation.json(&["ticket", "void", "0", "--event", "1", "--reason", "refunded"]);
    let unnamed = installation.issue(1).remove(0);
    let server = installation.serve();
    let token = installation.token("holder:read", None);
    let expected = json!({
        "tickets": [{ "serial": 0, "ticket_type": 1, "name": NAME, "kana": "ヤマダ ハナコ",
            "status": "voided", "text": { "ja": "失効", "en": "void" }, "entered": 0 }],
        "more": false,
    });
    for query in [json!({ "name": "ﾔﾏﾀﾞ" }), json!({ "code": 0 })] {
        assert_eq!(find(&server, &token, query).await, (200, expected.clone()));
    }
    let (_, other) = find(&server, &token, json!({ "code": 1 })).await;
    let other = &other["tickets"][0];
    assert_eq!((&other["status"], &other["name"]), (&json!("unused"), &Value::Null));
    let nothing = json!({ "tickets": [], "more": false });
    for query in [json!({ "name": "佐藤" }), json!({ "code": 9 })] {
        assert_eq!(find(&server, &token, query).await, (200, nothing.clone()));
    }
    // The server reads on another connection than the one that records.
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    gate.redeem(gate.used(right_of(gate.installation, &unnamed), 1)).await;
    let (_, used) = find(&server, &token, json!({ "code": 1 })).await;
    let used = &used["tickets"][0];
    assert_eq!((&used["status"], &used["entered"]), (&json!("used"), &json!(1)));

    let (status, short) = find(&server, &token, json!({ "name": "山" })).await;
    assert_eq!((status, &short["code"]), (400, &json!("name_short")));
    let (status, body) = find(&server, &token, json!({ "email": "a@b.c" })).await;
    assert_eq!((status, &body["code"]), (422, &json!("invalid_body")));
    let other = installation.token("ticket:read,ticket:show,ledger:read", None);
    assert_eq!(find(&server, &other, json!({ "code": 0 })).await.0, 403);

    let rows = installation.json(&["audit", "list", "--event", "1", "--limit", "1000"]);
    let rows: Vec<_> = rows.as_array().unwrap().iter().collect();
    let looks = rows.iter().filter(|row| row["action"] == "ticket.search");
    let outcomes: Vec<_> = looks.clone().map(|row| row["outcome"].as_str().unwrap()).collect();
    let found = ["found x1", "found x1", "found x1", "found x0", "found x0", "found x1"];
    assert_eq!(outcomes, [&found[..], &["name_short"]].concat());
    assert!(looks.clone().all(|row| row["object"] == "event/1" && row["actor"]["kind"] == "token"));
    for personal in ["山田", "花子", "ﾔﾏﾀﾞ", "ヤマダ", "佐藤"] {
        let rows = serde_json::to_string(&rows).unwrap();
        assert!(!rows.contains(personal) && !server.log().contains(personal), "{personal}");
    }
    server.stop();
}

#[test]
fn an_organiser_reads_what_was_found_in_a_table() {
    let installation = with_holder();
    let search = ["ticket", "search", "--event", "1"];
    let lines = |arguments: &[&str]| {
        let text = installation.cli(&[&search[..], arguments].concat()).ok();
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
    };
    let english: Vec<String> = lines(&["花子", "--lang", "en"]);
    assert_eq!(
        english,
        ["TICKET NAME READING TYPE STATE ENTERED", "0 山田 花子 ヤマダ ハナコ General not used 0"]
    );
    let japanese: Vec<String> = lines(&["0", "--lang", "ja"]);
    assert_eq!(japanese[1], "0 山田 花子 ヤマダ ハナコ 一般 未使用 0");
    let nobody: Vec<String> = lines(&["佐藤"]);
    assert_eq!(nobody, ["none"]);
    let short = installation.cli(&[&search[..], &["山", "--json"]].concat());
    assert_eq!(short.problem(2)["code"], "name_short");
    let unknown = installation.cli(&["ticket", "search", "--event", "9", "0", "--json"]);
    assert_eq!(unknown.problem(2)["code"], "event_unknown");
    // Out of sight of other users of the machine.
    let mut command = installation.command();
    command.args(search).args(["-", "--json"]).stdin(std::process::Stdio::piped());
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), "やまだ\n".as_bytes()).unwrap();
    let found: Value = serde_json::from_slice(&child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(found["tickets"][0]["name"], NAME);
    // Fifty at most, and the organiser is told that there are more.
    let file = installation.path("many.csv");
    let many: String = (0..51).map(|number| format!("鈴木 {number},,,,\n")).collect();
    std::fs::write(&file, format!("name,kana,email,type,note\n{many}")).unwrap();
    let (file, out) = (file.to_str().unwrap(), installation.path("many"));
    let issue = ["ticket", "issue", "--event", "1", "--type", "1", "--csv", file, "--out"];
    installation.json(&[&issue[..], &[out.to_str().unwrap()]].concat());
    let many = installation.json(&[&search[..], &["鈴木"]].concat());
    assert_eq!((many["tickets"].as_array().unwrap().len(), &many["more"]), (50, &json!(true)));
    let told = installation.cli(&[&search[..], &["鈴木"]].concat()).ok();
    assert!(told.ends_with("There are more; give more of the name.\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_only_scans_looks_nothing_up() {
    let (installation, server, gate) = started().await;
    set(&installation, &json!({ "by": "code" }));
    let (writes, reads) =
        (installation.token("device:write", None), installation.token("device:read", None));
    let role = async |device: u32, token: &str, role: &str| {
        let url = server.url(&format!("/api/v1/events/1/devices/{device}/role"));
        let body = json!({ "role": role });
        let answer = client().post(url).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let number = || SearchQuery::Code(Serial(0));
    assert_eq!(ask(&gate, number()).await.status(), 200);
    assert_eq!(role(1, &reads, "scanner").await.0, 403);
    let (status, device) = role(1, &writes, "scanner").await;
    assert_eq!((status, &device["role"]), (200, &json!("scanner")));
    assert_eq!(problem(ask(&gate, number()).await, 403).await, "device_role");
    assert_eq!(role(1, &writes, "anything").await.0, 422);
    assert_eq!(role(9, &writes, "staffed").await.1["code"], "device_unknown");
    let audit = installation.json(&["audit", "list", "--event", "1"]).to_string();
    assert!(audit.contains("device.role"), "{audit}");
}
