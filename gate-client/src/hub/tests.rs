//! The hub's door on a real socket: who is answered, who isn't, and what nobody can do to it.

use std::{net::SocketAddr, sync::Arc};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kaisatsu_shared::{
    api::Problem,
    bundle::{Credential, Revocation, SignedCredential, SignedRevocation},
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, LeaseId,
        OperatorId, OrganisationId, Serial,
    },
    journal::{JournalBody, JournalEntry, JournalHead, SignedJournalHead},
    key::{DeviceKey, RootKey},
    right::{Authority, RightRef, Use, UseKind},
    sync::{
        CREDENTIAL_HEADER, Claim, ClaimAnswer, GivenUp, HEAD_HEADER, HeardPage, JournalBatch,
        Recall,
    },
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::mpsc,
    time::{Duration, timeout},
};

use super::{Door, HubAsk, Owner, bind, client_config, serve};
use crate::{link::LinkEvent, platform::Clock};

const INSTALLATION: InstallationId = InstallationId([7; 16]);
const EVENT: EventId = EventId(9);
const HUB: u8 = 1;

fn root() -> RootKey {
    RootKey::from_seed([200; 32])
}

fn key(device: u8) -> Arc<DeviceKey> {
    Arc::new(DeviceKey::from_seed([device; 32]))
}

fn credential(device: u8, event: EventId) -> Credential {
    Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event,
        gate: GateId(device.into()),
        device: DeviceId(device.into()),
        public: key(device).public(),
        enrolled_at: UnixMillis(0),
    }
}

fn shown(credential: &Credential, root: &RootKey) -> String {
    let signed = SignedCredential::sign(credential, root).unwrap();
    BASE64_STANDARD.encode(serde_json::to_vec(&signed).unwrap())
}

/// A hub whose loop grants every claim, and what it was asked.
struct Hub {
    address: SocketAddr,
    door: Arc<Door>,
    asked: mpsc::UnboundedReceiver<(DeviceId, GateId)>,
}

async fn hub() -> Hub {
    let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (events, mut questions) = mpsc::channel(4);
    let owner = Owner {
        installation: INSTALLATION,
        root: root().public(),
        event: EVENT,
        device: DeviceId(HUB.into()),
    };
    let door = Arc::new(Door::new(owner, Clock::new(0), events, 1));
    serve(listener, key(HUB), Arc::clone(&door)).unwrap();
    let (tell, asked) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(LinkEvent::Hub(question)) = questions.recv().await {
            match question {
                HubAsk::Claim { device, gate, claim, reply } => {
                    let _ = tell.send((device, gate));
                    let granted = ClaimAnswer::Granted { sequence: 1 };
                    let _ = reply.send((claim.used.count == 1).then_some(granted));
                }
                HubAsk::Heard { entries } => {
                    let _ = tell.send((entries[0].device, entries[0].gate));
                }
                HubAsk::Sees { .. } => {}
                HubAsk::Transfer { device, entries } => {
                    let _ = tell.send((device, entries[0].gate));
                }
                HubAsk::GivenUp { reply, .. } => {
                    let _ = reply.send(());
                }
            }
        }
    });
    Hub { address, door, asked }
}

/// A client that proves the key of `device`, and takes the hub for it only with the key of `expected`.
fn client(device: u8, expected: u8) -> reqwest::Client {
    let tls = client_config(key(device), key(expected).public()).unwrap();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().build().unwrap()
}

fn claim(count: u8) -> Claim {
    let right = RightRef {
        event: EVENT,
        serial: Serial(1),
        generation: Generation(1),
        fingerprint: Fingerprint([1; 8]),
    };
    let used = Use {
        right,
        kind: UseKind::Entry,
        count,
        claim: ClaimKey([1; 16]),
        gate: GateId(99),
        device: DeviceId(99),
        operator: OperatorId(0),
        epoch: Epoch(1),
        at: TimeInterval::exact(UnixMillis(0)),
        authority: Authority::Server,
    };
    Claim { used, abandons: Vec::new(), by_hand: None }
}

