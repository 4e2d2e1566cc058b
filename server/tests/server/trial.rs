//! Trying rules: the verdict with its trail, by command and over HTTP, and nothing recorded.

use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

/// Event 1 whose first type admits in a morning slot, 09:30 to 12:00 in Tokyo.
fn with_slot() -> Installation {
    let installation = Installation::with_event();
    let file = installation.path("rules.json");
    // 2027-05-15T09:30:00+09:00 and two and a half hours later.
    let rules = json!({
        "calendar": { "slots": [{ "id": 1, "name": { "ja": "午前", "en": "Morning" },
            "from": 1_810_341_000, "until": 1_810_350_000 }] },
        "types": [{ "id": 1, "admission": { "schedule": { "slots": [1] } } }],
    });
    std::fs::write(&file, rules.to_string()).unwrap();
    installation.cli(&["rules", "set", "--event", "1", file.to_str().unwrap()]).ok();
    installation
}

const TRY: [&str; 6] = ["rules", "try", "--event", "1", "--gate", "1"];

fn tried(installation: &Installation, arguments: &[&str]) -> Value {
    let tried = installation.json(&[&TRY, arguments].concat());
    let trail = tried["trail"].as_array().unwrap();
    assert_eq!(trail.last().unwrap()["said"], tried["code"], "the trail ends with the verdict");
    assert!(trail.iter().all(|step| step["text"]["ja"] != "" && step["text"]["en"] != ""));
    tried
}

