//! Requests to the server, and how long an answer is waited for.

use kaisatsu_gate::{
    engine::{Input, LinkState},
    time::ClockSource,
};
use kaisatsu_shared::{
    id::TimeNonce,
    journal::{JournalHead, SignedJournalHead},
    sync::{Claim, JournalBatch},
};

use super::{Asked, Gate, ends::AGAIN, lan::HubAsked};
use crate::{
    bugs::Adapter,
    event::Event,
    house::{self, INSTALLATION},
    message::{Address, Ask, Body, Message},
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// How long a claim is worth sending.
pub(super) const CLAIM_LIMIT: u64 = 400 * MILLI;
/// A claim that nobody answered by then is sent once more.
pub(super) const CLAIM_AGAIN: u64 = 180 * MILLI;
/// How long an answer to anything else may take.
const LIMIT: u64 = 4 * SECOND;
/// While the server is in reach the time is asked for so often, in milliseconds.
const TIME_EVERY: u64 = 60_000;
/// The same while no answer has come yet.
const TIME_FIRST: u64 = 10_000;

impl Gate {
    /// Sends the server a request; gives its number.
    pub(super) fn ask(&mut self, stage: &mut Stage, asked: Asked, ask: Ask, limit: u64) -> u64 {
        self.ask_of(stage, Some(Address::Server), asked, ask, limit)
    }

    /// Sends a request to somebody, if there is anybody; gives its number.
    pub(super) fn ask_of(
        &mut self,
        stage: &mut Stage,
        to: Option<Address>,
        asked: Asked,
        ask: Ask,
        limit: u64,
    ) -> u64 {
        let request = self.requests;
        self.requests = self.requests.saturating_add(1);
        if let Some(running) = &mut self.running {
            running.asked.insert(request, asked);
        }
        if let Some(to) = to {
            self.send(stage, to, request, ask);
        }
        let timed_out = Event::TimedOut { gate: self.place, boot: self.boot, request };
        stage.after(limit, timed_out);
        request
    }

    pub(super) fn send(&mut self, stage: &mut Stage, to: Address, request: u64, ask: Ask) {
        let end = self.own_end(stage);
        stage.send(Message {
            from: Address::Gate(self.place),
            to,
            boot: self.boot,
            request,
            end,
            body: Body::Ask(ask),
        });
    }

    pub(super) fn ask_claim(&mut self, stage: &mut Stage, claim: Claim) {
        let asked = Asked::Claim(Box::new(claim.clone()));
        let request = self.ask(stage, asked, Ask::Claim(Box::new(claim)), CLAIM_LIMIT);
        let again = Event::AskAgain { gate: self.place, boot: self.boot, request };
        stage.after(CLAIM_AGAIN, again);
    }

    /// A claim under the same key is the same claim.
    pub fn ask_again(&mut self, stage: &mut Stage, boot: u32, request: u64) {
        let Some(running) = self.running.as_ref().filter(|_| boot == self.boot) else { return };
        let (to_hub, mut claim) = match running.asked.get(&request) {
            Some(Asked::Claim(claim)) => (false, claim.clone()),
            Some(Asked::Hub(HubAsked::Claim(claim))) => (true, claim.clone()),
            _ => return,
        };
        if stage.is_planted(Adapter::NewKeyOnRetry) {
            claim.used.claim = Self::key(stage);
        }
        if to_hub {
            return self.claim_at_hub_again(stage, request, claim);
        }
        self.send(stage, Address::Server, request, Ask::Claim(claim));
    }

    pub(super) fn ask_upload(
        &mut self,
        stage: &mut Stage,
        entries: Vec<Vec<u8>>,
        head: JournalHead,
    ) {
        let Some((key, _)) = house::device(self.device) else { return };
        let head = SignedJournalHead::sign(INSTALLATION, self.device, head, key);
        let batch = Box::new(JournalBatch { entries, head });
        self.ask(stage, Asked::Journal, Ask::Journal(batch), LIMIT);
    }

    pub(super) fn ask_time(&mut self, stage: &mut Stage, monotonic: u64) {
        let pace = stage.plan.pace;
        let reading = self.clocks.read(stage.now());
        let nonce = TimeNonce(stage.draw.bytes());
        let Some(running) = &mut self.running else { return };
        let proven = running.time.health(reading).source == ClockSource::Signed;
        let pause = if proven { TIME_EVERY.saturating_mul(pace) } else { TIME_FIRST };
        running.time_due = monotonic.saturating_add(pause);
        let request = running.time.ask(nonce, monotonic);
        self.ask(stage, Asked::Time, Ask::Time(request), LIMIT);
    }

    /// A request went unanswered.
    pub fn timed_out(&mut self, stage: &mut Stage, boot: u32, request: u64) {
        let Some(running) = self.running.as_mut().filter(|_| boot == self.boot) else { return };
        match running.asked.remove(&request) {
            None | Some(Asked::Time) => {}
            Some(asked) => self.unanswered(stage, asked),
        }
    }

    pub(super) fn unanswered(&mut self, stage: &mut Stage, asked: Asked) {
        match asked {
            Asked::Claim(claim) => {
                self.doubt(stage);
                self.handle(stage, Input::ClaimFailed { key: claim.used.claim });
            }
            Asked::Journal => {
                self.doubt(stage);
                self.handle(stage, Input::UploadFailed);
            }
            Asked::Follow => self.silent(stage),
            Asked::Time => {}
            Asked::Hub(asked) => self.hub_silent(stage, asked),
            Asked::Relay => self.relay_failed(stage),
            Asked::Ends(_) => self.pass_ends_on_after(stage, AGAIN),
        }
    }

    /// Tells the engine of the link, where that is news.
    pub(super) fn say(&mut self, stage: &mut Stage, state: LinkState) {
        let revoked = self.is_told_revoked();
        let state = if revoked { LinkState::Refused } else { state };
        let Some(running) = &mut self.running else { return };
        if running.follower.told != Some(state) {
            running.follower.told = Some(state);
            stage.tell(format_args!("gate {} is {state:?}", self.place));
            self.handle(stage, Input::Link(state));
        }
    }
}
