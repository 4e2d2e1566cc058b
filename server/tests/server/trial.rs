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

/// Event 1 whose first type asks staff for everything, and whose gates look tickets up.
fn with_questions(admit: &str) -> Installation {
    let installation = Installation::with_event();
    let file = installation.path("rules.json");
    let text = |en: &str| json!({ "ja": en, "en": en });
    let choices = json!([
        { "name": text("Yes"), "admits": true },
        { "name": text("No"), "admits": false },
    ]);
    let check =
        json!({ "photo": true, "question": { "text": text("Vaccinated?"), "choices": choices } });
    let rules = json!({
        "types": [{ "id": 1, "admission": { "group": true, "check": check } }],
        "search": { "by": "code", "admit": admit },
    });
    std::fs::write(&file, rules.to_string()).unwrap();
    installation.cli(&["rules", "set", "--event", "1", file.to_str().unwrap()]).ok();
    installation
}

/// The text of the last step that looked at this.
fn step(tried: &Value, family: &str) -> String {
    let steps = tried["trail"].as_array().unwrap();
    let step = steps.iter().rfind(|step| step["family"] == family);
    step.map(|step| step["text"]["en"].as_str().unwrap().to_owned()).unwrap_or_default()
}

#[test]
fn every_answer_of_staff_is_tried_in_its_turn() {
    let installation = with_questions("leads");
    installation.issue(1);
    let at = ["--ticket", "0", "--at", "2027-05-15T10:00"];
    for (answers, code, told) in [
        (&[][..], "ask_persons", "questions: nothing answered → ask_persons"),
        (&["--persons", "1"], "check_identity", "questions: 1 persons → check_identity"),
        (
            &["--persons", "1", "--identity", "mismatch"],
            "identity_mismatch",
            "questions: 1 persons, the ID doesn't fit → identity_mismatch",
        ),
        (
            &["--persons", "1", "--identity", "match"],
            "ask_question",
            "questions: 1 persons, the ID fits → ask_question",
        ),
        (
            &["--persons", "1", "--identity", "match", "--choice", "2"],
            "answer_refused",
            "questions: 1 persons, the ID fits, answer 2 → answer_refused",
        ),
        (
            &["--persons", "1", "--identity", "match", "--choice", "3"],
            "ask_question",
            "questions: 1 persons, the ID fits, answer 3 → ask_question",
        ),
        (
            &["--persons", "1", "--identity", "match", "--choice", "1"],
            "admitted",
            "questions: 1 persons, the ID fits, answer 1 → ok",
        ),
        (&["--persons", "9", "--identity", "match", "--choice", "1"], "not_enough_left", ""),
    ] {
        let tried = tried(&installation, &[&at[..], answers].concat());
        assert_eq!(tried["code"], code, "{answers:?}");
        assert_eq!(step(&tried, "answers"), told);
        let claimed = !step(&tried, "claim").is_empty();
        assert_eq!(claimed, code == "admitted", "{answers:?}: a claim follows what admits");
    }
}

#[test]
fn letting_in_by_hand_is_tried_by_whoever_is_signed_in() {
    let at = ["--ticket", "0", "--at", "2027-05-15T10:00"];
    let all = ["--persons", "1", "--identity", "match", "--choice", "1"];
    for (admit, role, more, code) in [
        ("nobody", "lead", &["--holder", "yes"][..], "by_hand_off"),
        ("leads", "none", &["--holder", "yes"], "by_hand_role"),
        ("leads", "staff", &["--holder", "yes"], "by_hand_role"),
        ("leads", "lead", &[], "confirm_holder"),
        ("leads", "lead", &["--holder", "no"], "identity_mismatch"),
        ("leads", "lead", &["--holder", "yes", "--offline"], "by_hand_offline"),
        ("leads", "lead", &["--holder", "yes"], "admitted"),
        ("staff", "none", &["--holder", "yes"], "by_hand_role"),
        ("staff", "staff", &["--holder", "yes"], "admitted"),
    ] {
        let installation = with_questions(admit);
        installation.issue(1);
        let rows = audit(&installation);
        let arguments = [&at[..], &["--by-hand", role], &all, more].concat();
        let tried = tried(&installation, &arguments);
        assert_eq!(tried["code"], code, "{admit} {role} {more:?}");
        assert!(step(&tried, "by_hand").starts_with("by hand: "), "{tried}");
        assert_eq!(step(&tried, "claim").is_empty(), code != "admitted");
        assert_eq!(audit(&installation), rows, "nothing is recorded");
    }
    let installation = with_questions("leads");
    let text = installation.issue(1).remove(0);
    for (arguments, status, code) in [
        (&["--ticket", &text, "--by-hand", "lead"][..], 2, "ticket_not_named"),
        (&["--ticket", "0", "--holder", "yes"], 2, "usage"),
        (&["--ticket", "0", "--by-hand", "boss"], 2, "usage"),
        (&["--ticket", "0", "--by-hand", "lead", "--direction", "exit"], 2, "invalid_request"),
    ] {
        let refused = installation.cli(&[&TRY[..], arguments, &["--json"]].concat());
        assert_eq!(refused.problem(status)["code"], code, "{arguments:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_judges_the_claim_of_a_guest_let_in_by_hand() {
    let installation = with_questions("leads");
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let token = installation.token("ticket:read", None);
    let ask = async |ticket: Value, more: Value| {
        let mut trial = json!({ "ticket": ticket, "gate": 1,
            "at": { "earliest": 1_810_342_800_000_u64, "latest": 1_810_342_800_000_u64 } });
        trial.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let request = server.post("/api/v1/events/1/rules/try", &trial).bearer_auth(&token);
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let all = || json!({ "persons": 1, "identity": true, "choice": 1 });
    let guest = || json!({ "by_hand": { "serial": 0, "role": "lead", "holder": true } });
    let (status, tried) = ask(guest(), all()).await;
    assert_eq!((status, &tried["code"]), (200, &json!("admitted")), "{tried}");
    assert_eq!(step(&tried, "claim"), "claim: asked of the server → ok");
    let nobody = json!({ "by_hand": { "serial": 0, "holder": true } });
    assert_eq!(ask(nobody, all()).await.1["code"], "by_hand_role");
    let mismatch = json!({ "persons": 1, "identity": false });
    assert_eq!(ask(json!({ "code": text }), mismatch).await.1["code"], "identity_mismatch");
    for (ticket, more, status, code) in [
        (guest(), json!({ "choice": 0 }), 400, "invalid_request"),
        (guest(), json!({ "direction": "exit" }), 400, "invalid_request"),
        (json!({ "by_hand": { "serial": 9 } }), json!({}), 404, "ticket_unknown"),
        (json!({ "serial": 0 }), json!({ "holder": true }), 422, "invalid_body"),
    ] {
        let (found, problem) = ask(ticket, more).await;
        assert_eq!((found, &problem["code"]), (status, &json!(code)), "{problem}");
    }

    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    gate.claim(gate.used(right, 1)).await;
    assert_eq!(ask(guest(), all()).await.1["code"], "being_admitted");
    gate.redeem(gate.used(right, 1)).await;
    assert_eq!(ask(guest(), all()).await.1["code"], "already_used");
    server.stop();
}
