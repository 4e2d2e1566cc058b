//! An event's rules, by command and over HTTP, as far as a gate's claim.

use kaisatsu_shared::{
    bundle::SignedBundle,
    sync::{ClaimAnswer, ClaimRefusal},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client, right_of};

fn refused(answer: ClaimAnswer) -> Option<ClaimRefusal> {
    match answer {
        ClaimAnswer::Granted { .. } => None,
        ClaimAnswer::Refused { refusal, .. } => Some(refusal),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_shown_edited_and_set_and_claims_follow() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    gate.redeem(gate.used(right, 1)).await;
    assert_eq!(refused(gate.claim(gate.used(right, 2)).await), Some(ClaimRefusal::AlreadyUsed));

    // What `show` prints is what `set` takes; the running server follows.
    let printed = installation.cli(&["rules", "show", "--event", "1"]).ok();
    let mut rules: Value = serde_json::from_str(&printed).unwrap();
    rules["types"][0]["admission"] = json!({"presence": {"reentry": "after_exit"}});
    let file = installation.path("rules.json");
    std::fs::write(&file, rules.to_string()).unwrap();
    let set = ["rules", "set", "--event", "1", file.to_str().unwrap()];
    assert_eq!(installation.cli(&set).ok().trim(), "rules of event 1 are set");
    assert_eq!(refused(gate.claim(gate.used(right, 3)).await), Some(ClaimRefusal::StillInside));
    let bundle = gate.request(Method::GET, "bundle").send().await.unwrap();
    let SignedBundle { document, .. } = bundle.json().await.unwrap();
    assert!(document.contains("after_exit"), "gates get it: {document}");

    // The same over HTTP.
    let token = installation.token("all", None);
    let put = async |body: &Value| {
        let request = client().put(server.url("/api/v1/events/1/rules")).bearer_auth(&token);
        let answer = request.json(body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    rules["types"][0]["admission"] = json!({"limits": {"per_day": 1}});
    let (status, event) = put(&rules).await;
    assert_eq!((status, &event["types"][0]["admission"]["limits"]["per_day"]), (200, &json!(1)));
    rules["types"][0]["admission"] = json!({"zones": [5]});
    let (status, problem) = put(&rules).await;
    assert_eq!((status, &problem["code"]), (400, &json!("rules_unfit")));
    rules["types"][0]["admission"] = json!({"moon": "full"});
    let (status, problem) = put(&rules).await;
    assert_eq!((status, &problem["code"]), (422, &json!("invalid_body")));
    server.stop();
}

#[test]
fn a_file_that_is_no_rule_set_is_named() {
    let installation = Installation::with_event();
    let file = installation.path("rules.json");
    let set = ["rules", "set", "--event", "1", file.to_str().unwrap(), "--json"];
    assert_eq!(installation.cli(&set).problem(2)["code"], "rules_unreadable");
    for (text, code) in [
        ("{", "rules_malformed"),
        (r#"{"calender": {}}"#, "rules_malformed"),
        (r#"{"calendar": {"closing": "25:00:00"}}"#, "rules_malformed"),
        (r#"{"types": [{"id": 9}]}"#, "type_unknown"),
        (r#"{"types": [{"id": 1, "admission": {"schedule": {"slots": [1]}}}]}"#, "rules_unfit"),
    ] {
        std::fs::write(&file, text).unwrap();
        let problem = installation.cli(&set).problem(2);
        assert_eq!(problem["code"], code, "{text}: {problem}");
    }
    assert_eq!(installation.json(&["rules", "show", "--event", "1"])["zones"], json!([]));
}
