//! Journals that are carried to the server by hand, over HTTP and at the command line.

use kaisatsu_shared::{journal::JournalBody, sync::MAX_CARRIED_BYTES};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::common::{Gate, Installation, client, redeemed, right_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_carried_journal_is_taken_in_with_the_permission_and_refused_whole() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let used = gate.used(right_of(gate.installation, &text), 1);
    let file = gate.carry(&[redeemed(used, false), JournalBody::Shown { number: 1 }]);
    let url = server.url("/api/v1/events/1/journals");
    let post = async |token: &str, body: Vec<u8>| -> (StatusCode, Value) {
        let request = client().request(Method::POST, url.clone()).bearer_auth(token);
        let answer = request.header("content-type", "application/x-ndjson").body(body);
        let answer = answer.send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    };

    let reader = installation.token("ledger:read,device:write", Some("1"));
    assert_eq!(post(&reader, file.clone()).await.0, StatusCode::FORBIDDEN);
    let writer = installation.token("journal:write", Some("1"));
    let mut changed = file.clone();
    let place = changed.len() - 20;
    changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
    for (body, code) in [
        (changed, "carried_changed"),
        (file[..file.len() - 300].to_vec(), "carried_truncated"),
        (b"name,email\n".to_vec(), "carried_unreadable"),
    ] {
        let (status, problem) = post(&writer, body).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!(code)));
    }
    let (status, problem) = post(&writer, vec![b' '; MAX_CARRIED_BYTES + 1]).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("too_large")));
    assert_eq!(installation.json(&["ticket", "show", "0", "--event", "1"])["entered"], 0);

    let (status, answer) = post(&writer, file.clone()).await;
    assert_eq!(
        (status, &answer["recorded"], &answer["carrier"]),
        (StatusCode::OK, &json!(2), &json!("known"))
    );
    assert_eq!(installation.json(&["ticket", "show", "0", "--event", "1"])["entered"], 1);
    let path = installation.path("journal");
    std::fs::write(&path, &file).unwrap();
    let path = path.to_string_lossy().into_owned();
    let again = installation.json(&["journal", "import", "--event", "1", &path]);
    assert_eq!((&again["already_known"], &again["recorded"]), (&json!(2), &json!(0)));
    let told = installation.cli(&["journal", "import", "--event", "1", &path]).ok();
    assert!(told.contains("2 entries, 0 recorded now, 2 known before"), "{told}");

    // Who tried what is on record; nothing of a refused file is.
    let rows = installation.json(&["audit", "list", "--event", "1"]);
    let rows = rows.as_array().unwrap().iter().filter(|row| row["action"] == "journal.import");
    let outcomes: Vec<_> = rows.map(|row| row["outcome"].as_str().unwrap()).collect();
    let refused = ["carried_changed", "carried_truncated", "carried_unreadable"];
    assert_eq!(outcomes, [&refused[..], &["ok"; 3]].concat());
}

#[test]
fn what_is_no_journal_of_this_event_is_told_with_what_to_do() {
    let installation = Installation::with_event();
    let (path, missing) = (installation.path("huge"), installation.path("none"));
    let import = |path: &std::path::Path| {
        let path = path.to_string_lossy().into_owned();
        installation.cli(&["journal", "import", "--event", "1", "--json", &path])
    };
    let huge = std::fs::File::create(&path).unwrap();
    huge.set_len(u64::try_from(MAX_CARRIED_BYTES).unwrap() * 4).unwrap();
    assert_eq!(import(&path).problem(2)["code"], "carried_too_large");
    assert_eq!(import(&missing).problem(1)["code"], "file_unusable");
    std::fs::write(&path, "{\"kaisatsu_journal\":2}\n").unwrap();
    let newer = import(&path).problem(2);
    assert_eq!(newer["code"], "carried_newer");
    assert!(newer["title"].as_str().unwrap().contains("update"), "{newer}");
}
