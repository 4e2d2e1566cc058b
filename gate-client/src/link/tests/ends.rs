//! Where journals end goes to the server: the own with each request, others' by themselves.

use std::sync::Arc;

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::{DeviceId, GateId, OrganisationId},
    journal::{JournalHead, SignedJournalHead},
    key::DeviceKey,
    sync::HeardHead,
    time::UnixMillis,
};
use tokio::time::{Duration, sleep};

use super::super::{Link, OwnHead};
use super::{
    EVENT, INSTALLATION, root,
    server::{Answer, Server, linked},
};
use crate::hub::{Ends, Owner};

fn ends() -> Arc<Ends> {
    let owner = Owner {
        installation: INSTALLATION,
        root: root().public(),
        event: EVENT,
        device: DeviceId(1),
    };
    Arc::new(Ends::new(owner))
}

fn heard(device: u8, number: u64) -> HeardHead {
    let key = DeviceKey::from_seed([device; 32]);
    let credential = Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        gate: GateId(1),
        device: DeviceId(device.into()),
        public: key.public(),
        enrolled_at: UnixMillis(0),
    };
    let head = JournalHead { number, hash: [device; 32] };
    let head = SignedJournalHead::sign(INSTALLATION, credential.device, head, &key);
    HeardHead { credential: SignedCredential::sign(&credential, &root()).unwrap(), head }
}

async fn sent(server: &Server, what: &str) -> Vec<String> {
    for _ in 0..200 {
        let found: Vec<_> = {
            let requests = server.requests.lock().unwrap();
            requests.iter().filter(|text| text.contains(what)).cloned().collect()
        };
        if !found.is_empty() {
            return found;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("never sent: {what}");
}

#[test]
fn the_own_end_is_signed_once_each_time_it_grew() {
    let key = Arc::new(DeviceKey::from_seed([3; 32]));
    let public = key.public();
    let own = OwnHead::new(INSTALLATION, DeviceId(1), key, JournalHead::default());
    assert_eq!(own.header(), None, "an empty journal has no end");
    for number in 1..=2 {
        own.grew(JournalHead { number, hash: [9; 32] });
        let header = own.header().unwrap();
        assert_eq!(own.header().unwrap(), header);
        let read = SignedJournalHead::from_header(DeviceId(1), &header).unwrap();
        assert_eq!(read.head.number, number);
        assert!(read.verify(INSTALLATION, &public).is_ok());
    }
}

#[test]
fn only_the_newest_that_its_device_signed_is_kept() {
    let ends = ends();
    assert!(ends.hear_of(heard(2, 5)) && ends.hear_of(heard(3, 1)) && ends.hear_of(heard(2, 4)));
    assert!(ends.hear_of(heard(1, 9)), "the own is known better here");
    let mut forged = heard(2, 6);
    forged.head.head.number = 7;
    assert!(!ends.hear_of(forged));
    let mut other = heard(2, 8);
    other.credential = heard(3, 1).credential;
    assert!(!ends.hear_of(other));
    let (known, count) = ends.after(0);
    let numbers: Vec<_> = known.iter().map(|it| (it.head.device.0, it.head.head.number)).collect();
    assert_eq!((numbers, count), (vec![(2, 5), (3, 1)], 2));
    assert!(ends.hear_of(heard(3, 2)));
    let (news, next) = ends.after(count);
    assert_eq!((news, next), (vec![heard(3, 2)], 3));
    assert_eq!(ends.after(next), (vec![], 3));
}

#[tokio::test]
async fn what_was_heard_is_passed_on_until_the_server_has_it() {
    let silent = Answer(503, "text/plain", "\"-\"", Vec::new());
    let (server, link, _events) = linked(silent, 8).await;
    let ends = ends();
    Link::pass_on_ends(&link, Arc::clone(&ends), Duration::from_millis(10));
    assert!(ends.hear_of(heard(2, 5)));
    sent(&server, "device/heads").await;
    // It answers now; what is newest by then is told.
    assert!(ends.hear_of(heard(2, 6)));
    *server.answer.lock().unwrap() =
        Answer(200, "application/json", "\"-\"", b"{\"news\":1}".to_vec());
    let told = sent(&server, &hex::encode(heard(2, 6).head.signature.0)).await;
    assert_eq!(told.len(), 1);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(sent(&server, "device/heads").await.len(), 2, "once, then no more");
}