/// Status and code.
async fn ask(
    hub: &Hub,
    client: &reqwest::Client,
    shown: Option<&str>,
    path: &str,
    body: Vec<u8>,
) -> (u16, String) {
    let url = format!("https://{}/api/v1/hub/{path}", hub.address);
    let mut request = client.post(url).body(body);
    if let Some(shown) = shown {
        request = request.header(CREDENTIAL_HEADER, shown);
    }
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let answer: Value = answer.json().await.unwrap();
    let word = answer.get("code").or_else(|| answer.get("answer")).and_then(Value::as_str);
    (status, word.unwrap_or_default().to_owned())
}

fn json(body: &impl serde::Serialize) -> Vec<u8> {
    serde_json::to_vec(body).unwrap()
}

#[tokio::test]
async fn a_gate_of_the_event_is_answered_as_who_its_credential_says_it_is() {
    let mut hub = hub().await;
    let (client, mine) = (client(2, HUB), shown(&credential(2, EVENT), &root()));
    let answer = ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await;
    assert_eq!(answer, (200, "granted".to_owned()));
    assert_eq!(hub.asked.recv().await, Some((DeviceId(2), GateId(2))), "not what it says");
    // Where the loop can't say, the gate is told so.
    let answer = ask(&hub, &client, Some(&mine), "claims", json(&claim(2))).await;
    assert_eq!(answer, (503, "hub_unable".to_owned()));
    let given_up = GivenUp { claim: ClaimKey([1; 16]), right: claim(1).used.right };
    let (status, _) = ask(&hub, &client, Some(&mine), "given-up", json(&given_up)).await;
    assert_eq!(status, 200);
    let health = format!("https://{}/api/v1/hub/health", hub.address);
    assert_eq!(client.get(health).send().await.unwrap().status(), 200, "still the same connection");
}

#[tokio::test]
async fn strangers_are_not_heard() {
    let mut hub = hub().await;
    let other_root = RootKey::from_seed([201; 32]);
    let foreign = Credential { installation: InstallationId([8; 16]), ..credential(2, EVENT) };
    for (what, device, shown, expected) in [
        ("none", 2, None, "credential_missing"),
        ("no Base64", 2, Some("?".to_owned()), "credential_missing"),
        ("another's", 3, Some(shown(&credential(2, EVENT), &root())), "credential_missing"),
        ("its own root", 2, Some(shown(&credential(2, EVENT), &other_root)), "credential_missing"),
        ("installation", 2, Some(shown(&foreign, &root())), "credential_missing"),
        ("event", 2, Some(shown(&credential(2, EventId(8)), &root())), "event_mismatch"),
        ("the hub", HUB, Some(shown(&credential(HUB, EVENT), &root())), "credential_missing"),
    ] {
        let client = client(device, HUB);
        let (_, code) = ask(&hub, &client, shown.as_deref(), "claims", json(&claim(1))).await;
        assert_eq!(code, expected, "{what}");
    }
    assert!(hub.asked.try_recv().is_err());
}

#[tokio::test]
async fn who_is_revoked_is_answered_no_more_on_an_open_connection_either() {
    let mut hub = hub().await;
    let (client, mine) = (client(2, HUB), shown(&credential(2, EVENT), &root()));
    assert_eq!(ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await.0, 200);
    let word = |device: u8, by: &RootKey| {
        let (installation, device) = (INSTALLATION, DeviceId(device.into()));
        let revocation =
            Revocation { installation, event: EVENT, device, revoked_at: UnixMillis(5) };
        SignedRevocation::sign(&revocation, by).unwrap()
    };
    let words = [word(3, &root()), word(2, &RootKey::from_seed([201; 32])), word(2, &root())];
    hub.door.revoke(&[DeviceId(2), DeviceId(3)], &words);
    let answer = ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await;
    assert_eq!(answer, (403, "device_revoked".to_owned()));
    // It gets the root key's word for it, that about itself.
    let url = format!("https://{}/api/v1/hub/health", hub.address);
    let request = client.get(&url).header(CREDENTIAL_HEADER, &mine);
    let problem: Problem = request.send().await.unwrap().json().await.unwrap();
    assert_eq!(problem.revocation.as_deref(), Some(&words[2]));
    hub.door.revoke(&[DeviceId(2)], &words[..2]);
    let request = client.get(&url).header(CREDENTIAL_HEADER, &mine);
    let problem: Problem = request.send().await.unwrap().json().await.unwrap();
    assert_eq!((problem.code.as_str(), problem.revocation), ("device_revoked", None));
    // A hub that was revoked itself answers nobody.
    hub.door.revoke(&[], &[]);
    hub.door.shut();
    let answer = ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await;
    assert_eq!(answer, (503, "hub_unable".to_owned()));
    assert!(hub.asked.recv().await.is_some() && hub.asked.try_recv().is_err());
}

