//! A server as far as one link needs it: canned answers, and a count of the sessions begun.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering},
};

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::{DeviceId, Epoch, GateId, OrganisationId},
    journal::JournalHead,
    key::DeviceKey,
    ledger::Cursor,
    sync::{Challenge, Located, SessionAnswer},
    time::UnixMillis,
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::{Notify, mpsc},
};

use super::super::{Client, Link, LinkEvent, OwnHead, session::Sessions};
use super::{EVENT, INSTALLATION, root};
use crate::{platform::Clock, store::Enrolment};

/// An answer: status, content type, entity tag, body.
#[derive(Clone, Debug)]
pub(super) struct Answer(
    pub(super) u16,
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) Vec<u8>,
);

/// The server's state, to be changed by the test.
#[derive(Debug)]
pub(super) struct Server {
    /// What anything else is answered with.
    pub(super) answer: Mutex<Answer>,
    pub(super) sessions: AtomicU64,
    /// Its epoch when it is asked where two ledgers part.
    pub(super) epoch: AtomicU32,
    /// The requests, as text in lower case.
    pub(super) requests: Mutex<Vec<String>>,
}

/// A link to a server that answers so, with room for `room` events that nobody takes.
pub(super) async fn linked(
    answer: Answer,
    room: usize,
) -> (Arc<Server>, Arc<Link>, mpsc::Receiver<LinkEvent>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = Arc::new(Server {
        answer: Mutex::new(answer),
        sessions: AtomicU64::new(0),
        epoch: AtomicU32::new(1),
        requests: Mutex::default(),
    });
    let serving = Arc::clone(&server);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(Arc::clone(&serving), stream));
        }
    });
    let key = Arc::new(DeviceKey::from_seed([3; 32]));
    let signing = Arc::clone(&key);
    let own_head = OwnHead::new(INSTALLATION, DeviceId(1), signing, JournalHead::default());
    let own_head = Arc::new(own_head);
    let credential = Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EVENT,
        gate: GateId(1),
        device: DeviceId(1),
        public: key.public(),
        enrolled_at: UnixMillis(0),
    };
    let enrolment = Enrolment {
        server: address.clone(),
        installation: INSTALLATION,
        root: root().public(),
        credential: SignedCredential::sign(&credential, &root()).unwrap(),
    };
    let (events, taken) = mpsc::channel(room);
    let link = Link {
        client: Client::telling(&address, own_head).unwrap(),
        sessions: Sessions::default(),
        enrolment,
        credential,
        key,
        clock: Clock::new(0),
        events,
        doubt: Notify::new(),
        refresh: Notify::new(),
        refreshed: AtomicU64::new(0),
        closed: AtomicBool::new(false),
    };
    (server, Arc::new(link), taken)
}

/// Answers one request and closes.
async fn serve(server: Arc<Server>, mut stream: TcpStream) {
    let mut request = Vec::new();
    let line = loop {
        if stream.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return;
        }
        let text = String::from_utf8_lossy(&request).to_lowercase();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
            server.requests.lock().unwrap().push(text.clone());
            break head.lines().next().map(str::to_owned).unwrap();
        }
    };
    let Answer(status, kind, tag, body) = server.answer_to(&line);
    let head = format!(
        "HTTP/1.1 {status} -\r\ncontent-type: {kind}\r\netag: {tag}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
}

impl Server {
    fn answer_to(&self, request: &str) -> Answer {
        let json = |body| Answer(200, "application/json", "\"-\"", body);
        if request.contains("device/challenge") {
            return json(serde_json::to_vec(&Challenge { challenge: "00".into() }).unwrap());
        }
        if request.contains("device/session") {
            self.sessions.fetch_add(1, Ordering::Relaxed);
            let now = Clock::new(0).wall();
            let answer = SessionAnswer {
                token: "t".into(),
                expires_at: now.plus(60_000),
                server_time: now,
                revoked: false,
                journal: JournalHead::default(),
                revocation: None,
                receipt: None,
            };
            return json(serde_json::to_vec(&answer).unwrap());
        }
        if request.contains("device/locate") {
            let epoch = Epoch(self.epoch.load(Ordering::Relaxed));
            let located = Located { epoch, common: Cursor::default(), recovered: Vec::new() };
            return json(serde_json::to_vec(&located).unwrap());
        }
        self.answer.lock().unwrap().clone()
    }
}
