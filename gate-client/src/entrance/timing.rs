//! The gate's time: asked for, kept, shown.

use kaisatsu_shared::{
    id::TimeNonce,
    reason::{Language, ReasonCode},
    rules::Verdict,
    sync::SignedTime,
    token::decode,
};

use crate::{
    engine::{LinkState, Now},
    link::Notice,
    platform::{MISSES_SLEEP, random},
    store::Notes as _,
    time::{ClockHealth, ClockSource, ClockWarning, Reading, SleepWatch, display_offset},
};

use super::gate::Gate;

/// While the server is in reach the time is asked for so often, in milliseconds.
const ASK_EVERY: u64 = 60_000;
/// The same while no answer has come yet.
const ASK_FIRST: u64 = 10_000;
/// An answer comes within so long or never, in milliseconds.
const ANSWER: u64 = 5_000;

impl Gate {
    /// The moment, as the engine takes it.
    pub(super) fn now(&mut self) -> Now {
        let reading = self.read_clock();
        let mut time = self.time.now(reading);
        if MISSES_SLEEP {
            time.latest = time.latest.plus(self.sleep_watch.unnoticed(reading));
        }
        Now { monotonic: reading.monotonic, time }
    }

    /// Both clocks. Where the monotonic one may stand still while the device sleeps, that is looked for each time.
    fn read_clock(&mut self) -> Reading {
        let reading = self.clock.read();
        if MISSES_SLEEP && self.sleep_watch.has_slept(reading) {
            tracing::info!("the device slept, or its clock was set");
            // An answer on its way is waited for, to be passed over.
            let pause = if self.time.awaits() { ANSWER } else { 0 };
            self.time.slept(reading.monotonic);
            self.time_due = reading.monotonic.saturating_add(pause);
        }
        reading
    }

    /// Asks for the time where it is due, and keeps what is certainly past.
    pub(super) async fn keep_time(&mut self) {
        if self.engine.link() == LinkState::Online {
            self.ask_time_if_due();
        }
        if let Some(floor) = self.time.floor_due(self.clock.monotonic()) {
            match self.store.keep_floor(floor).await {
                Ok(()) => self.time.floor_kept(floor),
                Err(error) => self.disk_failed(&error),
            }
        }
    }

    /// Keeps what is certainly past at the orderly end.
    pub(super) async fn keep_time_at_end(&mut self) {
        if let Some(floor) = self.time.floor_at_end(self.clock.monotonic())
            && let Err(error) = self.store.keep_floor(floor).await
        {
            self.disk_failed(&error);
        }
    }

    /// Asks the server for the time, unless it was just asked: the answer to an earlier question
    /// would come to nothing.
    pub(super) fn ask_time_if_due(&mut self) {
        let now = self.clock.monotonic();
        if now < self.time_due {
            return;
        }
        let reading = self.read_clock();
        let proven = self.time.health(reading).source == ClockSource::Signed;
        self.time_due = now.saturating_add(if proven { ASK_EVERY } else { ASK_FIRST });
        match random() {
            Ok(nonce) => self.link.ask_time(self.time.ask(TimeNonce(nonce), now)),
            // Without randomness scans end the gate; the time alone needn't.
            Err(error) => tracing::error!(%error, "the time can't be asked for"),
        }
    }

    /// The server's answer, as it arrived at this monotonic time.
    pub(super) fn time_answered(&mut self, signed: &SignedTime, received: u64) {
        let reading = self.read_clock();
        if !self.time.awaits() {
            return;
        }
        match self.time.answer(signed, received) {
            Ok(_) => {
                self.time_due = received.saturating_add(ASK_EVERY);
                self.sleep_watch = SleepWatch::start(reading);
            }
            Err(error) => self.notice(Notice::time(error)),
        }
    }

    /// Notes how far the clock of a genuine ticket's display is from the gate's.
    pub(super) fn hear_crowd(&mut self, text: &str, verdict: &Verdict) {
        // Whoever gets so far was signed by the event's key.
        let genuine = matches!(
            verdict.code,
            ReasonCode::Admitted
                | ReasonCode::AlreadyUsed
                | ReasonCode::DisplayStale
                | ReasonCode::DisplayBehind
                | ReasonCode::DisplayAhead
        );
        if genuine
            && let Ok(shown) = decode(text)
            && let Some(offset) = display_offset(&shown, verdict.at)
        {
            self.time.saw_display(shown.token.body.serial, offset);
        }
    }

    /// How good the time is. Staff is told of what is new to look into.
    pub(super) fn clock_health(&mut self) -> ClockHealth {
        let reading = self.read_clock();
        let health = self.time.health(reading).coarse();
        let before = self.shown_clock.replace(health.clone());
        let news = |warning: &ClockWarning| {
            before.as_ref().is_none_or(|before| !before.warnings.contains(warning))
        };
        for warning in health.warnings.iter().filter(|warning| news(warning)) {
            // How far, and in which direction, is told when a session begins.
            if *warning != ClockWarning::FarFromServer {
                let (ja, en) = (warning.sentence(Language::Ja), warning.sentence(Language::En));
                self.notice(Notice::new(warning.code(), ja, en));
            }
        }
        let same = |before: &ClockHealth| {
            (before.source, &before.warnings) == (health.source, &health.warnings)
        };
        if !before.as_ref().is_some_and(same) {
            self.front.borrow().face.clock(&health);
        }
        health
    }
}
