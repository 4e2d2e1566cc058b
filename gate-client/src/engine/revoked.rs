//! After the root key's word that this device is revoked: it forgets what it knew of the event, admits nobody,
//! gives nothing back, and goes on delivering its journal.

use kaisatsu_shared::{
    id::OperatorId,
    ledger::EventState,
    planted::{Fault, is_planted},
    reason::ReasonCode,
    rules::{Facts, Verdict},
};

use super::{
    Declined, Effect, Engine, Input, LinkState, Now, ScanId, StoreFailed, case::Stage,
    fetching::Fetching, granted::Granted, granting::Waiting, heard::Heard, holdings::Holdings,
    hub_link::HubLink, overlay::Overlay,
};

impl Engine {
    /// Whether this device was revoked.
    #[must_use]
    pub const fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// Whether the journal came to its end and the server acknowledged all of it.
    #[must_use]
    pub fn is_delivered(&self) -> bool {
        !self.is_deciding() && self.writing.is_empty() && self.outbox.len() == 0
    }

    /// Forgets what was known. What the guest on the screen gets is durable or is refused.
    pub(super) fn revoke(&mut self, now: Now, effects: &mut Vec<Effect>) {
        if is_planted(Fault::RevokedAdmits) {
            return;
        }
        self.revoked = true;
        self.link = LinkState::Refused;
        let epoch = self.epoch();
        self.bundle = None;
        self.state = EventState::new(self.identity.installation, self.identity.event, epoch);
        self.overlay = Overlay::new(self.identity.device);
        self.holdings = Holdings::default();
        self.fetching = Fetching::default();
        self.granted = Granted::default();
        self.heard = Heard::default();
        self.hub = HubLink::default();
        self.links = kaisatsu_shared::display::clock::LinkCache::default();
        self.intents.clear();
        self.abandoned.clear();
        (self.open, self.newest) = (None, None);
        self.identity.operator = OperatorId(0);
        self.writing.keep_entries();
        for (device, claim) in core::mem::take(&mut self.waiting).into_claims() {
            effects.push(Effect::HubAnswer { device, claim, answer: None });
        }
        // An admission that is on its way to the disk was decided before.
        let undecided = self
            .pending
            .take_if(|pending| !matches!(pending.stage, Stage::Recording { .. }))
            .map(|pending| pending.scan);
        let waiting = core::mem::take(&mut self.queue).into_iter().map(|(scan, ..)| scan);
        for scan in undecided.into_iter().chain(waiting) {
            effects.push(refusal(scan, now));
        }
    }

    /// Everything that happens from then on. Nothing but what was on its way goes into the journal, so that it
    /// comes to an end.
    pub(super) fn handle_revoked(&mut self, input: Input, now: Now) -> Vec<Effect> {
        let mut effects = Vec::new();
        match input {
            Input::Scan { .. } => {
                let scan = ScanId(self.next_scan);
                self.next_scan = self.next_scan.saturating_add(1);
                effects.push(refusal(scan, now));
            }
            Input::Answer { .. }
            | Input::AdmitByHand { .. }
            | Input::Override { .. }
            | Input::Annul
            | Input::SignIn { .. }
            | Input::ReturnLeases
            | Input::TimeSet { .. } => effects.push(Effect::Declined(Declined::GateRefused)),
            Input::HubClaim { device, claim, .. } => {
                let claim = claim.used.claim;
                effects.push(Effect::HubAnswer { device, claim, answer: None });
            }
            Input::Stored { id, result: Ok(()) } => self.stored(id, now, &mut effects),
            Input::Stored { id, result: Err(StoreFailed) } => {
                self.store_failed(id, now, &mut effects);
                // It may have been under way when the word came.
                self.writing.keep_entries();
            }
            Input::Uploaded(answer) => self.uploaded(&answer, now, &mut effects),
            Input::ServerHas { number, entries } => self.server_has(number, entries),
            Input::UploadFailed => self.outbox.failed(now.monotonic),
            Input::UploadRefused => self.outbox.refused(now.monotonic),
            Input::Direction(direction) => self.direction = direction,
            Input::Tick => self.writing.resume(),
            // Rules, ledger, hub and other gates are nothing to it any more.
            _ => {}
        }
        self.advance(now, &mut effects);
        effects
    }
}

/// What a guest gets at a revoked gate.
fn refusal(scan: ScanId, now: Now) -> Effect {
    let verdict = Verdict { code: ReasonCode::GateRevoked, facts: Facts::default(), at: now.time };
    Effect::Show { scan, verdict, authority: None }
}

impl Waiting {
    /// Who waits for a grant.
    fn into_claims(
        self,
    ) -> impl Iterator<Item = (kaisatsu_shared::id::DeviceId, kaisatsu_shared::id::ClaimKey)> {
        self.claims.into_keys()
    }
}