fn audit(installation: &Installation) -> usize {
    let rows = installation.json(&["audit", "list", "--limit", "1000"]);
    rows.as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trial_tells_the_verdict_and_how_it_came_about_and_records_nothing() {
    let installation = with_slot();
    let text = installation.issue(2).remove(0);
    let ledger = || installation.cli(&["ledger", "export", "--event", "1"]).ok();
    let (before, rows) = (ledger(), audit(&installation));
    for ticket in ["0", text.as_str()] {
        let at = |at: &str| tried(&installation, &["--ticket", ticket, "--at", at]);
        let early = at("2027-05-15T09:12");
        assert_eq!((&early["outcome"], &early["code"]), (&json!("deny"), &json!("slot_not_open")));
        assert_eq!(early["sentence"]["en"], "Morning opens 09:30, now 09:12");
        let slots = early["trail"].as_array().unwrap().last().unwrap();
        assert_eq!(slots["text"]["en"], "slots: Morning 09:30–12:00, now 09:12 → slot_not_open");
        assert_eq!(slots["text"]["ja"], "時間枠: 午前 09:30〜12:00（09:12 現在） → slot_not_open");
        assert_eq!(at("2027-05-15T09:30")["code"], "admitted");
        assert_eq!(at("2027-05-15T09:28..09:32")["code"], "clock_unsure");
        assert_eq!(at("2027-05-15T09:20..09:22")["code"], "slot_not_open");
    }
    // As often as one likes: a trial is no use.
    let open = ["--ticket", "0", "--at", "2027-05-15T10:00"];
    let again = tried(&installation, &open);
    assert_eq!(again["code"], "admitted");
    assert_eq!(tried(&installation, &[&open[..], &["--offline"]].concat())["code"], "admitted");
    let out = tried(&installation, &[&open[..], &["--direction", "exit"]].concat());
    assert_eq!(out["code"], "exited_unseen");
    // The export leaves a row of its own, so the trail is read before it.
    assert_eq!(audit(&installation), rows, "nothing is in the audit trail");
    assert_eq!(ledger(), before, "nothing is in the ledger");
    let asked = |trail: &Value, family: &str| {
        trail["trail"].as_array().unwrap().iter().any(|step| step["family"] == family)
    };
    assert!(asked(&again, "named") && asked(&again, "claim") && !asked(&again, "code"));
    assert!(!text.is_empty() && !again.to_string().contains(&text[20..60]));
}

#[test]
fn people_read_it_in_their_language() {
    let installation = with_slot();
    installation.issue(1);
    let arguments = ["--ticket", "0", "--at", "2027-05-15T09:12"];
    let english = installation.cli(&[&TRY[..], &arguments].concat()).ok();
    assert!(english.starts_with("不可 / STOP  slot_not_open\nMorning opens 09:30"), "{english}");
    let japanese = installation.cli(&[&TRY[..], &arguments, &["--lang", "ja"]].concat()).ok();
    assert!(japanese.contains("\n> 時間枠: 午前"), "{japanese}");
    let admitted = ["--ticket", "0", "--at", "2027-05-15T10:00"];
    let admitted = installation.cli(&[&TRY[..], &admitted].concat()).ok();
    assert!(admitted.contains("  display: none was shown, taken as fresh → ok"), "{admitted}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_tried_before_it_is_set_and_claims_under_way_count() {
    let installation = with_slot();
    let text = installation.issue(1).remove(0);
    let draft = installation.path("draft.json");
    let (open, file) = (["--ticket", "0", "--at", "2027-05-15T10:00"], draft.to_str().unwrap());
    let with_draft = [&open[..], &["--rules", file]].concat();
    std::fs::write(&draft, r#"{"types": [{"id": 1, "gates": [2]}]}"#).unwrap();
    let elsewhere = tried(&installation, &with_draft);
    assert_eq!(elsewhere["code"], "wrong_gate");
    assert_eq!(elsewhere["sentence"]["en"], "Not for this gate. Send them to South");
    assert_eq!(tried(&installation, &open)["code"], "admitted", "the event keeps its rules");
    std::fs::write(&draft, r#"{"types": [{"id": 1, "admission": {"zones": [7]}}]}"#).unwrap();
    let refused = installation.cli(&[&TRY[..], &with_draft, &["--json"]].concat());
    assert_eq!(refused.problem(2)["code"], "rules_unfit");

    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    gate.claim(gate.used(right, 1)).await;
    assert_eq!(tried(&installation, &open)["code"], "being_admitted", "nobody's own claim");
    gate.redeem(gate.used(right, 1)).await;
    assert_eq!(tried(&installation, &open)["code"], "already_used");
    server.stop();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_over_http_for_those_who_may_see_tickets() {
    let installation = with_slot();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let ask = async |allow: &str, body: Value| {
        let token = installation.token(allow, None);
        let request = server.post("/api/v1/events/1/rules/try", &body).bearer_auth(token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let at = json!({ "earliest": 1_810_339_920_000_u64, "latest": 1_810_339_920_000_u64 });
    for ticket in [json!({ "serial": 0 }), json!({ "code": text })] {
        let trial = json!({ "ticket": ticket, "gate": 1, "at": at });
        let (status, tried) = ask("ticket:read", trial.clone()).await;
        assert_eq!((status, &tried["code"]), (200, &json!("slot_not_open")), "{tried}");
        assert_eq!(tried["facts"]["slot"], 1);
        assert_eq!(ask("event:write", trial).await.0, 403);
    }
    let serial = json!({ "serial": 0 });
    for (body, status, code) in [
        (json!({ "ticket": { "serial": 9 }, "gate": 1 }), 404, "ticket_unknown"),
        (json!({ "ticket": serial, "gate": 9 }), 404, "gate_unknown"),
        (json!({ "ticket": serial, "gate": 1, "persons": 0 }), 400, "invalid_request"),
        (
            json!({ "ticket": serial, "gate": 1, "at": { "earliest": 2, "latest": 1 } }),
            400,
            "invalid_request",
        ),
        (json!({ "ticket": serial, "gate": 1, "moon": "full" }), 422, "invalid_body"),
    ] {
        let (found, problem) = ask("ticket:read", body.clone()).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{body}");
    }
    let (_, forged) = ask("ticket:read", json!({ "ticket": { "code": "hello" }, "gate": 1 })).await;
    assert_eq!(forged["code"], "foreign_code");
    assert!(!server.log().contains(&text[20..60]), "a code is never logged");
    server.stop();
}
