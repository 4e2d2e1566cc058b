//! Who may ask the hub: devices of its event whose credential the installation signed, that have proven the
//! credential's key, and that aren't revoked as far as the hub knows. Of nobody else anything is kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use kaisatsu_shared::{
    api::Problem,
    bundle::{Credential, SignedCredential, SignedRevocation},
    id::{DeviceId, EventId, InstallationId},
    key::{DevicePublic, RootPublic},
    sync::{HeardPage, JournalBatch, Recall},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    time::Duration,
};

use super::{board::Board, crowd::Crowd, ends::Ends, pace::Pace, recalls::Recalls};
use crate::{link::LinkEvent, platform::Clock};

/// Connections that one device may keep.
const OF_ONE: usize = 4;
/// Questions that may be with the loop at once.
const QUESTIONS: usize = 16;

/// Whose hub it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Owner {
    pub(crate) installation: InstallationId,
    pub(crate) root: RootPublic,
    pub(crate) event: EventId,
    pub(crate) device: DeviceId,
}

/// The hub's door.
#[derive(Debug)]
pub(crate) struct Door {
    owner: Owner,
    clock: Clock,
    /// The gate's loop.
    pub(super) events: mpsc::Sender<LinkEvent>,
    pub(super) strangers: Arc<Crowd>,
    pub(super) questions: Arc<Semaphore>,
    revoked: RwLock<Revoked>,
    /// This hub was revoked itself.
    shut: AtomicBool,
    known: Mutex<BTreeMap<DeviceId, Known>>,
    pub(super) board: Board,
    pub(super) ends: Arc<Ends>,
    recalls: Recalls,
}

/// The devices that were revoked, and the root key's word for it.
type Revoked = (BTreeSet<DeviceId>, Vec<SignedRevocation>);

/// What is kept of a device.
#[derive(Debug)]
struct Known {
    pace: Pace,
    connections: Arc<Semaphore>,
}

/// Why somebody may not ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    Stranger,
    OtherEvent,
    Revoked,
    Shut,
    TooOften,
    TooMany,
}

impl Refused {
    /// The answer.
    pub(super) fn problem(self) -> Problem {
        let (status, code, title) = match self {
            Self::Stranger => {
                (401, "credential_missing", "show a credential of this installation for your key")
            }
            Self::OtherEvent => (403, "event_mismatch", "this hub serves another event"),
            Self::Revoked => (403, "device_revoked", "this device was revoked: stop using it"),
            Self::Shut => (503, "hub_unable", "this hub was revoked; decide without it"),
            Self::TooOften => (429, "hub_too_often", "wait a moment before you ask again"),
            Self::TooMany => (429, "hub_too_many", "close other connections of this device first"),
        };
        Problem::new(status, code, title)
    }
}

impl Door {
    /// `run` is drawn anew for each start.
    pub(crate) fn new(
        owner: Owner,
        clock: Clock,
        events: mpsc::Sender<LinkEvent>,
        run: u64,
    ) -> Self {
        Self {
            owner,
            clock,
            events,
            strangers: Arc::default(),
            questions: Arc::new(Semaphore::new(QUESTIONS)),
            revoked: RwLock::default(),
            shut: AtomicBool::new(false),
            known: Mutex::default(),
            board: Board::new(run, owner.installation),
            ends: Arc::new(Ends::new(owner)),
            recalls: Recalls::new(),
        }
    }

    /// The devices that the newest bundle says are revoked.
    pub(crate) fn revoke(&self, devices: &[DeviceId], words: &[SignedRevocation]) {
        let mut revoked = self.revoked.write().unwrap_or_else(PoisonError::into_inner);
        *revoked = (devices.iter().copied().collect(), words.to_vec());
    }

    /// This hub was revoked: it answers nobody any more.
    pub(crate) fn shut(&self) {
        self.shut.store(true, Ordering::Relaxed);
    }

    /// The answer to a device that may not ask. Who was revoked gets the root key's word for it: this hub's own
    /// needn't be believed.
    pub(super) fn problem(&self, refused: Refused, device: DeviceId) -> Problem {
        let mut problem = refused.problem();
        if refused == Refused::Revoked {
            let (root, installation) = (&self.owner.root, self.owner.installation);
            let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
            let word = revoked.1.iter().find(|it| it.open(root, installation, device).is_some());
            problem.revocation = word.cloned().map(Box::new);
        }
        problem
    }

    /// Who shows this credential and has proven the key `peer`.
    pub(super) fn recognise(
        &self,
        peer: DevicePublic,
        shown: &str,
    ) -> Result<(Credential, SignedCredential), Refused> {
        let signed = BASE64_STANDARD.decode(shown).ok();
        let signed: Option<SignedCredential> =
            signed.and_then(|text| serde_json::from_slice(&text).ok());
        let signed = signed.ok_or(Refused::Stranger)?;
        let credential = signed.open(&self.owner.root, self.owner.installation);
        let credential = credential.filter(|it| it.public == peer).ok_or(Refused::Stranger)?;
        if credential.event != self.owner.event {
            return Err(Refused::OtherEvent);
        }
        if credential.device == self.owner.device {
            return Err(Refused::Stranger);
        }
        Ok((credential, signed))
    }

    /// What other gates told, from this place on, for the server; and the next place.
    pub(crate) async fn told(&self, after: u64) -> (Vec<JournalBatch>, u64) {
        self.board.others(self.owner.device, after).await
    }

    /// Where other gates' journals end, as they say.
    pub(crate) fn ends(&self) -> Arc<Ends> {
        Arc::clone(&self.ends)
    }

    /// What other gates told, for a device; waits for it at most so long, or until the hub wants something.
    pub(super) async fn news(
        &self,
        device: DeviceId,
        (run, after): (u64, u64),
        wait: Duration,
    ) -> HeardPage {
        let page = tokio::select! {
            page = self.board.page(run, after, wait) => page,
            () = self.recalls.wait(device) => self.board.page(run, after, Duration::ZERO).await,
        };
        HeardPage { recalls: self.recalls.take(device, self.clock.monotonic()), ..page }
    }

    /// Asks a gate for a right.
    pub(crate) fn recall(&self, device: DeviceId, recall: Recall) {
        self.recalls.post(device, recall, self.clock.monotonic());
    }

    /// Tells the venue's other gates what this one wrote.
    pub(crate) fn tell_own(&self, credential: &SignedCredential, batch: JournalBatch) {
        self.board.post_own(credential, batch);
    }

    /// Whether a known device may ask once more. The rules may have changed since its last question.
    pub(super) fn pass(&self, device: DeviceId) -> Result<(), Refused> {
        let revoked = self.revoked.read().unwrap_or_else(PoisonError::into_inner);
        if self.shut.load(Ordering::Relaxed) {
            return Err(Refused::Shut);
        }
        if revoked.0.contains(&device) {
            return Err(Refused::Revoked);
        }
        let now = self.clock.monotonic();
        let may = self.with(device, |known| known.pace.take(now));
        may.then_some(()).ok_or(Refused::TooOften)
    }

    /// A connection of a known device.
    pub(super) fn enter(&self, device: DeviceId) -> Result<OwnedSemaphorePermit, Refused> {
        let connections = self.with(device, |known| Arc::clone(&known.connections));
        connections.try_acquire_owned().map_err(|_| Refused::TooMany)
    }

    fn with<T>(&self, device: DeviceId, work: impl FnOnce(&mut Known) -> T) -> T {
        let now = self.clock.monotonic();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        work(known.entry(device).or_insert_with(|| Known {
            pace: Pace::new(now),
            connections: Arc::new(Semaphore::new(OF_ONE)),
        }))
    }
}
