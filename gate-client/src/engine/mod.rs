//! The gate engine: a state machine without I/O. Inputs (a scan, a finished write, a claim's
//! answer, ledger entries, a tick) go in; effects (store, claim, show, upload) come out, to be
//! carried out in order. Adapters around it: native with SQLite, the browser with IndexedDB, the
//! simulation with everything that can break.
//!
//! What it keeps: a green light follows a durable journal entry; a claim is preceded by a durable
//! intent and followed by a journalled outcome; nothing lights up by itself after a restart.

mod answering;
mod by_hand;
mod case;
mod claiming;
mod fetching;
mod following;
mod granted;
mod granting;
mod handing;
mod heard;
mod holdings;
mod hub_link;
mod intervening;
mod kept;
mod leasing;
mod outbox;
mod overlay;
mod replacing;
mod restoring;
mod revoked;
mod revoking;
mod scanning;
#[cfg(test)]
mod tests;
mod types;
mod writing;

use std::collections::{BTreeMap, VecDeque};

use kaisatsu_shared::{
    bundle::OpenBundle,
    display::clock::LinkCache,
    id::{ClaimKey, Epoch, Serial},
    journal::{JournalBody, JournalHead},
    ledger::EventState,
    operator::Role,
    planted::{Fault, is_planted},
    right::Use,
    rules::{Direction, Reach},
};

use case::{Case, Open, Pending};
use fetching::Fetching;
use granted::Granted;
use granting::Waiting;
use heard::Heard;
use holdings::Holdings;
use hub_link::HubLink;
use outbox::Outbox;
use overlay::Overlay;
use writing::{Then, Write, Writing};

pub use claiming::CLAIM_BUDGET;
pub use kept::{KeptLedger, KeptPage};
pub use leasing::{RECALL_BUDGET, leased};
pub use replacing::Replacement;
pub use revoking::Revoking;
pub use types::{
    Answer, Declined, Done, Effect, Identity, Input, Intent, LinkState, Now, Record, Restored,
    ScanId, Status, StoreFailed, StoreId,
};

/// A gate's engine.
#[derive(Debug)]
pub struct Engine {
    identity: Identity,
    bundle: Option<OpenBundle>,
    state: EventState,
    overlay: Overlay,
    /// What changed hands by this device's journal.
    holdings: Holdings,
    /// What was granted to other gates, as the venue's hub.
    granted: Granted,
    waiting: Waiting,
    fetching: Fetching,
    /// What other gates told through the hub.
    heard: Heard,
    links: LinkCache,
    writing: Writing,
    /// What the start found interrupted is being written: nothing is delivered before that is there, too.
    opening: bool,
    outbox: Outbox,
    intents: BTreeMap<ClaimKey, Intent>,
    /// Claims given up, by ticket, with the number of the journal entry that says so.
    abandoned: BTreeMap<Serial, Vec<(u64, ClaimKey)>>,
    link: LinkState,
    /// The root key says that this device is revoked.
    revoked: bool,
    hub: HubLink,
    direction: Direction,
    /// A claim went unanswered since the server was last heard: it isn't waited for again.
    suspect: bool,
    pending: Option<Pending>,
    queue: VecDeque<(ScanId, String, ClaimKey)>,
    next_scan: u64,
    /// The newest verdict, while staff may answer or overrule it.
    open: Option<Open>,
    /// The own last use, which staff may take back.
    newest: Option<(u64, Use)>,
}

impl Engine {
    /// Takes in what happened and says what to do about it. Effects must be carried out in order,
    /// and each store effect before anything after it is shown.
    pub fn handle(&mut self, input: Input, now: Now) -> Vec<Effect> {
        if self.revoked {
            return self.handle_revoked(input, now);
        }
        let mut effects = Vec::new();
        match input {
            Input::Scan { text, key } => {
                let scan = ScanId(self.next_scan);
                self.next_scan = self.next_scan.saturating_add(1);
                self.writing.resume();
                self.queue.push_back((scan, text, key));
            }
            Input::Direction(direction) => self.direction = direction,
            Input::Answer { answer, key } => {
                self.writing.resume();
                self.answer(answer, key, now, &mut effects);
            }
            Input::AdmitByHand { right, key } => {
                self.writing.resume();
                self.admit_by_hand(right, key, now, &mut effects);
            }
            Input::Override { reason } => {
                self.writing.resume();
                self.overrule(reason, now, &mut effects);
            }
            Input::Annul => {
                self.writing.resume();
                self.annul(now, &mut effects);
            }
            Input::SignIn { operator } => self.sign_in(operator, now),
            Input::SignOut => self.sign_out(now),
            Input::PinRefused { operator } => {
                self.push_entry(JournalBody::PinRefused { operator }, now.time, Then::MustFollow);
            }
            Input::TimeSet { at } => self.time_set(at, now, &mut effects),
            Input::Stored { id, result: Ok(()) } => self.stored(id, now, &mut effects),
            Input::Stored { id, result: Err(StoreFailed) } => {
                self.store_failed(id, now, &mut effects);
            }
            Input::Claimed { key, answer } => {
                self.suspect = false;
                self.claimed(key, answer, now, &mut effects);
            }
            Input::ClaimRejected { key } => {
                self.suspect = false;
                self.claim_rejected(key, now, &mut effects);
            }
            Input::ClaimFailed { key } => self.claim_failed(key, now, &mut effects),
            Input::Feed { entries, end } => self.follow(entries, end, now, &mut effects),
            Input::Replaced(replacement) => {
                self.replace_ledger(*replacement, now, &mut effects);
            }
            Input::ReturnLeases => self.return_leases(now, &mut effects),
            Input::Bundle { signed, open } => self.take_bundle(signed, *open),
            Input::Uploaded(answer) => self.uploaded(&answer, now, &mut effects),
            Input::ServerHas { number, entries } => {
                self.server_has(number, entries);
                // It may have got all before, and only its answer was lost.
                self.return_received(now);
            }
            Input::UploadFailed => self.outbox.failed(now.monotonic),
            Input::UploadRefused => self.outbox.refused(now.monotonic),
            Input::HubLink { up } => self.hub.set(up),
            Input::HubAnswered { key, answer } => {
                self.hub_answered(key, answer, now, &mut effects);
            }
            Input::HubFailed { key } => self.hub_failed(key, now, &mut effects),
            Input::HubTold { claim, heard } => self.hub.told(claim, heard, now.monotonic),
            Input::HubKept { number } => self.hub.kept(number, now.monotonic),
            Input::Heard { entries } => self.hear(&entries),
            Input::HubClaim { device, gate, claim } => {
                self.writing.resume();
                self.hub_claim((device, gate), claim, now, &mut effects);
            }
            Input::HubGiveUp { device, claim, right } => {
                self.writing.resume();
                self.saw(device, now);
                self.hub_give_up(device, claim, right, now, &mut effects);
            }
            Input::HubSees { device } => self.saw(device, now),
            Input::HubRecall { hub, recall } => {
                self.writing.resume();
                self.hub_recall(hub, recall, now, &mut effects);
            }
            Input::HubTransfer { device, entries } => {
                self.writing.resume();
                self.saw(device, now);
                self.hub_transfer(device, &entries, now);
            }
            Input::Link(state) => {
                // Whether the hub answers is said by itself.
                self.link = if state == LinkState::Hub { LinkState::Alone } else { state };
                self.suspect = false;
                self.return_received(now);
            }
            Input::Revoked => self.revoke(now, &mut effects),
            Input::Tick => {
                self.writing.resume();
                self.expire_claim(now, &mut effects);
                self.expire_recall(now, &mut effects);
            }
        }
        self.advance(now, &mut effects);
        effects
    }

