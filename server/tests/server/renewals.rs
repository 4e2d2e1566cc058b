//! Passes that renew, through the program: by command and over HTTP.

use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Installation, client};

/// Event 1 with one ticket of type 1, and three passes of type 3 for May 2027, with the serials 1 to 3.
fn with_passes() -> Installation {
    let installation = Installation::with_event();
    installation.issue(1);
    let add = ["type", "add", "月間パス/Monthly pass", "--event", "1", "--entries", "0"];
    let may = [
        "--renewing",
        "--from",
        "2027-05-01T00:00:00+09:00",
        "--until",
        "2027-06-01T00:00:00+09:00",
    ];
    let made = installation.json(&[&add[..], &may].concat());
    assert_eq!((&made["id"], &made["renewing"]), (&json!(3), &json!(true)));
    let out = installation.path("passes").to_string_lossy().into_owned();
    let issue = ["ticket", "issue", "--event", "1", "--type", "3", "--count", "3", "--out", &out];
    assert_eq!(installation.json(&issue)["first"], 1);
    installation
}

const RENEW: [&str; 4] = ["ticket", "renew", "--event", "1"];
const JULY: &str = "2027-07-01T00:00:00+09:00";
/// The same and a month before, in UNIX seconds.
const JULY_SECONDS: u64 = 1_814_367_600;
const JUNE_SECONDS: u64 = JULY_SECONDS - 30 * 86_400;

#[test]
fn a_pass_is_renewed_by_command_and_told() {
    let installation = with_passes();
    let code = installation.text_of(1);
    let tried = |ticket: &str, at: &str, offline: bool| {
        let mut arguments = vec!["rules", "try", "--event", "1", "--gate", "1"];
        arguments.extend(["--ticket", ticket, "--at", at]);
        arguments.extend(offline.then_some("--offline"));
        installation.json(&arguments)
    };
    let validity = |tried: &Value| {
        let steps = tried["trail"].as_array().unwrap();
        let step = steps.iter().find(|step| step["family"] == "validity").unwrap();
        step["text"]["en"].as_str().unwrap().to_owned()
    };
    for (ticket, offline) in [("1", false), ("1", true), (code.as_str(), true)] {
        assert_eq!(tried(ticket, "2027-05-31T23:59:59", offline)["code"], "admitted");
        let ended = tried(ticket, "2027-06-01T00:00", offline);
        assert_eq!(ended["code"], "expired");
        assert_eq!(ended["sentence"]["en"], "No longer valid: ended 00:00, now 00:00");
    }
    let renewed = installation.json(&[&RENEW[..], &["1", "--until", JULY]].concat());
    assert_eq!(renewed, json!({ "renewed": 1, "unchanged": 0, "voided": [] }));
    for (ticket, offline) in [("1", false), (code.as_str(), true)] {
        let admitted = tried(ticket, "2027-06-01T00:00", offline);
        assert_eq!(admitted["code"], "admitted");
        assert_eq!(admitted["facts"]["valid_until"], JULY_SECONDS);
        assert_eq!(
            validity(&admitted),
            "validity: 1 May 2027 00:00 to 1 Jul 2027 00:00, now 00:00 → ok"
        );
        assert_eq!(tried(ticket, "2027-07-01T00:00", offline)["code"], "expired");
    }
    assert_eq!(installation.text_of(1), code, "its code stays");
    assert_eq!(tried("2", "2027-06-01T00:00", false)["code"], "expired", "another pass");

    let story = installation.json(&["ticket", "show", "1", "--event", "1"]);
    assert_eq!(story["validity"]["until"], JULY_SECONDS);
    let told = installation.cli(&["ticket", "show", "1", "--event", "1"]).ok();
    let ends: Vec<_> = told.lines().filter(|line| line.contains("renewed")).collect();
    assert!(ends.len() == 2 && ends.iter().all(|line| line.contains("until 2027-0")), "{told}");
    let exported = installation.cli(&["ledger", "export", "--event", "1"]).ok();
    let last: Value = serde_json::from_str(exported.lines().last().unwrap()).unwrap();
    assert_eq!(
        (&last["kind"], &last["first"], &last["count"]),
        (&json!("renewed"), &json!(1), &json!(1))
    );
    assert_eq!(last["validity"]["until"], JULY_SECONDS);
}

