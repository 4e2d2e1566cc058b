//! Every operation of a person or a device leaves its audit row: who, what, when, from which
//! address. Exports and refusals do too.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use kaisatsu_shared::right::Authority;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, Server, VALID, right_of};

fn now() -> u64 {
    u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The trail, read at the command line; remembers what was seen.
struct Trail<'a> {
    installation: &'a Installation,
    seen: u64,
    at: u64,
}

impl<'a> Trail<'a> {
    fn new(installation: &'a Installation) -> Self {
        let mut trail = Self { installation, seen: 0, at: now() };
        trail.fresh();
        trail
    }

    fn fresh(&mut self) -> Vec<Value> {
        let rows = self.installation.json(&["audit", "list", "--limit", "1000"]);
        let rows = rows.as_array().unwrap().iter();
        let number = |row: &Value| row["sequence"].as_u64().unwrap();
        let fresh: Vec<_> = rows.filter(|row| number(row) > self.seen).cloned().collect();
        self.seen = fresh.last().map_or(self.seen, number);
        fresh
    }

    /// The last operation left one row with this action, and the row says who, to what, when and
    /// from where.
    fn says(&mut self, who: (&str, &str), action: &str, object: &str, outcome: &str) {
        let (from, to) = (std::mem::replace(&mut self.at, now()), now());
        let rows = self.fresh();
        let found: Vec<_> = rows.iter().filter(|row| row["action"] == action).collect();
        assert_eq!(found.len(), 1, "{action}: {rows:?}");
        let row = found[0];
        assert_eq!((&row["object"], &row["outcome"]), (&json!(object), &json!(outcome)), "{row}");
        let actor = &row["actor"];
        assert_eq!((&actor["kind"], &actor["id"]), (&json!(who.0), &json!(who.1)), "{row}");
        let over_http = who.0 != "cli";
        let address = if over_http { json!("127.0.0.1") } else { Value::Null };
        assert_eq!(actor["address"], address, "{row}");
        assert_eq!(actor["request_id"].is_string(), over_http, "{row}");
        let at = row["at"].as_u64().unwrap();
        assert!((from..=to).contains(&at), "{at} is not in {from}..={to}: {row}");
    }

