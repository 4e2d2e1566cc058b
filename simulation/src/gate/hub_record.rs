//! What this gate wrote as the venue's hub, and whether what it says and does follows from that.

use kaisatsu_shared::{
    id::{ClaimKey, Serial},
    journal::{JournalBody, JournalEntry},
    right::{Authority, UseKind},
    sync::{ClaimAnswer, ClaimRefusal},
};

use super::Gate;
use crate::{check::Check, stage::Stage};

impl Gate {
    /// What it granted, received and heard is durable.
    pub(super) fn note_hub(&self, stage: &mut Stage, entry: &JournalEntry) {
        match entry.body {
            JournalBody::Granted { claim, count, device, right, kind, .. } => {
                let of = (right.serial, device);
                let known = stage.record.hub.granted.insert((self.place, claim), of);
                let persons = if known.is_none() { u32::from(count) } else { 0 };
                stage.record.granted = stage.record.granted.saturating_add(persons);
                if kind == UseKind::Entry {
                    self.check_received(stage, right.serial);
                }
            }
            JournalBody::Redeemed {
                right,
                kind: UseKind::Entry,
                authority: Authority::Lease,
                ..
            } => {
                self.check_received(stage, right.serial);
            }
            JournalBody::Received { lease, serial, .. } => {
                stage.record.hub.received.insert((self.place, lease, serial));
            }
            JournalBody::GaveUp { claim, .. } => {
                stage.record.hub.given_up.insert((self.place, claim));
            }
            _ => {}
        }
    }

    /// What the hub grants, or gives its own guest, on a lane's right is durable after that it received it.
    fn check_received(&self, stage: &mut Stage, serial: Serial) {
        // A copy has what the other wrote; a server that was put back may have forgotten who holds what.
        let told = self.is_hub(stage) && self.strange.is_none() && stage.record.put_back.is_none();
        let leases = self.engine().filter(|_| told).map(|engine| engine.state().leases());
        let Some(lease) = leases.and_then(|leases| leases.holder(serial)) else { return };
        let received = stage.record.hub.received.contains(&(self.place, lease.id, serial));
        if lease.device != self.device && !received {
            let what =
                format!("ticket {serial} is used at the hub, which received it in no record");
            stage.wrong(Check::HubWritesFirst, what);
        }
    }

    /// What it grants is durable, and not under a key of which it said that it heard it was given up; nor does such a
    /// claim keep anybody out.
    pub(super) fn check_answer(
        &self,
        stage: &mut Stage,
        key: ClaimKey,
        serial: Option<Serial>,
        said: Option<ClaimAnswer>,
    ) {
        // A copy has what the other wrote, a disk that was set back not what it wrote itself.
        let honest = self.strange.is_none();
        let Some(state) = self.engine().map(|engine| engine.state()).filter(|_| honest) else {
            return;
        };
        let hub = &stage.record.hub;
        let here = (self.place, key);
        let wrong = match (said, serial) {
            (Some(ClaimAnswer::Granted { .. }), _) => {
                if state.claim(&key).is_none() && !hub.granted.contains_key(&here) {
                    (Check::HubWritesFirst, format!("key {key} is granted in no record"))
                } else if hub.heard.contains(&here) {
                    (Check::GivenUpStaysSo, format!("the hub grants key {key}"))
                } else {
                    return;
                }
            }
            (Some(ClaimAnswer::Refused { refusal, facts }), Some(serial)) => {
                let by = facts.last_use.map(|used| used.device);
                let Some(by) = by.filter(|_| refusal == ClaimRefusal::BeingAdmitted) else {
                    return;
                };
                // Another claim of theirs may be on its way to the disk.
                let waits = self.running.as_ref().and_then(|running| running.hub.as_ref());
                let waits = waits.is_some_and(|hub| hub.claims.keys().any(|it| it.0 == by));
                let open = state.right(serial).is_some_and(|right| !right.grants.is_empty());
                if waits || open || !hub.is_over(self.place, (serial, by)) {
                    return;
                }
                let what = format!("ticket {serial} is kept out by what device {by} gave up");
                (Check::NobodyStranded, what)
            }
            _ => return,
        };
        stage.wrong(wrong.0, wrong.1);
    }
}
