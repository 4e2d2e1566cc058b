//! The state machine: questions and answers, settings and readings go in, the time comes out.

use kaisatsu_shared::{
    id::{DeviceId, EventId, InstallationId, Serial, TimeNonce},
    key::RootPublic,
    sync::{SignedTime, TimeError, TimeQuestion, TimeRequest},
    time::{TimeInterval, UnixMillis},
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    ClockSource, Crowd, Floor, LeadError, Reading, Refused,
    floor::Keeping,
    proof::{Proof, Setting},
};

/// A signed time so much ahead of what is proven needs a confirmation, in milliseconds.
const DAY: u64 = 24 * 3_600_000;
/// How far off a time set by a gate lead may be, in milliseconds.
const LEAD_UNCERTAINTY: u64 = 120_000;

/// Whose time it is: what an answer must be signed by and for.
#[derive(Clone, Copy, Debug)]
pub struct Who {
    /// The installation.
    pub installation: InstallationId,
    /// Its root key.
    pub root: RootPublic,
    /// The event.
    pub event: EventId,
    /// This device.
    pub device: DeviceId,
}

/// What the operator says of the system's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemTrust {
    /// It is kept (by a battery, by NTP) and off by at most so many milliseconds.
    Within(u64),
    /// It isn't kept.
    Never,
}

/// What became of a signed time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It is gone by.
    Proven,
    /// It is more than a day ahead of what is proven: it waits until the server has
    /// found back to what is proven, or an admin declared its clock right.
    Held,
}

/// What this gate knows of the time.
#[derive(Clone, Debug)]
pub struct Timekeeper {
    who: Who,
    trust: SystemTrust,
    pub(super) floor: Floor,
    keeping: Keeping,
    /// The system's clock was behind the floor at the start.
    pub(super) rolled_back: bool,
    /// The newest question and when it was asked.
    asked: Option<(TimeQuestion, u64)>,
    proof: Option<Proof>,
    lead: Option<Setting>,
    pub(super) crowd: Crowd,
}

impl Timekeeper {
    /// Starts with the floor that was kept.
    #[must_use]
    pub fn start(who: Who, trust: SystemTrust, floor: Floor, reading: Reading) -> Self {
        let forgotten = is_planted(Fault::FloorForgotten);
        let floor = if forgotten { Floor::default() } else { floor };
        let mut keeper = Self {
            who,
            trust,
            floor,
            keeping: Keeping::new(floor),
            rolled_back: false,
            asked: None,
            proof: None,
            lead: None,
            crowd: Crowd::default(),
        };
        keeper.rolled_back = keeper.is_behind(reading.system);
        keeper
    }

    /// Asks the server; only the answer to the newest question counts.
    pub fn ask(&mut self, nonce: TimeNonce, monotonic: u64) -> TimeRequest {
        let Who { installation, event, device, .. } = self.who;
        let request = TimeRequest { device, nonce };
        self.asked = Some((TimeQuestion { installation, event, request }, monotonic));
        request
    }

    /// The server's answer, as it arrived at this reading.
    ///
    /// # Errors
    /// [`Refused`]; nothing has changed then.
    pub fn answer(&mut self, signed: &SignedTime, received: u64) -> Result<Taken, Refused> {
        let (question, after) = self.asked.ok_or(TimeError::OtherQuestion)?;
        let document = signed.open(&self.who.root, &question)?;
        // Used up: the same answer again would seem fresh.
        self.asked = None;
        if document.version < self.floor.version {
            return Err(Refused::Superseded);
        }
        let after = if is_planted(Fault::RoundTripIgnored) { received } else { after };
        let proof = Proof { at: document.at, after, before: received, version: document.version };
        let corrected = document.version > self.floor.version;
        if !corrected && self.is_doubtful(&proof, received) {
            self.floor.held = Some(document.at);
            return Ok(Taken::Held);
        }
        if corrected {
            // What was proven before is what the admin declares wrong, and what was behind it may
            // have been right.
            self.proof = None;
            self.rolled_back = false;
        }
        self.floor.held = None;
        self.take(proof, received);
        Ok(Taken::Proven)
    }

    /// Whether a signed time is too far ahead to be gone by without an admin's word. Where nothing
    /// is proven since the start, a time is taken as it comes, also after half a year in storage; but
    /// what waited before the start still waits.
    fn is_doubtful(&self, proof: &Proof, received: u64) -> bool {
        match (self.proof, self.floor.held) {
            (Some(known), _) => proof.now(received).earliest > known.now(received).latest.plus(DAY),
            (None, Some(held)) => proof.at.plus(DAY) >= held,
            (None, None) => false,
        }
    }

