//! The server under load: an event with many tickets, one enrolled device, and claims as a gate
//! makes them.

use std::{
    net::SocketAddr,
    path::Path,
    sync::{Arc, atomic::AtomicU32},
};

use anyhow::Context as _;
use kaisatsu_fixtures::process::{Programs, Server, ServerData, TypeOptions};
use kaisatsu_server::{
    adapters,
    store::{
        SharedStore,
        sqlite::{self, Options},
        types::{Actor, IssueChunk, JobId, NewTicket},
    },
    vault::MasterKey,
};
use kaisatsu_shared::{
    hash::{Domain, Kind},
    id::{ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, OperatorId, Serial, TypeId},
    key::DeviceKey,
    ledger::{LedgerBody, LedgerEntry},
    right::{Authority, RightRef, Use, UseKind},
    sync::{
        Challenge, Claim, EnrolAnswer, EnrolRequest, SessionAnswer, SessionRequest,
        challenge_message,
    },
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

use super::load::Target;

/// Tickets to claim: more than a run can.
const TICKETS: u64 = 600_000;
/// Tickets of one issue command.
const CHUNK: usize = 1_024;

/// Sets the server up in `folder` and starts it.
pub(super) async fn start(folder: &Path) -> anyhow::Result<(Server, Target)> {
    let programs = Programs::find()?;
    let data_folder = folder.join("server");
    std::fs::create_dir_all(&data_folder)?;
    let key = folder.join("master.key");
    let data = ServerData::new(&programs, &data_folder, &key)?;
    let event = data.create_event("Load", &["North"])?;
    data.add_type(&event, TypeOptions::default())?;
    let announced = data.announce(&event, 1, "bench")?;
    let event = EventId(event.parse()?);
    let store = sqlite::open(Options {
        path: data_folder.join("kaisatsu.db"),
        create: false,
        master: MasterKey::from_file(&key)?,
        world: adapters::system(),
        fatal: Arc::new(end_with),
    })?;
    let fingerprints = issue(&store, event).await?;
    store.close().await?;
    drop(store);
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = Server::start(&data, listen, &folder.join("server.log"))?;
    let (token, device) = enrol(server.address(), &announced.code).await?;
    let body = move |serial: u32| claim(event, device, serial, &fingerprints);
    let target = Target {
        address: server.address(),
        path: "/api/v1/device/claims",
        token,
        body: Arc::new(body),
        next: Arc::new(AtomicU32::new(0)),
        expect: "granted",
    };
    Ok((server, target))
}

fn end_with(error: &kaisatsu_server::store::StoreError) {
    eprintln!("{error}");
    std::process::exit(1);
}

async fn issue(store: &SharedStore, event: EventId) -> anyhow::Result<Vec<Fingerprint>> {
    let mut first_row = 0;
    while first_row < TICKETS {
        let chunk = IssueChunk {
            event,
            ticket_type: TypeId(1),
            job: JobId([1; 32]),
            first_row,
            rows: vec![NewTicket::default(); CHUNK],
        };
        store.issue(Actor::system(), chunk).await?;
        first_row += u64::try_from(CHUNK)?;
    }
    let mut fingerprints = Vec::new();
    let mut after = 0;
    loop {
        let page = store.ledger(event, after, 256).await?;
        if page.rows.is_empty() {
            return Ok(fingerprints);
        }
        for row in &page.rows {
            let entry = LedgerEntry::decode(&row.bytes)?;
            after = entry.sequence;
            if let LedgerBody::Issued { fingerprints: issued, .. } = entry.body {
                fingerprints.extend(issued);
            }
        }
    }
}

async fn enrol(server: SocketAddr, code: &str) -> anyhow::Result<(String, DeviceId)> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().build()?;
    let url = |path: &str| format!("http://{server}/api/v1/device/{path}");
    let key = DeviceKey::from_seed([5; 32]);
    let request = EnrolRequest { code: code.to_owned(), public: key.public() };
    let enrolled: EnrolAnswer = answer(client.post(url("enrol")).json(&request)).await?;
    let credential = enrolled
        .credential
        .open(&enrolled.root, enrolled.installation)
        .context("the credential isn't signed")?;
    let Challenge { challenge } = answer(client.post(url("challenge"))).await?;
    let domain = Domain::new(Kind::Device, enrolled.installation);
    let signature = key.sign(domain, &challenge_message(credential.device, &challenge));
    let request = SessionRequest { credential: enrolled.credential, challenge, signature };
    let session: SessionAnswer = answer(client.post(url("session")).json(&request)).await?;
    Ok((session.token, credential.device))
}

async fn answer<T: serde::de::DeserializeOwned>(
    request: reqwest::RequestBuilder,
) -> anyhow::Result<T> {
    Ok(request.send().await?.error_for_status()?.json().await?)
}

fn claim(event: EventId, device: DeviceId, serial: u32, fingerprints: &[Fingerprint]) -> String {
    let mut key = [0; 16];
    for (to, from) in key.iter_mut().zip(serial.to_be_bytes()) {
        *to = from;
    }
    let index = usize::try_from(serial).unwrap_or(usize::MAX);
    let claim = Claim {
        used: Use {
            right: RightRef {
                event,
                serial: Serial(serial),
                generation: Generation::FIRST,
                // Past the last ticket the claim is refused, and the run ends with that answer.
                fingerprint: fingerprints.get(index).copied().unwrap_or(Fingerprint([0; 8])),
            },
            kind: UseKind::Entry,
            count: 1,
            claim: ClaimKey(key),
            gate: GateId(1),
            device,
            operator: OperatorId(0),
            epoch: Epoch(0),
            at: TimeInterval::exact(UnixMillis(1_800_000_000_000)),
            authority: Authority::Server,
        },
        abandons: Vec::new(),
        by_hand: None,
    };
    serde_json::to_string(&claim).unwrap_or_default()
}
