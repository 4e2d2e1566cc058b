//! Following the server, as the native link does: a session, the rules, then the ledger by requests that
//! the server holds. An answer means online, silence means alone, and it goes on trying.

use kaisatsu_gate::engine::LinkState;

use kaisatsu_shared::id::Epoch;

use super::{Asked, Gate, offering::Parting};
use crate::{
    event::Event,
    message::Ask,
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// How long the server may hold a request for the feed.
const HOLD: u64 = 5 * SECOND;
/// How long an answer may take beyond that.
pub(super) const PATIENCE: u64 = 3 * SECOND;
/// The rules are looked after so often.
const RULES_EVERY: u64 = 60 * SECOND;
/// The pause after a refusal.
const REFUSED_PAUSE: u64 = 5 * SECOND;
/// Pauses between attempts while nobody answers.
const PAUSES: [u64; 3] = [500 * MILLI, SECOND, 2 * SECOND];

/// How far the link has got.
#[derive(Debug, Default)]
pub(super) struct Follower {
    /// Whether a session was begun.
    pub(super) session: bool,
    /// When the rules are due.
    pub(super) rules_due: u64,
    /// What the engine was told.
    pub(super) told: Option<LinkState>,
    /// Whether everything was known since the link was last in doubt.
    pub(super) caught_up: bool,
    failures: usize,
    /// When the server last said what it has.
    pub(super) last_session: u64,
    /// The way to a restored server's new line.
    pub(super) parting: Option<Parting>,
    /// The epoch in which the server knows that it got everything.
    pub(super) offered: Option<Epoch>,
    /// The request under way.
    pub(super) under_way: Option<u64>,
    /// Numbers the pauses: an older one means nothing.
    round: u64,
}

impl Gate {
    /// Tries the link after a pause.
    pub(super) fn follow_after(&mut self, stage: &mut Stage, pause: u64) {
        let Some(running) = &mut self.running else { return };
        running.follower.round = running.follower.round.saturating_add(1);
        let round = running.follower.round;
        stage.after(pause, Event::Follow { gate: self.place, boot: self.boot, round });
    }

    /// A pause is over.
    pub fn follow(&mut self, stage: &mut Stage, boot: u32, round: u64) {
        let this = self.running.as_ref().filter(|_| boot == self.boot);
        if this.is_some_and(|it| it.follower.round == round && it.follower.under_way.is_none()) {
            self.step(stage);
        }
    }

    /// The next request.
    fn step(&mut self, stage: &mut Stage) {
        if self.is_told_revoked() {
            // It has nothing to follow, and only delivers.
            let session = self.running.as_ref().is_some_and(|running| running.follower.session);
            if !session && !self.disk.wiped {
                self.ask_to_follow(stage, Ask::Session, PATIENCE);
            }
            return;
        }
        if let Some(ask) = self.next_of_parting() {
            return self.ask_to_follow(stage, ask, PATIENCE);
        }
        let pace = if stage.healed { 1 } else { stage.plan.pace };
        let Some(running) = &mut self.running else { return };
        let follower = &mut running.follower;
        let (ask, limit) = if !follower.session {
            (Ask::Session, PATIENCE)
        } else if stage.now() >= follower.rules_due {
            (Ask::Rules(self.disk.rules), PATIENCE)
        } else {
            let hold = if follower.caught_up { HOLD.saturating_mul(pace) } else { 0 };
            let cursor = running.engine.state().cursor();
            (Ask::Feed(cursor, hold), hold.saturating_add(PATIENCE))
        };
        self.ask_to_follow(stage, ask, limit);
    }

    pub(super) fn ask_to_follow(&mut self, stage: &mut Stage, ask: Ask, limit: u64) {
        let request = self.ask(stage, Asked::Follow, ask, limit);
        if let Some(running) = &mut self.running {
            running.follower.under_way = Some(request);
        }
    }

    /// A request of the follower was answered: it goes on at once, or after a pause.
    pub(super) fn answered(&mut self, stage: &mut Stage, pause: u64) {
        let Some(running) = &mut self.running else { return };
        running.follower.failures = 0;
        running.follower.under_way = None;
        if pause > 0 { self.follow_after(stage, pause) } else { self.step(stage) }
    }

    /// The rules were looked after.
    pub(super) fn rules_known(&mut self, stage: &Stage) {
        if let Some(running) = &mut self.running {
            let pause = RULES_EVERY.saturating_mul(stage.plan.pace);
            running.follower.rules_due = stage.now().saturating_add(pause);
        }
    }

    /// Something unknown was met: the rules are wanted soon.
    pub(super) fn refresh(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        running.follower.rules_due = 0;
        running.follower.caught_up = false;
        self.try_now(stage);
    }

    /// Nobody answers.
    pub(super) fn silent(&mut self, stage: &mut Stage) {
        let pace = if stage.healed { 1 } else { stage.plan.pace };
        let Some(running) = &mut self.running else { return };
        let follower = &mut running.follower;
        follower.caught_up = false;
        follower.under_way = None;
        follower.parting = None;
        if running.revoking.word().is_some() {
            return;
        }
        let pause = PAUSES.get(follower.failures).or(PAUSES.last()).copied().unwrap_or(SECOND);
        follower.failures = follower.failures.saturating_add(1);
        let refused = follower.told == Some(LinkState::Refused);
        let pause = stage.draw.between(pause, pause.saturating_mul(5) / 4);
        if !refused {
            self.say(stage, LinkState::Alone);
        }
        self.follow_after(stage, pause.saturating_mul(pace));
    }

    /// The server refuses the gate or what it asks.
    pub(super) fn refused(&mut self, stage: &mut Stage, revoked: bool) {
        let Some(running) = &mut self.running else { return };
        running.follower.failures = 0;
        running.follower.under_way = None;
        running.follower.parting = None;
        running.follower.caught_up = true;
        // Anybody may say so; the next session's answer has the root key's word for it.
        running.follower.session &= !revoked;
        self.say(stage, if revoked { LinkState::Refused } else { LinkState::Online });
        if !self.is_told_revoked() {
            self.follow_after(stage, REFUSED_PAUSE);
        }
    }

    /// A request went unanswered: the link is tried at once, and told again.
    pub(super) fn doubt(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        if running.follower.told == Some(LinkState::Online) {
            running.follower.told = None;
        }
        running.follower.caught_up = false;
        self.try_now(stage);
    }

    /// Gives the request under way up and tries anew.
    pub fn try_now(&mut self, stage: &mut Stage) {
        let Some(running) = &mut self.running else { return };
        running.follower.parting = None;
        if let Some(request) = running.follower.under_way.take() {
            running.asked.remove(&request);
        }
        self.follow_after(stage, 0);
    }
}
