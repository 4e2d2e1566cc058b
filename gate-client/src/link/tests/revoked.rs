//! Who may say that this device is revoked, and that its journal was delivered: the root key, and nobody between.

use std::sync::{Arc, atomic::Ordering};

use kaisatsu_shared::{
    api::Problem,
    bundle::{Revocation, SignedRevocation},
    id::DeviceId,
    journal::{JournalHead, SignedReceipt},
    key::RootKey,
    ledger::Cursor,
    sync::SessionAnswer,
    time::UnixMillis,
};
use tokio::{
    sync::mpsc,
    time::{Duration, timeout},
};

use super::super::{Failure, LinkEvent, follow, follow::Follower};
use super::{
    EVENT, INSTALLATION, root,
    server::{Answer, linked},
};
use crate::engine::{Input, LinkState};

const HERE: DeviceId = DeviceId(1);

fn word(device: DeviceId, by: &RootKey) -> SignedRevocation {
    let revocation =
        Revocation { installation: INSTALLATION, event: EVENT, device, revoked_at: UnixMillis(5) };
    SignedRevocation::sign(&revocation, by).unwrap()
}

fn refusal(revocation: Option<SignedRevocation>) -> Answer {
    let revocation = revocation.map(Box::new);
    let problem =
        Problem { revocation, ..Problem::new(403, "device_revoked", "This device was revoked") };
    let body = serde_json::to_vec(&problem).unwrap();
    Answer(403, "application/problem+json", "\"-\"", body)
}

async fn events(events: &mut mpsc::Receiver<LinkEvent>) -> Vec<LinkEvent> {
    let mut all = Vec::new();
    while let Ok(Some(event)) = timeout(Duration::from_millis(300), events.recv()).await {
        all.push(event);
    }
    all
}

fn is_revoked(events: &[LinkEvent]) -> bool {
    events.iter().any(|event| matches!(event, LinkEvent::Revoked(_)))
}

#[tokio::test]
async fn a_refusal_without_the_root_keys_word_stops_the_gate_only_while_it_is_said() {
    for forged in
        [None, Some(word(DeviceId(2), &root())), Some(word(HERE, &RootKey::from_seed([8; 32])))]
    {
        let (server, link, mut told) = linked(refusal(forged), 16).await;
        let mut follower = Follower::new(Arc::clone(&link), Cursor::default(), false);
        for sessions in 1..=2 {
            let failure =
                Failure::Problem(serde_json::from_slice(&server.answer.lock().unwrap().3).unwrap());
            link.authorised(async |_| Ok(())).await.unwrap();
            follower.refused(&failure).await;
            assert_eq!(server.sessions.load(Ordering::Relaxed), sessions, "asked by a new session");
        }
        let told = events(&mut told).await;
        assert!(!is_revoked(&told), "{told:?}");
        let refused =
            |event: &&LinkEvent| matches!(event, LinkEvent::Input(Input::Link(LinkState::Refused)));
        assert_eq!(told.iter().filter(refused).count(), 1);
        follower.say(LinkState::Online).await;
        assert!(follower.is_told(LinkState::Online), "it is taken back once nobody says so");
    }
}

#[tokio::test]
async fn the_root_keys_word_ends_the_following_of_the_server() {
    let (_server, link, mut told) = linked(refusal(Some(word(HERE, &root()))), 16).await;
    let following = follow::follow(Arc::clone(&link), Cursor::default(), false, false);
    timeout(Duration::from_secs(5), following).await.expect("it ends by itself");
    let told = events(&mut told).await;
    assert!(is_revoked(&told) && told.iter().any(|event| matches!(event, LinkEvent::Ready)));
}

#[tokio::test]
async fn what_a_session_says_counts_only_by_the_root_key() {
    let head = JournalHead { number: 9, hash: [4; 32] };
    let receipt = |device, by: &RootKey| Some(SignedReceipt::sign(INSTALLATION, device, head, by));
    let other = RootKey::from_seed([8; 32]);
    let good = Some(word(HERE, &root()));
    for (revocation, receipt, revoked, whole) in [
        (None, None, false, None),
        (None, receipt(HERE, &root()), false, None),
        (Some(word(HERE, &other)), receipt(HERE, &root()), false, None),
        (Some(word(DeviceId(2), &root())), receipt(HERE, &root()), false, None),
        (good.clone(), None, true, None),
        (good.clone(), receipt(HERE, &other), true, None),
        (good.clone(), receipt(DeviceId(2), &root()), true, None),
        (good, receipt(HERE, &root()), true, Some(head)),
    ] {
        let (_server, link, mut told) = linked(refusal(None), 16).await;
        let answer = SessionAnswer {
            token: "t".into(),
            expires_at: UnixMillis(0),
            server_time: UnixMillis(0),
            // What is merely said.
            revoked: true,
            journal: head,
            revocation,
            receipt,
        };
        assert_eq!(link.heed(&answer).await, whole);
        assert_eq!(is_revoked(&events(&mut told).await), revoked);
    }
    // Once wiped it asks nobody anything.
    let (server, link, _told) = linked(refusal(None), 16).await;
    link.close();
    assert!(link.authorised(async |_| Ok(())).await.unwrap_err().is_silence());
    assert_eq!(server.requests.lock().unwrap().len(), 0);
}
