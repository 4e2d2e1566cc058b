//! The least program that does a claim's durable work: actix-web, one JSON claim with serial,
//! generation and fingerprint under device authentication, one writer with group commit to SQLite
//! with `synchronous=FULL`. No domain logic.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context as _;
use kaisatsu_shared::hash::hmac;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

/// Claims that one commit carries at most.
const GROUP: usize = 256;

/// Where the least server keeps its data.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// The database file.
    #[arg(long)]
    pub database: PathBuf,
}

/// The least claim.
#[derive(Debug, Serialize, Deserialize)]
pub struct LeastClaim {
    /// The ticket.
    pub serial: u32,
    /// Its generation.
    pub generation: u8,
    /// Its fingerprint, in hexadecimal.
    pub fingerprint: String,
}

#[derive(Serialize)]
struct LeastAnswer {
    granted: bool,
}

/// The key of the least server's device tokens. A TEST KEY.
const KEY: [u8; 32] = [3; 32];

struct Waiting {
    claim: LeastClaim,
    reply: oneshot::Sender<bool>,
}

/// A device's token: its number and a MAC over it.
#[must_use]
pub fn device_token(device: u32) -> String {
    format!("{device}.{}", hex::encode(hmac(&KEY, &[&device.to_be_bytes()])))
}

fn authenticated(request: &HttpRequest) -> bool {
    let header = request.headers().get("authorization").and_then(|value| value.to_str().ok());
    let token =
        header.and_then(|value| value.strip_prefix("Bearer ")).and_then(|t| t.split_once('.'));
    let Some((device, mac)) = token else { return false };
    let Ok(device) = device.parse::<u32>() else { return false };
    let expected = hmac(&KEY, &[&device.to_be_bytes()]);
    hex::decode(mac).is_ok_and(|mac| mac == expected)
}

async fn claim(
    request: HttpRequest,
    claim: web::Json<LeastClaim>,
    writer: web::Data<SyncSender<Waiting>>,
) -> HttpResponse {
    if !authenticated(&request) {
        return HttpResponse::Unauthorized().finish();
    }
    let (reply, answer) = oneshot::channel();
    if writer.try_send(Waiting { claim: claim.into_inner(), reply }).is_err() {
        return HttpResponse::ServiceUnavailable().finish();
    }
    match answer.await {
        Ok(granted) => HttpResponse::Ok().json(LeastAnswer { granted }),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn write(mut database: rusqlite::Connection, waiting: &Receiver<Waiting>) -> anyhow::Result<()> {
    while let Ok(first) = waiting.recv() {
        let mut group = vec![first];
        group.extend(waiting.try_iter().take(GROUP - 1));
        let transaction = database.transaction()?;
        let mut replies = Vec::with_capacity(group.len());
        {
            let mut insert = transaction.prepare_cached(
                "INSERT OR IGNORE INTO claims (serial, generation, fingerprint) VALUES (?, ?, ?)",
            )?;
            for Waiting { claim, reply } in group {
                let row = (claim.serial, claim.generation, claim.fingerprint);
                replies.push((reply, insert.execute(row)? == 1));
            }
        }
        transaction.commit()?;
        for (reply, granted) in replies {
            let _ = reply.send(granted);
        }
    }
    Ok(())
}

/// Serves claims on a free port, which is printed first, until the process is ended.
///
/// # Errors
/// If the database or the port can't be opened.
pub fn serve(options: &Options) -> anyhow::Result<()> {
    let database = rusqlite::Connection::open(&options.database)
        .with_context(|| format!("can't open {}", options.database.display()))?;
    database.pragma_update(None, "journal_mode", "WAL")?;
    database.pragma_update(None, "synchronous", "FULL")?;
    database.execute_batch(
        "CREATE TABLE claims (seq INTEGER PRIMARY KEY, serial INTEGER NOT NULL UNIQUE,
         generation INTEGER NOT NULL, fingerprint TEXT NOT NULL) STRICT",
    )?;
    let (sender, receiver) = sync_channel(4_096);
    std::thread::spawn(move || write(database, &receiver));
    let sender = web::Data::new(sender);
    actix_web::rt::System::new().block_on(async move {
        let server = HttpServer::new(move || {
            App::new().app_data(sender.clone()).route("/claims", web::post().to(claim))
        })
        .workers(2)
        .bind(("127.0.0.1", 0))?;
        for address in server.addrs() {
            println!("{address}");
        }
        server.run().await
    })?;
    Ok(())
}