#[tokio::test]
async fn nobody_else_can_answer_for_the_hub() {
    let hub = hub().await;
    let mine = shown(&credential(2, EVENT), &root());
    let url = format!("https://{}/api/v1/hub/claims", hub.address);
    let request = client(2, 3).post(url).header(CREDENTIAL_HEADER, mine).json(&claim(1));
    assert!(request.send().await.unwrap_err().is_connect(), "not even asked");
}

#[tokio::test]
async fn a_gate_that_asks_too_much_is_put_off() {
    let hub = hub().await;
    let (client, mine) = (client(2, HUB), shown(&credential(2, EVENT), &root()));
    let answer = ask(&hub, &client, Some(&mine), "claims", vec![b' '; 20 << 10]).await;
    assert_eq!(answer, (400, "invalid_request".to_owned()));
    let answer = ask(&hub, &client, Some(&mine), "claims", b"{}".to_vec()).await;
    assert_eq!(answer, (400, "invalid_request".to_owned()));
    assert_eq!(ask(&hub, &client, Some(&mine), "feed", Vec::new()).await.0, 404);
    let mut codes = Vec::new();
    for _ in 0..60 {
        codes.push(ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await.1);
    }
    assert!(codes.contains(&"hub_too_often".to_owned()));
}

#[tokio::test]
async fn a_crowd_of_strangers_stops_no_gate_that_is_there_and_is_sent_away() {
    let hub = hub().await;
    let (client, mine) = (client(2, HUB), shown(&credential(2, EVENT), &root()));
    assert_eq!(ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await.0, 200);
    let mut crowd = Vec::new();
    for number in 0..40 {
        let mut stranger = TcpStream::connect(hub.address).await.unwrap();
        if number % 2 == 0 {
            stranger.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        }
        crowd.push(stranger);
    }
    assert_eq!(ask(&hub, &client, Some(&mine), "claims", json(&claim(1))).await.0, 200);
    // From another address there is room meanwhile.
    let tls = client_config(key(4), key(HUB).public()).unwrap();
    let elsewhere = reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .local_address("127.0.0.2".parse::<std::net::IpAddr>().unwrap())
        .build()
        .unwrap();
    let theirs = shown(&credential(4, EVENT), &root());
    assert_eq!(ask(&hub, &elsewhere, Some(&theirs), "claims", json(&claim(1))).await.0, 200);
    for mut stranger in crowd {
        let mut rest = Vec::new();
        let ended = timeout(Duration::from_secs(6), stranger.read_to_end(&mut rest)).await;
        assert!(ended.is_ok(), "hung up on");
    }
    // Then there is room for a gate that comes anew.
    let again = self::client(3, HUB);
    let theirs = shown(&credential(3, EVENT), &root());
    assert_eq!(ask(&hub, &again, Some(&theirs), "claims", json(&claim(1))).await.0, 200);
}

#[tokio::test]
async fn who_proves_a_key_and_shows_no_credential_is_sent_away_as_well() {
    let hub = hub().await;
    let tls = client_config(key(2), key(HUB).public()).unwrap();
    let stream = TcpStream::connect(hub.address).await.unwrap();
    let name = hub.address.ip().into();
    let connector = tokio_rustls::TlsConnector::from(Arc::new(tls));
    let mut stranger = connector.connect(name, stream).await.unwrap();
    let request = format!("GET /api/v1/hub/health HTTP/1.1\r\nhost: {}\r\n\r\n", hub.address);
    stranger.write_all(request.as_bytes()).await.unwrap();
    let mut rest = Vec::new();
    let ended = timeout(Duration::from_secs(6), stranger.read_to_end(&mut rest)).await;
    assert!(ended.is_ok(), "hung up on");
    assert!(String::from_utf8_lossy(&rest).contains("credential_missing"));
}

