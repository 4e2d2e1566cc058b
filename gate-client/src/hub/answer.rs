//! One question of another gate, from request to answer.

use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
};
use kaisatsu_shared::{
    api::Problem,
    bundle::{Credential, SignedCredential},
    id::DeviceId,
    journal::{JournalEntry, SignedJournalHead},
    key::DevicePublic,
    sync::{CREDENTIAL_HEADER, Claim, GivenUp, HEAD_HEADER, Heard, HubHealth, JournalBatch},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, oneshot},
    time::{Duration, timeout},
};

use super::{Door, HubAsk, crowd::Place};
use crate::link::LinkEvent;

/// Longer questions are refused: a claim is at most some 4 kB.
const MAX_BODY: usize = 16 << 10;
/// Longer batches are refused: 256 entries of at most some 300 bytes in Base64.
const MAX_BATCH: usize = 256 << 10;
/// How long a question for what was heard is held.
const LONGEST_HOLD: Duration = Duration::from_secs(5);
/// How long a question may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(2);
/// How long the gate's loop may take. Whoever asks doesn't wait longer.
const PATIENCE: Duration = Duration::from_millis(600);

/// A connection, and what is known of its other end.
#[derive(Debug)]
pub(super) struct Visitor {
    peer: DevicePublic,
    standing: Mutex<Standing>,
}

#[derive(Debug)]
enum Standing {
    /// Counted among the strangers.
    Stranger(#[expect(dead_code, reason = "held, not used")] Place),
    Known(
        Box<(Credential, SignedCredential)>,
        #[expect(dead_code, reason = "held, not used")] OwnedSemaphorePermit,
    ),
}

impl Visitor {
    pub(super) const fn new(peer: DevicePublic, place: Place) -> Self {
        Self { peer, standing: Mutex::new(Standing::Stranger(place)) }
    }

    /// Whether it has shown who it is.
    pub(super) fn is_known(&self) -> bool {
        matches!(*self.standing.lock().unwrap_or_else(PoisonError::into_inner), Standing::Known(..))
    }

    /// Who asks; they have shown it with this question or an earlier one of this connection.
    fn who(
        &self,
        door: &Door,
        request: &Request<Incoming>,
    ) -> Result<(Credential, SignedCredential), Problem> {
        let mut standing = self.standing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Standing::Known(known, _) = &*standing {
            return Ok(known.as_ref().clone());
        }
        let shown = request.headers().get(CREDENTIAL_HEADER).and_then(|it| it.to_str().ok());
        let known = door
            .recognise(self.peer, shown.unwrap_or_default())
            .map_err(super::door::Refused::problem)?;
        let place = door.enter(known.0.device).map_err(super::door::Refused::problem)?;
        *standing = Standing::Known(Box::new(known.clone()), place);
        Ok(known)
    }
}

/// Answers a question.
pub(super) async fn answer(
    door: &Door,
    visitor: &Visitor,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    match reply(door, visitor, request).await {
        Ok(response) => response,
        Err(problem) => write(
            StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            "application/problem+json",
            &problem,
        ),
    }
}

async fn reply(
    door: &Door,
    visitor: &Visitor,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Problem> {
    let (credential, shown) = visitor.who(door, &request)?;
    let Credential { device, gate, public, .. } = credential;
    door.pass(device).map_err(|refused| door.problem(refused, device))?;
    if let Some(head) = sent_head(&request, device) {
        door.ends.hear(&credential, &shown, head);
    }
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/api/v1/hub/health") => {
            sees(door, device).await;
            Ok(ok(&HubHealth { run: door.board.run() }))
        }
        (&Method::GET, "/api/v1/hub/heard") => {
            let [run, after, wait, heads] =
                ["run", "after", "wait_ms", "heads"].map(|name| number(&request, name));
            let wait = Duration::from_millis(wait).min(LONGEST_HOLD);
            sees(door, device).await;
            let mut page = door.news(device, (run, after), wait).await;
            let known = if run == page.run { heads } else { 0 };
            (page.heads, page.heads_next) = door.ends.after(known);
            Ok(ok(&page))
        }
        (&Method::POST, "/api/v1/hub/transfers") => {
            let batch: JournalBatch = read(request, MAX_BATCH).await?;
            let entries = own_entries(door, device, &public, &batch)?;
            ask(door, HubAsk::Transfer { device, entries }).await?;
            Ok(ok(&Heard {}))
        }
        (&Method::POST, "/api/v1/hub/journal") => {
            let batch: JournalBatch = read(request, MAX_BATCH).await?;
            let entries = own_entries(door, device, &public, &batch)?;
            door.ends.hear(&credential, &shown, batch.head.clone());
            let (kept, fresh) = door.board.post(&shown, batch, entries);
            if !fresh.is_empty() {
                ask(door, HubAsk::Heard { entries: fresh }).await?;
            }
            Ok(ok(&kept))
        }
        (&Method::POST, "/api/v1/hub/claims") => {
            let claim: Box<Claim> = Box::new(read(request, MAX_BODY).await?);
            let (reply, answer) = oneshot::channel();
            ask(door, HubAsk::Claim { device, gate, claim, reply }).await?;
            let answer = wait(answer).await?.ok_or_else(unable)?;
            Ok(ok(&answer))
        }
        (&Method::POST, "/api/v1/hub/given-up") => {
            let given_up: GivenUp = read(request, MAX_BODY).await?;
            let (reply, heard) = oneshot::channel();
            ask(door, HubAsk::GivenUp { device, given_up, reply }).await?;
            wait(heard).await?;
            Ok(ok(&Heard {}))
        }
        _ => Err(Problem::new(404, "not_found", "this hub answers claims only; update one side")),
    }
}

