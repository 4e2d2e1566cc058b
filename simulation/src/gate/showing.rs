//! Verdicts as they are shown: a light that lets somebody pass is checked and recorded, then guest and
//! staff go by it.

use kaisatsu_gate::engine::{Input, ScanId};
use kaisatsu_shared::{
    journal::{JournalBody, JournalEntry},
    reason::{Outcome, ReasonCode},
    right::{Authority, UseKind},
    rules::{Facts, Verdict},
};

use super::{Gate, Visitor};
use crate::{
    bugs::Adapter,
    check::{Check, Denied, rightly_denied},
    event::{Event, StaffAct},
    guests,
    house::ROOM,
    plan::{DeedKind, Mistake, Shows},
    record::{Light, LightKind, Passage, Scan},
    schedule::{MILLI, SECOND},
    stage::Stage,
};

/// Nobody waits longer for a verdict at a gate that works.
const PATIENCE: u64 = 5 * SECOND;
/// A guest needs so long from the light to the other side.
const WALK: u64 = 1_500 * MILLI;

impl Gate {
    /// A guest shows what they have.
    pub fn visit(&mut self, stage: &mut Stage, visit: usize, attempt: u8) {
        let Some(plan) = stage.plan.visits.get(visit).copied() else { return };
        let text = guests::text(stage, &plan);
        // A revoked gate forgets what it asked for, once its disk takes that.
        let revoked = self.is_told_revoked();
        let Some(running) = &mut self.running else { return };
        let unsettled = self.write_failed || revoked || !running.writing.is_empty();
        if !unsettled && !self.disk.intents.is_empty() {
            let what = format!("gate {} left a claim without outcome", self.place);
            stage.wrong(Check::GrantsAreSettled, what);
        }
        let scan = running.engine.next_scan();
        let (waits, overrules) = (true, false);
        running.visitor = Some(Visitor { visit, attempt, scan, waits, overrules });
        if attempt == 0 {
            let began = stage.now();
            let (waited, by_hub, ended) = (false, false, None);
            stage.record.scans.push(Scan { visit, began, waited, by_hub, ended });
        }
        let before = running.engine.link();
        let key = Self::key(stage);
        stage.tell(format_args!("ticket {} is shown at gate {}", plan.serial, self.place));
        self.plan_act(stage, visit, StaffAct::Wonder(scan.0), PATIENCE);
        self.handle(stage, Input::Scan { text, key });
        let after = self.engine().map(|engine| engine.link());
        if let Shows::Nonsense(_) = plan.shows
            && after.is_some_and(|after| after != before)
        {
            stage.wrong(Check::BadCodesDoNothing, "a bad code changed the link's state");
        }
    }

    /// The guest leaves the gate.
    pub(super) fn leave(&mut self, _: &Stage) {
        if let Some(running) = &mut self.running {
            running.visitor = None;
        }
    }

    pub(super) fn show(
        &mut self,
        stage: &mut Stage,
        scan: ScanId,
        verdict: &Verdict,
        authority: Option<Authority>,
    ) {
        stage.schedule.note(u64::from(verdict.code.number()));
        let serial = verdict.facts.serial.map_or_else(|| "?".to_owned(), |it| it.to_string());
        stage.tell(format_args!("gate {} shows {} for ticket {serial}", self.place, verdict.code));
        let Some(running) = &mut self.running else { return };
        let visitor = running.visitor.filter(|it| it.scan == scan && it.waits);
        if let Some(visitor) = &mut running.visitor {
            visitor.waits = false;
        }
        let passes = verdict.outcome().passes();
        let Some(visitor) = visitor else {
            if passes {
                let what = format!("gate {} lights up by itself", self.place);
                stage.wrong(Check::NoLightByItself, what);
            }
            return;
        };
        self.check_revoked(stage, (scan, verdict.code));
        self.end_scan(stage, visitor, verdict.code);
        let Some(visit) = stage.plan.visits.get(visitor.visit).copied() else { return };
        if passes {
            if let Shows::Nonsense(_) = visit.shows {
                stage.wrong(Check::BadCodesDoNothing, "a bad code is let in");
            }
            return self.light(stage, visitor, verdict, authority);
        }
        if verdict.outcome() == Outcome::Deny {
            let denied = Denied { code: verdict.code, visit: &visit, gate: self };
            if let Some(why) = rightly_denied(stage, &denied).err() {
                let what = format!("ticket {} is denied: {}: {why}", visit.serial, verdict.code);
                stage.wrong(Check::NobodyStranded, what);
            }
        }
        let by = verdict.facts.last_use.map(|known| known.device);
        // An own use whose entry the server doesn't have yet is no ghost.
        let used_here = stage.record.of(visit.serial).any(|(_, light)| light.gate == self.place);
        let being_admitted = verdict.code == ReasonCode::BeingAdmitted;
        // Nor is one that a server which was put back got again from others before this gate could tell it.
        let told =
            self.running.as_ref().map(|it| it.follower.last_session) >= stage.record.put_back;
        let ghost = being_admitted && by == Some(self.device) && !used_here && told;
        if ghost && self.strange.is_none() {
            let what =
                format!("ticket {} meets its own ghost at gate {}", visit.serial, self.place);
            stage.wrong(Check::NobodyStranded, what);
        }
        let wants_rules =
            [ReasonCode::UnknownKey, ReasonCode::UnknownType, ReasonCode::BundleExpired];
        let lacks_rules = wants_rules.contains(&verdict.code);
        if lacks_rules {
            self.refresh(stage);
        }
        if stage.healed {
            if lacks_rules {
                // A code that the gate can't read doesn't tell it that those before are gone: staff scan it again.
                let (visit, attempt) = (visitor.visit, visitor.attempt.saturating_add(1));
                stage.after(SECOND, Event::Visits { visit, attempt });
            }
            self.leave(stage);
        } else {
            self.react(stage, visitor, &visit, verdict.code);
        }
    }