#[test]
fn what_can_not_be_renewed_is_told_and_nothing_changes() {
    let installation = with_passes();
    let refused = |arguments: &[&str]| {
        let all = [&RENEW[..], arguments, &["--json"]].concat();
        installation.cli(&all).problem(2)["code"].as_str().unwrap().to_owned()
    };
    let may = "2027-05-15T00:00:00+09:00";
    assert_eq!(refused(&["0", "--until", JULY]), "ticket_fixed");
    assert_eq!(refused(&["0", "--count", "4", "--until", JULY]), "ticket_fixed");
    assert_eq!(refused(&["9", "--until", JULY]), "ticket_unknown");
    assert_eq!(refused(&["1", "--until", may]), "renewal_shortens");
    assert_eq!(refused(&["1", "--from", JULY, "--until", JULY]), "empty_validity");
    let until = |serial: &str| {
        let story = installation.json(&["ticket", "show", serial, "--event", "1"]);
        story["validity"]["until"].as_u64().unwrap()
    };
    assert_eq!(["1", "2", "3"].map(until), [JUNE_SECONDS; 3]);
    // Of several, the voided one is left out and named.
    installation.cli(&["ticket", "void", "2", "--event", "1"]).ok();
    assert_eq!(refused(&["2", "--until", JULY]), "ticket_voided");
    let said = installation.cli(&[&RENEW[..], &["1", "--count", "3", "--until", JULY]].concat());
    assert!(said.ok().contains("2 tickets are valid until 2027-06-30"), "what came of it");
    let again = installation.json(&[&RENEW[..], &["1", "--count", "3", "--until", JULY]].concat());
    assert_eq!(again, json!({ "renewed": 0, "unchanged": 2, "voided": [2] }));
    let short = [&RENEW[..], &["3", "--until", may, "--shorten"]].concat();
    assert_eq!(installation.json(&short)["renewed"], 1);

    let file = installation.path("rules.json");
    std::fs::write(&file, r#"{"types": [{"id": 3, "renewing": false}]}"#).unwrap();
    let file = file.to_string_lossy().into_owned();
    let set = installation.cli(&["rules", "set", "--event", "1", &file, "--json"]);
    assert_eq!(set.problem(2)["code"], "renewing_fixed");
    let shown = installation.json(&["rules", "show", "--event", "1"]);
    let types = shown["types"].as_array().unwrap();
    let renewing: Vec<_> = types.iter().map(|known| known["renewing"].clone()).collect();
    assert_eq!(renewing, [json!(false), json!(false), json!(true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_renew_with_their_token() {
    let installation = with_passes();
    let server = installation.serve();
    let token = installation.token("ticket:issue", None);
    let reads = installation.token("ticket:read", None);
    let send = async |method: Method, path: &str, token: &str, body: Value| {
        let url = server.url(&format!("/api/v1/events/1/{path}"));
        let answer =
            client().request(method, url).bearer_auth(token).json(&body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
    };
    let july = json!({ "until": JULY_SECONDS });
    let one = "tickets/1/validity";
    assert_eq!(send(Method::PUT, one, &reads, july.clone()).await.0, 403);
    let (status, info) = send(Method::PUT, one, &token, july.clone()).await;
    assert_eq!((status, &info["validity"]["until"]), (200, &json!(JULY_SECONDS)));
    let (status, problem) = send(Method::PUT, "tickets/0/validity", &token, july).await;
    assert_eq!((status, &problem["code"]), (409, &json!("ticket_fixed")));
    let (status, problem) = send(Method::PUT, one, &token, json!({ "until": JUNE_SECONDS })).await;
    assert_eq!((status, &problem["code"]), (409, &json!("renewal_shortens")));
    let plainly = json!({ "until": JUNE_SECONDS, "shorten": true });
    assert_eq!(send(Method::PUT, one, &token, plainly).await.0, 200);
    let several = json!({ "first": 1, "count": 3, "until": JULY_SECONDS });
    assert_eq!(send(Method::POST, "renewals", &reads, several.clone()).await.0, 403);
    let (status, done) = send(Method::POST, "renewals", &token, several).await;
    assert_eq!((status, &done["renewed"]), (200, &json!(3)));
    let many = json!({ "first": 1, "count": 1_025, "until": JULY_SECONDS });
    assert_eq!(send(Method::POST, "renewals", &token, many).await.0, 400);
    let lengthened = json!({ "first": 1, "count": 1, "until": JULY_SECONDS, "lengthen": true });
    assert_eq!(send(Method::POST, "renewals", &token, lengthened).await.0, 422);
}