    /// Starts whatever can start: the next scan, the next write, the next delivery.
    fn advance(&mut self, now: Now, effects: &mut Vec<Effect>) {
        while self.pending.is_none() {
            let Some((scan, text, key)) = self.queue.pop_front() else { break };
            self.scan(scan, Case::read(text, now), key, now, effects);
        }
        let write = self.writing.start(&self.identity, self.epoch());
        let starts = write.is_some();
        effects.extend(write);
        if starts && is_planted(Fault::HandedUnwritten) {
            self.prove_unwritten(effects);
        }
        // A refused gate still hands over what it knows.
        if self.delivers() {
            effects.extend(self.outbox.start(now.monotonic));
        }
        effects.extend(self.hub.start(now.monotonic));
        if self.reach() == Reach::Hub && !self.opening {
            effects.extend(self.hub.offer(&self.outbox, now.monotonic));
        }
    }

    /// The bundle in use.
    #[must_use]
    pub const fn bundle(&self) -> Option<&OpenBundle> {
        self.bundle.as_ref()
    }

    /// The ledger as far as it was followed.
    #[must_use]
    pub const fn state(&self) -> &EventState {
        &self.state
    }

    /// Where the journal ends, as far as it is durable.
    #[must_use]
    pub const fn journal_head(&self) -> JournalHead {
        self.writing.head()
    }

    /// Who this gate client is.
    #[must_use]
    pub const fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What the operator who is signed in may do.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.bundle.as_ref()?.role(self.identity.operator)
    }

    /// Whether guests are scanned in or out.
    #[must_use]
    pub const fn direction(&self) -> Direction {
        self.direction
    }

    /// Who answers claims now.
    #[must_use]
    pub fn link(&self) -> LinkState {
        match self.link {
            LinkState::Online if !self.suspect => LinkState::Online,
            LinkState::Refused => LinkState::Refused,
            _ if self.hub.is_up() => LinkState::Hub,
            _ => LinkState::Alone,
        }
    }

    /// Whether nothing is under way: no scan, no write. For an orderly end.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.pending.is_none() && self.queue.is_empty() && self.writing.is_idle()
    }

    /// Whether a scan is being decided; another one would have to wait.
    #[must_use]
    pub fn is_deciding(&self) -> bool {
        self.pending.is_some() || !self.queue.is_empty()
    }

    /// The number that the next scan will get.
    #[must_use]
    pub const fn next_scan(&self) -> ScanId {
        ScanId(self.next_scan)
    }

    /// The monotonic time at which a tick has something to do, where that is known.
    #[must_use]
    pub fn next_tick(&self) -> Option<u64> {
        let delivery = self.delivers().then(|| self.outbox.retry_at()).flatten();
        let waits = self.claim_deadline().into_iter().chain(self.recall_deadline());
        waits.chain(delivery).chain(self.hub.retry_at()).min()
    }

    /// For the status line.
    #[must_use]
    pub fn status(&self) -> Status {
        Status {
            link: self.link(),
            unsynced: self.outbox.len(),
            journal: self.writing.head().number,
            ledger: self.state.cursor().sequence,
            tickets: self.state.roster().len(),
            leased: self.leased(),
            bundle_version: self.bundle.as_ref().map(|bundle| bundle.version),
            operator: self.identity.operator,
        }
    }

    fn delivers(&self) -> bool {
        self.link != LinkState::Alone && !self.opening
    }

    fn epoch(&self) -> Epoch {
        self.state.cursor().epoch
    }
}