    /// Another lane is being asked for what the guest needs.
    pub(super) fn wait(&mut self, stage: &mut Stage, verdict: &Verdict) {
        stage.tell(format_args!("gate {} shows {}", self.place, verdict.code));
        if let Some(scan) = self.first_try(stage) {
            scan.waited = true;
        }
    }

    /// The try of the guest who stands here, if it is their first.
    pub(super) fn first_try<'a>(&self, stage: &'a mut Stage) -> Option<&'a mut Scan> {
        let visitor = self.running.as_ref().and_then(|running| running.visitor);
        let visitor = visitor.filter(|visitor| visitor.attempt == 0)?;
        let mut scans = stage.record.scans.iter_mut().rev();
        scans.find(|scan| scan.visit == visitor.visit)
    }

    fn end_scan(&self, stage: &mut Stage, visitor: Visitor, code: ReasonCode) {
        let now = stage.now();
        let mut scans = stage.record.scans.iter_mut().rev();
        let first = scans.find(|scan| scan.visit == visitor.visit && visitor.attempt == 0);
        if let Some(scan) = first.filter(|scan| scan.ended.is_none()) {
            scan.ended = Some((now, code));
        }
    }

    /// A light that lets the guest pass: its entry must be durable, and new.
    fn light(
        &mut self,
        stage: &mut Stage,
        visitor: Visitor,
        verdict: &Verdict,
        authority: Option<Authority>,
    ) {
        let Some(visit) = stage.plan.visits.get(visitor.visit).copied() else { return };
        let found = self.unlit.iter().rposition(|it| Some(it.serial) == verdict.facts.serial);
        let Some(found) = found.map(|place| self.unlit.swap_remove(place)) else {
            let what = format!("gate {} shows green, and nothing is on its disk", self.place);
            return stage.wrong(Check::GreenAfterRecord, what);
        };
        let turns_back = visit.mistake == Mistake::TurnsBack
            && found.kind == LightKind::Use(UseKind::Entry)
            && !stage.healed;
        stage.record.lights.push(Light {
            gate: self.place,
            device: self.device,
            number: found.number,
            serial: found.serial,
            kind: found.kind,
            count: found.count,
            authority: authority.unwrap_or(Authority::Alone),
            at: stage.now(),
            passage: if turns_back { Passage::NotPassed } else { Passage::Shown },
            marked: false,
            taken_back: None,
            mistake: visit.mistake,
        });
        let light = stage.record.lights.len().saturating_sub(1);
        check_room(stage, self.place);
        stage.after(WALK, Event::Walks { light });
        self.after_light(stage, visitor, &visit, found.kind);
    }

    /// What somebody may think of: to show the last light again after a restart.
    pub(super) fn light_by_itself(&mut self, stage: &mut Stage) {
        if !stage.is_planted(Adapter::LightAfterRestart) {
            return;
        }
        let last = self.disk.journal.iter().rev().filter_map(|it| JournalEntry::decode(it).ok());
        let newest = last.take(3).find(|entry| {
            matches!(entry.body, JournalBody::Redeemed { .. } | JournalBody::Shown { .. })
        });
        if let Some(entry) = newest
            && let JournalBody::Redeemed { right, .. } = entry.body
        {
            let facts = Facts { serial: Some(right.serial), ..Facts::EMPTY };
            let verdict = Verdict { code: ReasonCode::Admitted, facts, at: entry.at };
            self.show(stage, ScanId(0), &verdict, None);
        }
    }
}

/// A small venue holds no more than it has room for. A copied or rolled-back disk copies its shares.
fn check_room(stage: &mut Stage, gate: usize) {
    let copies = stage.plan.breakdowns.iter().any(|breakdown| breakdown.broken.copies());
    // A device that is given up after a restore takes with it whom it let in.
    let revoked = stage.plan.deeds.iter().any(|deed| matches!(deed.kind, DeedKind::Revoke(_)));
    let forgotten =
        !stage.record.written_off.is_empty() || (stage.record.put_back.is_some() && revoked);
    if !stage.plan.small || copies || forgotten || stage.record.silent {
        return;
    }
    let inside = stage.record.inside();
    if inside > ROOM {
        let what = format!("gate {gate} lets somebody in, and {inside} are inside");
        stage.wrong(Check::RoomIsKept, what);
    }
}

/// A guest who saw a light has walked.
pub fn walked(stage: &mut Stage, light: usize) {
    if let Some(light) = stage.record.lights.get_mut(light)
        && light.passage == Passage::Shown
    {
        light.passage = Passage::Passed;
    }
}

/// Guests wait so long before they try again.
pub(super) const AGAIN: u64 = 3 * SECOND;
