//! Runs the gate until the page has nothing more to say.

use std::{cell::RefCell, rc::Rc, sync::Arc};

use kaisatsu_shared::rules::Direction;
use serde_json::Value;
use tokio::sync::mpsc;

use super::{Refused, Rows, unusable};
use crate::{
    entrance::{Arrivals, Entrance, Front, Hub, Opening, Reports, Said, damaged, hear, open},
    face::{self, notice},
    link::Notice,
    platform::{self, Clock},
    store::{Notes as _, Store as _, StoreError, rows::RowStore},
    time::SystemTrust,
};

/// How far the clock of a tablet may be off, in milliseconds, before the server has said what time it is. Tablets keep it by
/// the network.
const SYSTEM: u64 = 2_000;

/// What a page says to its gate.
#[derive(Clone, Debug)]
pub struct Voice(mpsc::Sender<Said>);

/// What a gate hears of it.
#[derive(Debug)]
pub struct Ear(mpsc::Receiver<Said>);

impl Voice {
    /// A voice, and the ear for it. The gate ends when nobody can speak any more.
    #[must_use]
    pub fn new() -> (Self, Ear) {
        let (sender, receiver) = mpsc::channel(16);
        (Self(sender), Ear(receiver))
    }

    /// Says something, as JSON; false where it is nothing that a page says, or more than the gate can hear at once.
    #[must_use]
    pub fn say(&self, words: &str) -> bool {
        serde_json::from_str(words).is_ok_and(|said| self.0.try_send(said).is_ok())
    }
}

/// A gate in a page knows of no hub yet.
struct NoHub;

impl Hub for NoHub {}

/// Runs the gate of an enrolled device; its documents go to `post`.
///
/// # Errors
/// A notice that says why it doesn't run, or not any more.
pub async fn run(rows: Rc<dyn Rows>, post: Box<dyn Fn(Value)>, ear: Ear) -> Result<(), Refused> {
    work(rows, post, ear).await.map_err(|error| match error.downcast::<StoreError>() {
        Ok(error) => unusable(&error),
        Err(error) => notice(&stopped(&error)),
    })
}

async fn work(rows: Rc<dyn Rows>, post: Box<dyn Fn(Value)>, ear: Ear) -> anyhow::Result<()> {
    let mut store = RowStore::new(rows);
    if let Some(wiped) = store.wiped().await? {
        // The last run may have stopped halfway.
        store.finish_wipe().await?;
        return Err(StoreError::Wiped { path: Default::default(), wiped: Box::new(wiped) }.into());
    }
    let enrolment = store.enrolment().await?;
    let enrolment = enrolment.ok_or_else(|| StoreError::NotEnrolled(Default::default()))?;
    let credential = enrolment.open().ok_or_else(damaged)?;
    let key = Arc::new(store.key().await?);
    let clock = Clock::new();
    let front = Rc::new(RefCell::new(Front { face: face::page(post), turnstile: None }));
    let (sender, arrivals) = mpsc::channel(16);
    let opening = Opening {
        store,
        enrolment,
        credential,
        key,
        direction: Direction::Entry,
        clock,
        trust: SystemTrust::Within(SYSTEM),
        front: Rc::clone(&front),
        watcher: Box::new(|_| {}),
        reports: Reports::at(0, &sender),
    };
    let (gate, _) = open(opening, |_| Rc::new(NoHub)).await?;
    let (scan_sender, scans) = mpsc::channel(16);
    let (command_sender, commands) = mpsc::channel(4);
    platform::spawn(hear(ear.0, scan_sender, command_sender, clock));
    // A worker gets no signals: its page ends it, or stops to speak.
    let (_, signals) = mpsc::channel(1);
    let mut entrance = Entrance::new(vec![gate], front, clock);
    entrance.work(Arrivals { arrivals, scans, commands, signals }).await?;
    entrance.end().await;
    Ok(())
}

fn stopped(error: &anyhow::Error) -> Notice {
    let ja = "ゲートが止まりました。画面を開き直し、直らなければ係を呼んでください";
    Notice::new("gate_stopped", ja, error.to_string())
}
