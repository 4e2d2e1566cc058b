//! What gates do: enrol, start a session, fetch, claim, follow and deliver.

use std::time::{Duration, Instant};

use kaisatsu_shared::{
    api::Problem,
    bundle::SignedBundle,
    id::{Epoch, EventId},
    ledger::EventState,
    rules::Facts,
    sync::{ClaimAnswer, ClaimRefusal, EntryFate},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::common::{Gate, Installation, right_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_is_claimed_once_and_the_loser_hears_where_it_was_used() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut north = Gate::enrol(&installation, &server, 1).await;
    let south = Gate::enrol(&installation, &server, 2).await;
    let right = right_of(north.installation, &text);

    let first = north.claim(north.used(right, 1)).await;
    assert!(matches!(first, ClaimAnswer::Granted { .. }), "{first:?}");
    assert_eq!(north.claim(north.used(right, 1)).await, first, "the same claim again");
    let second = south.claim(south.used(right, 2)).await;
    let ClaimAnswer::Refused { refusal: ClaimRefusal::BeingAdmitted, .. } = second else {
        panic!("{second:?}");
    };
    let delivered = north.redeem(north.used(right, 1)).await;
    assert_eq!(delivered.entries[0].fate, EntryFate::Accepted);
    let third = south.claim(south.used(right, 3)).await;
    let ClaimAnswer::Refused {
        refusal: ClaimRefusal::AlreadyUsed,
        facts: Facts { last_use: Some(last), .. },
    } = third
    else {
        panic!("{third:?}");
    };
    assert_eq!((last.gate, last.device), (north.own.gate, north.own.device));

    // The ledger says the same to everyone who follows it.
    let page = south.feed(0, 0).await;
    assert!(page.end.verify(south.installation, &south.root));
    let mut state = EventState::new(south.installation, EventId(1), Epoch(1));
    for entry in &page.entries {
        state.apply(entry).unwrap();
    }
    assert_eq!(state.cursor(), page.end.cursor);
    assert_eq!(state.right(right.serial).unwrap().entered(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_simultaneous_claims_one_is_granted() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    let claims = (1..=32).map(|key| gate.claim(gate.used(right, key)));
    let answers = futures_util::future::join_all(claims).await;
    let granted = answers.iter().filter(|answer| matches!(answer, ClaimAnswer::Granted { .. }));
    assert_eq!(granted.count(), 1, "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_must_be_the_devices_own() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let mut used = gate.used(right_of(gate.installation, &text), 1);
    let code = async |used| {
        let answer = gate.try_claim(used).await;
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
    };
    used.gate = gate.other_gate();
    assert_eq!(code(used).await, (409, json!("claim_mismatch")));
    used.gate = gate.own.gate;
    used.device.0 += 1;
    assert_eq!(code(used).await, (409, json!("claim_mismatch")));
    used.device = gate.own.device;
    used.right.event = EventId(2);
    assert_eq!(code(used).await, (409, json!("claim_mismatch")));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_gates_redemption_arrives_at_once() {
    let installation = Installation::with_event();
    let texts = installation.issue(12);
    let server = installation.serve();
    let mut north = Gate::enrol(&installation, &server, 1).await;
    let south = Gate::enrol(&installation, &server, 2).await;
    let mut after = south.feed(0, 0).await.end.cursor.sequence;
    let mut waits = Vec::new();
    for text in &texts {
        let used = north.used(right_of(north.installation, text), 1);
        let following = async {
            let page = south.feed(after, 20_000).await;
            (page, Instant::now())
        };
        let delivering = async {
            tokio::time::sleep(Duration::from_millis(30)).await;
            let begun = Instant::now();
            north.redeem(used).await;
            begun
        };
        let ((page, arrived), begun) = tokio::join!(following, delivering);
        assert!(!page.entries.is_empty(), "it waited to the end");
        waits.push(arrived.saturating_duration_since(begun));
        after = page.end.cursor.sequence;
    }
    waits.sort_unstable();
    println!("feed: median {:?}, slowest {:?}", waits[waits.len() / 2], waits[waits.len() - 1]);
    assert!(waits[waits.len() - 1] < Duration::from_secs(2), "{waits:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bundle_is_signed_and_not_sent_twice() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let answer = gate.request(Method::GET, "bundle").send().await.unwrap();
    let tag = answer.headers()["etag"].to_str().unwrap().to_owned();
    let bundle: SignedBundle = answer.json().await.unwrap();
    let open = bundle.open(&gate.root, gate.installation).unwrap();
    assert_eq!((open.rules.gates.len(), open.rules.types.len()), (2, 2));
    let again = gate.request(Method::GET, "bundle").header("if-none-match", &tag);
    let again = again.send().await.unwrap();
    assert_eq!(again.status(), 304);
    assert!(again.bytes().await.unwrap().is_empty());
    installation.cli(&["gate", "add", "東/East", "--event", "1"]).ok();
    let changed = gate.request(Method::GET, "bundle").header("if-none-match", &tag);
    let changed = changed.send().await.unwrap();
    assert_eq!(changed.status(), 200);
    let changed: SignedBundle = changed.json().await.unwrap();
    let newer = changed.open(&gate.root, gate.installation).unwrap();
    assert_eq!(newer.rules.gates.len(), 3);
    open.accept_newer(&newer).unwrap();
    assert!(newer.version > open.version);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_device_may_only_deliver() {
    let installation = Installation::with_event();
    let text = installation.issue(1).remove(0);
    let server = installation.serve();
    let mut gate = Gate::enrol(&installation, &server, 1).await;
    let right = right_of(gate.installation, &text);
    let device = gate.own.device.to_string();
    installation.cli(&["device", "revoke", &device, "--event", "1"]).ok();
    for path in ["bundle", "feed?after=0"] {
        let answer = gate.request(Method::GET, path).send().await.unwrap();
        let status = answer.status().as_u16();
        let problem: Problem = answer.json().await.unwrap();
        assert_eq!((status, problem.code.as_str()), (403, "device_revoked"), "{path}");
        let word = problem.revocation.unwrap();
        assert!(word.open(&gate.root, gate.installation, gate.own.device).is_some(), "{path}");
    }
    let refused = gate.try_claim(gate.used(right, 1)).await;
    assert_eq!(refused.status(), 403);
    let session = gate.session().await;
    assert!(session.revoked);
    let word = session.revocation.unwrap();
    assert!(word.open(&gate.root, gate.installation, gate.own.device).is_some());
    assert_eq!(session.receipt.unwrap().head.number, 0);
    let delivered = gate.redeem(gate.used(right, 1)).await;
    assert_eq!(delivered.entries[0].fate, EntryFate::Quarantined);
    let receipt = gate.session().await.receipt.unwrap();
    let opened = receipt.open(&gate.root, gate.installation, gate.own.device);
    assert_eq!(opened, Some(gate.head()));
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_need_the_devices_key_and_codes_work_once() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let mut north = Gate::enrol(&installation, &server, 1).await;
    let south = Gate::enrol(&installation, &server, 2).await;
    // Another device's credential, signed with this one's key.
    let (credential, own) = (north.credential.clone(), north.own.clone());
    north.credential = south.credential.clone();
    north.own = south.own.clone();
    assert_eq!(north.try_session().await.status(), 401);
    (north.credential, north.own) = (credential, own);
    north.credential.document = north.credential.document.replace("\"gate\":1", "\"gate\":2");
    assert_eq!(north.try_session().await.status(), 401);

    north.token.replace_range(10..11, if &north.token[10..11] == "A" { "B" } else { "A" });
    let altered = north.request(Method::GET, "bundle").send().await.unwrap();
    assert_eq!(altered.status(), 401);

    let announced =
        installation.json(&["device", "enrol", "--event", "1", "--gate", "1", "--name", "x"]);
    let public = |byte: u8| kaisatsu_shared::key::DeviceKey::from_seed([byte; 32]).public();
    let enrol = async |byte| {
        let body = json!({ "code": announced["code"], "public": public(byte) });
        let answer = server.post("/api/v1/device/enrol", &body).send().await.unwrap();
        (answer.status().as_u16(), answer.json::<Value>().await.unwrap()["code"].clone())
    };
    assert_eq!(enrol(1).await.0, 200);
    assert_eq!(enrol(1).await.0, 200, "a lost answer may be asked for again");
    assert_eq!(enrol(2).await, (409, json!("enrolment_used")));
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_issued_beside_the_running_server_are_known_to_it() {
    let installation = Installation::with_event();
    let server = installation.serve();
    let gate = Gate::enrol(&installation, &server, 1).await;
    let before = gate.feed(0, 0).await.end.cursor.sequence;
    let begun = Instant::now();
    let (page, text) = tokio::join!(gate.feed(before, 20_000), async {
        tokio::task::block_in_place(|| installation.issue(1).remove(0))
    });
    assert!(!page.entries.is_empty(), "after {:?}", begun.elapsed());
    println!("feed: {:?} with a new process that issues", begun.elapsed());
    let answer = gate.claim(gate.used(right_of(gate.installation, &text), 1)).await;
    assert!(matches!(answer, ClaimAnswer::Granted { .. }), "{answer:?}");
}