#[test]
fn a_device_key_signs_handshakes_and_nothing_that_could_pass_as_one_of_ours() {
    let handshake = [&[b' '; 64][..], b"TLS 1.3, client CertificateVerify\0", &[1; 32]].concat();
    assert!(key(2).sign_handshake(&handshake).is_some());
    for other in [&handshake[1..], b"kaisatsu/1/journal/", b"", &[b' '; 64]] {
        assert!(key(2).sign_handshake(other).is_none());
    }
}

/// A device's batch of `numbers`, each entry a sign-in, on top of `before`.
fn batch(device: u8, before: JournalHead, count: u64) -> (JournalBatch, JournalHead) {
    let mut head = before;
    let mut entries = Vec::new();
    for _ in 0..count {
        let entry = JournalEntry {
            device: DeviceId(device.into()),
            gate: GateId(device.into()),
            operator: OperatorId(1),
            epoch: Epoch(1),
            number: head.number + 1,
            previous: head.hash,
            at: TimeInterval::exact(UnixMillis(0)),
            body: JournalBody::SignedIn,
        };
        let bytes = entry.encode();
        head = JournalEntry::head_of(INSTALLATION, entry.number, &bytes);
        entries.push(bytes);
    }
    let signed = SignedJournalHead::sign(INSTALLATION, DeviceId(device.into()), head, &key(device));
    (JournalBatch { entries, head: signed }, head)
}

#[tokio::test]
async fn what_a_gate_tells_the_others_hear_with_its_signature() {
    let mut hub = hub().await;
    let (north, south) = (client(2, HUB), client(3, HUB));
    let [mine, theirs] = [2, 3].map(|device| shown(&credential(device, EVENT), &root()));
    let get = |after: u64, wait: u64| {
        let (hub, south, theirs) = (hub.address, south.clone(), theirs.clone());
        async move {
            let url = format!("https://{hub}/api/v1/hub/heard?run=1&after={after}&wait_ms={wait}");
            let asked = south.get(url).header(CREDENTIAL_HEADER, theirs).send().await.unwrap();
            asked.json::<HeardPage>().await.unwrap()
        }
    };
    assert_eq!(get(0, 0).await.batches, []);
    // Whoever waits hears at once.
    let waiting = tokio::spawn(get(0, 4_000));
    let (first, head) = batch(2, JournalHead::default(), 3);
    let kept = ask(&hub, &north, Some(&mine), "journal", json(&first)).await;
    assert_eq!(kept.0, 200);
    let page = timeout(Duration::from_secs(2), waiting).await.unwrap().unwrap();
    assert_eq!((page.run, page.next, page.batches.len()), (1, 1, 1));
    let opened = page.batches[0].open(&root().public(), INSTALLATION, EVENT);
    assert_eq!(
        opened.map(|(whose, entries)| (whose.device, entries.len())),
        Some((DeviceId(2), 3))
    );
    assert_eq!(hub.asked.recv().await, Some((DeviceId(2), GateId(2))), "the hub itself hears, too");
    // Told again with more: only that is new.
    let (longer, _) = batch(2, JournalHead::default(), 5);
    ask(&hub, &north, Some(&mine), "journal", json(&longer)).await;
    let page = get(page.next, 0).await;
    assert_eq!(page.batches[0].batch.entries.len(), 2);
    assert!(page.batches[0].open(&root().public(), INSTALLATION, EVENT).is_some());
    // Nothing of what doesn't follow, isn't its own, or was changed on the way.
    let (fork, _) = batch(2, JournalHead { hash: [9; 32], ..head }, 4);
    ask(&hub, &north, Some(&mine), "journal", json(&fork)).await;
    let (foreign, _) = batch(3, JournalHead::default(), 1);
    let mut changed = batch(2, head, 2).0;
    changed.entries.swap(0, 1);
    let mut shortened = batch(2, head, 4).0;
    shortened.entries.pop();
    for bad in [foreign, changed, shortened] {
        let answer = ask(&hub, &north, Some(&mine), "journal", json(&bad)).await;
        assert_eq!(answer, (400, "batch_unsigned".to_owned()));
    }
    assert_eq!(get(2, 0).await.batches, []);
    // A hub that started anew begins again.
    let url = format!("https://{}/api/v1/hub/heard?run=7&after=2&wait_ms=0", hub.address);
    let anew = south.get(url).header(CREDENTIAL_HEADER, theirs.clone()).send().await.unwrap();
    assert_eq!(anew.json::<HeardPage>().await.unwrap().batches.len(), 2);
}

