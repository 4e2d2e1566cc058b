//! What the link tells the loop: first told, then recorded, since every round may be given up.

use std::sync::{Arc, atomic::Ordering};

use kaisatsu_shared::{
    api::Problem,
    bundle::{Bundle, Policy, Rules, SignedBundle},
    display::clock::ClockWindow,
    id::{DeviceId, Epoch, KeyId, OrganisationId},
    journal::{JournalEntry, JournalHead},
    key::{EventKey, ListedKey},
    ledger::Cursor,
    reason::LocalText,
    time::UnixMillis,
};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use super::super::{Link, LinkEvent, follow::Follower};
use super::{
    EVENT, INSTALLATION, root,
    server::{Answer, linked},
};
use crate::engine::{Input, LinkState};

const LONG: Duration = Duration::from_secs(5);
const SHORT: Duration = Duration::from_millis(300);

/// The event's rules as the server sends them, with their tag.
fn rules(format: u16, tag: &'static str) -> Answer {
    rules_revoking(format, tag, &[])
}

/// The same where these devices were revoked.
fn rules_revoking(format: u16, tag: &'static str, revoked: &[DeviceId]) -> Answer {
    let key = EventKey::from_seed(KeyId(1), [2; 32]);
    let bundle = Bundle {
        format,
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        name: LocalText { ja: String::new(), en: String::new() },
        epoch: Epoch(0),
        version: 1,
        issued_at: UnixMillis(0),
        not_after: UnixMillis(u64::MAX),
        keys: vec![ListedKey { id: KeyId(1), public: key.public(), current: true }],
        rules: Rules {
            policy: Policy::Available,
            clock_window: ClockWindow::default(),
            types: Vec::new(),
            gates: Vec::new(),
            zone: "Asia/Tokyo".into(),
            calendar: Default::default(),
            zones: Vec::new(),
            capacity: None,
            unpaid: Default::default(),
            interventions: Default::default(),
            search: None,
        },
        operators: Vec::new(),
        hubs: Vec::new(),
        revoked: revoked.to_vec(),
        revocations: Vec::new(),
        roster_complete: false,
    };
    let signed = SignedBundle::sign(&bundle, &root()).unwrap();
    Answer(200, "application/json", tag, serde_json::to_vec(&signed).unwrap())
}

fn problem(status: u16, code: &str) -> Answer {
    let body = serde_json::to_vec(&Problem::new(status, code, "A sentence")).unwrap();
    Answer(status, "application/problem+json", "\"-\"", body)
}

/// Fills the channel: who tells something now waits.
fn fill(link: &Link) {
    while link.events.try_send(LinkEvent::Ready).is_ok() {}
}

async fn next(events: &mut mpsc::Receiver<LinkEvent>) -> LinkEvent {
    timeout(LONG, events.recv()).await.unwrap().unwrap()
}

#[tokio::test]
async fn rules_that_were_not_told_are_fetched_again() {
    let (_server, link, mut events) = linked(rules(1, "\"1\""), 2).await;
    link.authorised(async |_| Ok(())).await.unwrap();
    assert!(matches!(next(&mut events).await, LinkEvent::Session { .. }));
    fill(&link);
    let mut tag = None;
    assert!(timeout(SHORT, link.fetch_bundle(&mut tag)).await.is_err());
    assert_eq!(tag, None);
    while events.try_recv().is_ok() {}
    link.fetch_bundle(&mut tag).await.unwrap();
    assert_eq!(tag.as_deref(), Some("\"1\""));
    assert!(matches!(next(&mut events).await, LinkEvent::Input(Input::Bundle { .. })));
}

#[tokio::test]
async fn rules_that_cannot_be_used_are_told_and_others_after_them_are_news() {
    let (server, link, mut events) = linked(rules(1, "\"1\""), 8).await;
    let mut tag = Some("\"1\"".to_owned());
    *server.answer.lock().unwrap() = rules(2, "\"2\"");
    link.fetch_bundle(&mut tag).await.unwrap();
    assert!(matches!(next(&mut events).await, LinkEvent::Session { .. }));
    assert!(matches!(next(&mut events).await, LinkEvent::Notice(_)));
    assert!(matches!(next(&mut events).await, LinkEvent::RulesRefused("rules_newer")));
    assert_eq!(tag, None, "the rules from before must come again if they come back");
    // What isn't signed binds nobody.
    let Answer(_, _, _, body) = rules(2, "\"3\"");
    let forged = String::from_utf8(body).unwrap().replace("available", "strict");
    *server.answer.lock().unwrap() = Answer(200, "application/json", "\"3\"", forged.into());
    link.fetch_bundle(&mut tag).await.unwrap();
    assert!(matches!(next(&mut events).await, LinkEvent::Notice(_)));
    assert!(events.try_recv().is_err());
}

#[tokio::test]
async fn rules_that_name_this_device_among_those_revoked_are_the_root_keys_word() {
    for (revoked, told) in [(vec![DeviceId(2)], false), (vec![DeviceId(2), DeviceId(1)], true)] {
        let (_server, link, mut events) = linked(rules_revoking(1, "\"1\"", &revoked), 8).await;
        link.fetch_bundle(&mut None).await.unwrap();
        assert!(matches!(next(&mut events).await, LinkEvent::Session { .. }));
        let event = next(&mut events).await;
        assert_eq!(matches!(event, LinkEvent::Revoked(_)), told, "{event:?}");
        assert_eq!(matches!(event, LinkEvent::Input(Input::Bundle { .. })), !told, "{event:?}");
    }
}

#[tokio::test]
async fn a_state_that_was_not_told_is_told_again() {
    let (_server, link, mut events) = linked(problem(409, "cursor_unknown"), 1).await;
    let mut follower = Follower::new(Arc::clone(&link), Cursor::default(), false);
    fill(&link);
    assert!(timeout(SHORT, follower.say(LinkState::Alone)).await.is_err());
    assert!(timeout(SHORT, follower.say_ready()).await.is_err());
    while events.try_recv().is_ok() {}
    follower.say(LinkState::Alone).await;
    let told = next(&mut events).await;
    assert!(matches!(told, LinkEvent::Input(Input::Link(LinkState::Alone))), "{told:?}");
    follower.say_ready().await;
    assert!(matches!(next(&mut events).await, LinkEvent::Ready));
}

#[tokio::test]
async fn a_gap_in_the_journal_there_begins_a_session_that_tells_what_the_server_has() {
    let (server, link, mut events) = linked(problem(409, "journal_gap"), 8).await;
    let head = JournalEntry::head_of(INSTALLATION, 1, b"-");
    for sessions in 1..=2 {
        link.upload(vec![b"-".to_vec()], head);
        let told = next(&mut events).await;
        let LinkEvent::Session { journal, receipt: None } = told else { panic!("{told:?}") };
        assert_eq!(journal, JournalHead::default());
        assert!(matches!(next(&mut events).await, LinkEvent::Notice(_)));
        assert!(matches!(next(&mut events).await, LinkEvent::Input(Input::UploadRefused)));
        assert_eq!(server.sessions.load(Ordering::Relaxed), sessions);
    }
    // Any other refusal says nothing of the session.
    *server.answer.lock().unwrap() = problem(409, "journal_fork");
    for _ in 0..2 {
        link.upload(vec![b"-".to_vec()], head);
        while !matches!(next(&mut events).await, LinkEvent::Input(Input::UploadRefused)) {}
    }
    assert_eq!(server.sessions.load(Ordering::Relaxed), 3);
}