    /// Waits for a row that needn't be there when its request is answered.
    async fn hears(&mut self, who: (&str, &str), action: &str, object: &str, outcome: &str) {
        let expected = [action, object, outcome, who.0, who.1, "127.0.0.1"].map(|text| json!(text));
        let begun = Instant::now();
        loop {
            for row in self.fresh() {
                let actor = &row["actor"];
                let said = [&row["action"], &row["object"], &row["outcome"], &actor["kind"]];
                let said = [&said[..], &[&actor["id"], &actor["address"]]].concat();
                if said.into_iter().eq(&expected) {
                    return;
                }
            }
            assert!(begun.elapsed() < Duration::from_secs(10), "no row {expected:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

#[test]
fn operations_at_the_command_line() {
    let installation = Installation::with_event();
    installation.issue(3);
    let out = installation.path("more");
    let id = nix::unistd::getuid().to_string();
    let add_type = [&["type", "add", "Day", "--event", "1"][..], &VALID].concat();
    let issue = ["ticket", "issue", "--event", "1", "--type", "1", "--count", "2", "--out"];
    let issue = [&issue[..], &[out.to_str().unwrap()]].concat();
    let enrol = ["device", "enrol", "--event", "1", "--gate", "1", "--name", "Lane"];
    let cases: [(&[&str], &str, &str, &str); 17] = [
        (&["event", "create", "Other"], "event.create", "event/2", "ok"),
        (&["gate", "add", "East", "--event", "1"], "gate.add", "event/1/gate/3", "ok"),
        (&add_type, "type.add", "event/1/type/3", "ok"),
        (&["event", "rotate-key", "--event", "1"], "key.rotate", "event/1/key/2", "ok"),
        (&issue, "ticket.issue", "event/1/tickets/3-4", "ok"),
        (&["ticket", "void", "1", "--event", "1"], "ticket.void", "event/1/ticket/1", "ok"),
        (&["ticket", "reissue", "2", "--event", "1"], "ticket.reissue", "event/1/ticket/2", "ok"),
        (&["ticket", "display", "0", "--event", "1"], "ticket.show", "event/1/ticket/0", "ok"),
        (&["token", "create", "T", "--allow", "all"], "token.create", "token/1", "ok"),
        (&["token", "revoke", "1"], "token.revoke", "token/1", "ok"),
        (&enrol, "device.announce", "event/1/device/1", "ok"),
        (&["device", "revoke", "1", "--event", "1"], "device.revoke", "event/1/device/1", "ok"),
        (
            &["device", "revoke", "1", "--event", "1"],
            "device.revoke",
            "event/1/device/1",
            "repeated",
        ),
        (&["ledger", "export", "--event", "1"], "ledger.export", "event/1/ledger", "ok"),
        (&["journal", "export", "--device", "1"], "journal.export", "event/1/device/1", "ok"),
        (&["conflict", "list", "--event", "1"], "conflict.list", "event/1/conflicts", "ok"),
        (&["quarantine", "list", "--event", "1"], "quarantine.list", "event/1/quarantine", "ok"),
    ];
    let mut trail = Trail::new(&installation);
    for (arguments, action, object, outcome) in cases {
        installation.cli(arguments).ok();
        trail.says(("cli", &id), action, object, outcome);
    }
    // An export that is refused is in the trail too.
    installation.cli(&["journal", "export", "--device", "9"]).fails(2);
    trail.says(("cli", &id), "journal.export", "device/9", "device_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_over_http() {
    let installation = Installation::with_event();
    installation.issue(3);
    let token = installation.token("all", None);
    let server = installation.serve();
    let name = json!({ "ja": "東", "en": "East" });
    let event = json!({ "name": name, "zone": "Asia/Tokyo", "policy": "available" });
    let day = json!({
        "name": name, "display": "static", "valid_from": 1_767_193_200, "valid_until": 4_102_412_400_u64,
    });
    let issue = json!({ "ticket_type": 1, "tickets": [{}] });
    let lane = json!({ "gate": 1, "name": "Lane" });
    let none = Value::Null;
    let cases = [
        ("", &event, "event.create", "event/2"),
        ("/1/gates", &json!({ "name": name }), "gate.add", "event/1/gate/3"),
        ("/1/types", &day, "type.add", "event/1/type/3"),
        ("/1/keys", &json!({}), "key.rotate", "event/1/key/2"),
        ("/1/tickets", &issue, "ticket.issue", "event/1/tickets/3-3"),
        ("/1/tickets/1/void", &json!({ "reason": "lost" }), "ticket.void", "event/1/ticket/1"),
        ("/1/tickets/2/reissue", &json!({}), "ticket.reissue", "event/1/ticket/2"),
        ("/1/devices", &lane, "device.announce", "event/1/device/1"),
        ("/1/devices/1/revoke", &json!({}), "device.revoke", "event/1/device/1"),
        ("/1/ledger", &none, "ledger.export", "event/1/ledger"),
        ("/1/conflicts", &none, "conflict.list", "event/1/conflicts"),
        ("/1/quarantine", &none, "quarantine.list", "event/1/quarantine"),
    ];
    let mut trail = Trail::new(&installation);
    for (path, body, action, object) in cases {
        let path = format!("/api/v1/events{path}");
        let request = if body.is_null() { server.get(&path) } else { server.post(&path, body) };
        let answer = request.bearer_auth(&token).header("idempotency-key", action).send().await;
        let answer = answer.unwrap();
        let status = answer.status();
        assert!(status.is_success(), "{path}: {}", answer.text().await.unwrap());
        trail.says(("token", "1"), action, object, "ok");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_of_a_device() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut trail = Trail::new(&installation);
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let from = trail.at;
    let rows = trail.fresh();
    let enrolled = rows.iter().find(|row| row["action"] == "device.enrol").unwrap();
    let actor = &enrolled["actor"];
    assert_eq!((&actor["kind"], &actor["address"]), (&json!("stranger"), &json!("127.0.0.1")));
    assert_eq!(
        (&enrolled["object"], &enrolled["outcome"]),
        (&json!("event/1/device/1"), &json!("ok"))
    );
    assert!((from..=now()).contains(&enrolled["at"].as_u64().unwrap()), "{enrolled}");

    let device = ("device", "1");
    trail.at = now();
    gate.session().await;
    trail.says(device, "device.session", "event/1/device/1", "ok");
    let right = right_of(gate.installation, &text);
    gate.claim(gate.used(right, 1)).await;
    trail.says(device, "ticket.claim", "event/1/ticket/0", "granted");
    let mut used = gate.used(right, 1);
    used.authority = Authority::Server;
    gate.redeem(used).await;
    trail.says(device, "journal.upload", "event/1/device/1/1-1", "ok");

    // Refused before the store hears of it: a claim for another gate.
    let mut used = gate.used(right, 2);
    used.gate = gate.other_gate();
    assert_eq!(gate.try_claim(used).await.status(), StatusCode::CONFLICT);
    trail.hears(device, "ticket.claim", "event/1/device/1", "claim_mismatch").await;
    installation.cli(&["device", "revoke", "1", "--event", "1"]).ok();
    let refused = gate.request(reqwest::Method::GET, "bundle").send().await.unwrap();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    trail.hears(device, "device.request", "event/1/device/1", "device_revoked").await;
}

async fn status(server: &Server, path: &str, token: Option<&str>) -> u16 {
    let mut request = server.get(path);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn refusals_are_in_the_trail_but_do_not_fill_it() {
    let installation = Installation::with_event();
    let token = installation.token("event:read", None);
    let server = installation.serve();
    let mut trail = Trail::new(&installation);
    let stranger = ("stranger", "");
    let (event, bundle) = ("/api/v1/events/1", "/api/v1/device/bundle");
    assert_eq!(status(&server, event, None).await, 401);
    trail.hears(stranger, "api.request", "event/1", "unauthenticated").await;
    assert_eq!(status(&server, event, Some("kst_nobody")).await, 401);
    trail.hears(stranger, "api.request", "event/1", "token_unknown").await;
    assert_eq!(status(&server, "/api/v1/events/1/ledger", Some(&token)).await, 403);
    trail.hears(("token", "1"), "api.request", "event/1", "forbidden").await;
    assert_eq!(status(&server, bundle, Some("kds_nobody")).await, 401);
    trail.hears(stranger, "device.request", "device", "session_invalid").await;
    let public = kaisatsu_shared::key::DeviceKey::from_seed([1; 32]).public();
    let guess = json!({ "code": "0000-0000-0000-0000", "public": public });
    let enrol = async || {
        let answer = server.post("/api/v1/device/enrol", &guess).send().await.unwrap();
        assert_eq!(answer.status(), 404);
    };
    enrol().await;
    trail.hears(stranger, "device.enrol", "device", "enrolment_unknown").await;

    for _ in 0..50 {
        status(&server, event, Some("kst_nobody")).await;
        enrol().await;
    }
    // What was counted is written when the server stops, or when the minute is over.
    server.stop();
    let rows = trail.fresh();
    let outcomes: Vec<_> = rows.iter().map(|row| row["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["token_unknown x50", "enrolment_unknown x50"], "{rows:?}");
    let actor = &rows[0]["actor"];
    assert_eq!((&actor["kind"], &actor["address"]), (&json!("stranger"), &json!("127.0.0.1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn refused_sessions_are_in_the_trail() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let mut trail = Trail::new(&installation);
    let stranger = ("stranger", "");
    let session = json!({
        "credential": gate.credential,
        "challenge": "00",
        "signature": "0".repeat(128),
    });
    let answer = server.post("/api/v1/device/session", &session).send().await.unwrap();
    assert_eq!(answer.status(), 401, "{}", answer.text().await.unwrap());
    trail.hears(stranger, "device.session", "device", "challenge_refused").await;
    let challenge = server.post("/api/v1/device/challenge", &json!({})).send().await.unwrap();
    let challenge: Value = challenge.json().await.unwrap();
    let session = json!({
        "credential": gate.credential,
        "challenge": challenge["challenge"],
        "signature": "0".repeat(128),
    });
    let answer = server.post("/api/v1/device/session", &session).send().await.unwrap();
    assert_eq!(answer.status(), 401, "{}", answer.text().await.unwrap());
    trail.hears(stranger, "device.session", "device", "challenge_unsigned").await;
}