/// Tells the loop that a gate is there. One that is busy hears it the next time.
async fn sees(door: &Door, device: DeviceId) {
    let _ = ask(door, HubAsk::Sees { device }).await;
}

/// A batch's entries, if whoever brings them has signed them.
fn own_entries(
    door: &Door,
    device: DeviceId,
    public: &DevicePublic,
    batch: &JournalBatch,
) -> Result<Vec<JournalEntry>, Problem> {
    let entries = batch.open(door.board.installation(), device, public);
    entries
        .ok_or_else(|| Problem::new(400, "batch_unsigned", "the entries aren't this device's own"))
}

/// Hands a question to the loop, where there is room.
async fn ask(door: &Door, question: HubAsk) -> Result<(), Problem> {
    let _place = place(&door.questions)?;
    let sent = timeout(PATIENCE, door.events.send(LinkEvent::Hub(question))).await;
    sent.map_err(|_| unable())?.map_err(|_| unable())
}

fn place(questions: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Problem> {
    Arc::clone(questions).try_acquire_owned().map_err(|_| unable())
}

async fn wait<T>(answer: oneshot::Receiver<T>) -> Result<T, Problem> {
    timeout(PATIENCE, answer).await.map_err(|_| unable())?.map_err(|_| unable())
}

fn unable() -> Problem {
    Problem::new(503, "hub_unable", "the hub can't say now; decide without it")
}

/// What a device says of the end of its journal.
fn sent_head(request: &Request<Incoming>, device: DeviceId) -> Option<SignedJournalHead> {
    let text = request.headers().get(HEAD_HEADER)?.to_str().ok()?;
    SignedJournalHead::from_header(device, text)
}

/// A number of the address; 0 where it isn't there.
fn number(request: &Request<Incoming>, name: &str) -> u64 {
    let fields = request.uri().query().unwrap_or_default().split('&');
    let mut fields = fields.filter_map(|field| field.split_once('='));
    let found = fields.find(|(key, _)| *key == name);
    found.and_then(|(_, value)| value.parse().ok()).unwrap_or_default()
}

async fn read<T: DeserializeOwned>(request: Request<Incoming>, most: usize) -> Result<T, Problem> {
    let unread = |title: &str| Problem::new(400, "invalid_request", title);
    let body = timeout(ARRIVAL, Limited::new(request.into_body(), most).collect())
        .await
        .map_err(|_| Problem::new(408, "timeout", "the question took too long to arrive"))?
        .map_err(|_| unread("the question is too long or broke off"))?;
    serde_json::from_slice(&body.to_bytes()).map_err(|error| unread(&error.to_string()))
}

fn ok<T: Serialize>(body: &T) -> Response<Full<Bytes>> {
    write(StatusCode::OK, "application/json", body)
}

fn write<T: Serialize>(status: StatusCode, kind: &'static str, body: &T) -> Response<Full<Bytes>> {
    // What is answered here can always be written as JSON.
    let body = serde_json::to_vec(body).unwrap_or_default();
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