    fn take(&mut self, proof: Proof, monotonic: u64) {
        let time = proof.now(monotonic);
        let width = |time: TimeInterval| time.latest.0.saturating_sub(time.earliest.0);
        let keeps = self.proof.is_some_and(|known| {
            let before = known.now(monotonic);
            let agree = before.earliest <= time.latest && time.earliest <= before.latest;
            known.version == proof.version && agree && width(before) <= width(time)
        });
        if !keeps {
            self.proof = Some(proof);
        }
        if proof.version > self.floor.version {
            self.floor = Floor { at: time.earliest, version: proof.version, held: None };
        }
        self.raise(monotonic);
        self.lead = None;
        self.crowd.clear();
    }

    /// A gate lead says what time it is. The caller journals it. It never raises the floor.
    ///
    /// # Errors
    /// [`LeadError`]; nothing has changed then.
    pub fn set_by_lead(&mut self, at: UnixMillis, monotonic: u64) -> Result<(), LeadError> {
        if self.proof.is_some() {
            return Err(LeadError::Proven);
        }
        let time = TimeInterval::around(at, LEAD_UNCERTAINTY);
        if time.latest < self.floor.at {
            return Err(LeadError::Past);
        }
        self.lead = Some(Setting { time, read: monotonic });
        self.crowd.clear();
        Ok(())
    }

    /// The device may have slept for long, which the monotonic clock didn't count. What was proven is certainly past, and
    /// nothing more is known than after a restart; an answer that is on its way says nothing any more.
    pub fn slept(&mut self, monotonic: u64) {
        self.raise(monotonic);
        self.asked = None;
        self.proof = None;
        self.lead = None;
        self.crowd.clear();
    }

    /// Whether an answer is awaited.
    #[must_use]
    pub const fn awaits(&self) -> bool {
        self.asked.is_some()
    }

    /// A ticket's clock display was `offset` steps ahead of this gate's time.
    pub fn saw_display(&mut self, serial: Serial, offset: i64) {
        self.crowd.saw(serial, offset);
    }

    /// The time.
    #[must_use]
    pub fn now(&self, reading: Reading) -> TimeInterval {
        self.floor.under(self.known(reading).1)
    }

    pub(super) fn known(&self, reading: Reading) -> (ClockSource, TimeInterval) {
        if let Some(proof) = self.proof {
            return (ClockSource::Signed, proof.now(reading.monotonic));
        }
        // Set by somebody who saw that what the gate had was wrong.
        if let Some(lead) = self.lead {
            return (ClockSource::Lead, lead.now(reading.monotonic));
        }
        match self.trust {
            SystemTrust::Within(uncertainty) if !self.is_behind(reading.system) => {
                (ClockSource::System, TimeInterval::around(reading.system, uncertainty))
            }
            _ => {
                let latest = UnixMillis(u64::MAX);
                (ClockSource::None, TimeInterval { earliest: self.floor.at, latest })
            }
        }
    }

    pub(super) fn is_behind(&self, system: UnixMillis) -> bool {
        let tolerance = match self.trust {
            SystemTrust::Within(uncertainty) => uncertainty,
            SystemTrust::Never => 0,
        };
        system.plus(tolerance) < self.floor.at
    }

    /// The floor, where it is time to keep it: about once a minute, a correction at once.
    pub fn floor_due(&mut self, monotonic: u64) -> Option<Floor> {
        self.raise(monotonic);
        let due = self.keeping.is_due(self.floor, monotonic).then_some(self.floor)?;
        // Also where the disk is full: the next attempt comes in a minute.
        self.keeping.tried(monotonic);
        Some(due)
    }

    /// The floor to keep at an orderly end, where it isn't kept yet.
    pub fn floor_at_end(&mut self, monotonic: u64) -> Option<Floor> {
        self.raise(monotonic);
        (!self.keeping.has(self.floor)).then_some(self.floor)
    }

    /// The floor is durable.
    pub const fn floor_kept(&mut self, floor: Floor) {
        self.keeping.kept(floor);
    }

    fn raise(&mut self, monotonic: u64) {
        if let Some(proof) = self.proof {
            self.floor.at = self.floor.at.max(proof.now(monotonic).earliest);
        }
    }
}