#[tokio::test]
async fn a_gate_says_where_its_journal_ends_with_all_that_it_asks() {
    let hub = hub().await;
    let north = credential(2, EVENT);
    let (shown, client) = (shown(&north, &root()), client(2, HUB));
    let head = |number, by: u8| {
        let head = JournalHead { number, hash: [4; 32] };
        SignedJournalHead::sign(INSTALLATION, north.device, head, &key(by)).to_header()
    };
    let get = async |path: &str, head: &str| {
        let url = format!("https://{}/api/v1/hub/{path}", hub.address);
        let request = client.get(url).header(CREDENTIAL_HEADER, &shown).header(HEAD_HEADER, head);
        request.send().await.unwrap()
    };
    // Another's signature, or nonsense, says nothing; what was asked is answered all the same.
    for bad in [head(9, 3), "9:9:9".to_owned(), String::new()] {
        assert_eq!(get("health", &bad).await.status(), 200);
    }
    assert_eq!(hub.door.ends().after(0), (vec![], 0));
    for number in [3, 2] {
        assert_eq!(get("health", &head(number, 2)).await.status(), 200);
    }
    let (known, count) = hub.door.ends().after(0);
    assert_eq!((known.len(), known[0].head.head.number, count), (1, 3, 1));
    // Others hear of it, without any entries; once.
    let page: HeardPage = get("heard?run=0&after=0", &head(3, 2)).await.json().await.unwrap();
    assert_eq!((page.batches.len(), page.heads.clone(), page.heads_next), (0, known, 1));
    let path = format!("heard?run={}&after=0&heads=1", page.run);
    let page: HeardPage = get(&path, &head(3, 2)).await.json().await.unwrap();
    assert_eq!((page.heads, page.heads_next), (vec![], 1));
}

#[tokio::test]
async fn a_recall_reaches_the_gate_that_waits_for_news_and_no_other() {
    let hub = hub().await;
    let get = |device: u8, wait: u64| {
        let (hub, client) = (hub.address, client(device, HUB));
        let theirs = shown(&credential(device, EVENT), &root());
        async move {
            let url = format!("https://{hub}/api/v1/hub/heard?run=1&after=0&wait_ms={wait}");
            let asked = client.get(url).header(CREDENTIAL_HEADER, theirs).send().await.unwrap();
            asked.json::<HeardPage>().await.unwrap().recalls
        }
    };
    let (to, gate) = (DeviceId(HUB.into()), GateId(1));
    let recall =
        Recall { lease: LeaseId(1), serial: Serial(1), to, gate, epoch: Epoch(1), ledger: 3 };
    let waiting = tokio::spawn(get(2, 4_000));
    tokio::time::sleep(Duration::from_millis(200)).await;
    hub.door.recall(DeviceId(2), recall);
    let told = timeout(Duration::from_secs(1), waiting).await.unwrap().unwrap();
    assert_eq!(told, [recall]);
    hub.door.recall(DeviceId(2), recall);
    assert_eq!(get(3, 0).await, []);
    assert_eq!(get(2, 0).await, [recall]);
    assert_eq!(get(2, 0).await, [], "not twice");
}

#[tokio::test]
async fn a_transfer_is_taken_from_whoever_signed_it_only() {
    let mut hub = hub().await;
    let (lane, other) = (client(2, HUB), client(3, HUB));
    let [mine, theirs] = [2, 3].map(|device| shown(&credential(device, EVENT), &root()));
    let (good, _) = batch(2, JournalHead::default(), 2);
    // Replayed by another gate of the event.
    let answer = ask(&hub, &other, Some(&theirs), "transfers", json(&good)).await;
    assert_eq!(answer, (400, "batch_unsigned".to_owned()));
    let mut cut = good.clone();
    cut.entries.remove(0);
    cut.entries.push(cut.entries[0].clone());
    let answer = ask(&hub, &lane, Some(&mine), "transfers", json(&cut)).await;
    assert_eq!(answer, (400, "batch_unsigned".to_owned()));
    assert!(hub.asked.try_recv().is_err());
    assert_eq!(ask(&hub, &lane, Some(&mine), "transfers", json(&good)).await.0, 200);
    assert_eq!(hub.asked.recv().await, Some((DeviceId(2), GateId(2))));
}
