//! What must hold once everything works again and had ten seconds.

use std::collections::BTreeSet;

use kaisatsu_server::store::types::QuarantineReason;
use kaisatsu_shared::{
    id::{DeviceId, Serial},
    ledger::{EventState, LedgerBody},
    right::UseKind,
};

use crate::{
    check::{
        Check,
        conflicts::check_conflicts,
        doubles::check_doubles,
        tails::{check_other_ends, check_tails},
    },
    gate::{Gate, Strange},
    record::{LightKind, Wiped},
    server::Server,
    stage::Stage,
};

/// What a run counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lights that let somebody pass.
    pub lights: u64,
    /// Double admissions whose journals could all be delivered.
    pub doubles: u64,
    /// Double admissions with the policy `strict`.
    pub strict: u64,
    /// Those that the ledger has as conflicts.
    pub found: u64,
    /// Lights whose entry the ledger doesn't have, although its device delivered.
    pub lost: u64,
    /// Double admissions in which a lost, rolled-back, copied or revoked device took part.
    pub apart: u64,
    /// Journals that were written twice, by a rolled-back disk or by a copy.
    pub forks: u64,
    /// Those that were told.
    pub told: u64,
}

/// Checks everything; gives what it counted.
#[must_use]
pub fn check_healed(stage: &mut Stage, server: &Server, gates: &[Gate]) -> Counts {
    let Some(state) = server.state() else {
        stage.wrong(Check::ComesToRest, "the server doesn't run");
        return Counts::default();
    };
    // A journal that was written twice is offered, and refused, again and again.
    if !server.is_idle() && gates.iter().all(|gate| gate.strange.is_none()) {
        stage.wrong(Check::ComesToRest, "the server is still writing");
    }
    let strange = strange(server, gates);
    for gate in gates.iter().filter(|gate| gate.strange.is_none()) {
        check_gate(stage, server, gate, state);
    }
    let mut counts = Counts::default();
    check_lights(stage, server, (state, &strange), &mut counts);
    check_doubles(stage, state, (&strange, gates), &mut counts);
    check_conflicts(stage, state, &strange);
    check_grants(stage, state, &strange);
    check_forks(stage, server, gates, &mut counts);
    check_rollback(stage, &strange, gates);
    check_given_back(stage, state, (&strange, gates));
    check_wiped(stage, server);
    check_tails(stage, server);
    check_other_ends(stage, server);
    counts
}

/// What a revoked gate deleted the server has, unless its database was put back since.
fn check_wiped(stage: &mut Stage, server: &Server) {
    let has = |wiped: &Wiped| {
        let there = server.log.journals.get(&wiped.device).map(Vec::as_slice).unwrap_or_default();
        let same = there.iter().zip(&wiped.journal).all(|((_, there), here)| there == here);
        same && there.len() >= wiped.journal.len()
    };
    let put_back = stage.record.put_back;
    let mut lost = stage.record.wiped.iter().filter(|it| Some(it.at) > put_back && !has(it));
    if let Some(gate) = lost.next().map(|wiped| wiped.gate) {
        let what = format!("the revoked gate {gate} deleted what the server hasn't");
        stage.wrong(Check::NothingLost, what);
    }
}

/// What a gate had of the ledger, as signed, a server that was put back has again.
fn check_given_back(
    stage: &mut Stage,
    state: &EventState,
    (strange, gates): (&BTreeSet<DeviceId>, &[Gate]),
) {
    let works = |place: &usize| gates.get(*place).is_some_and(|it| !strange.contains(&it.device));
    let roster = state.roster();
    let is_known = |body: &LedgerBody| match body {
        LedgerBody::Issued { first, .. } => first.0 < roster.len() && !roster.is_lost(*first),
        LedgerBody::Reissued(ticket) => roster.generation(ticket.serial) >= Some(ticket.generation),
        LedgerBody::Voided { serial, .. } => {
            state.right(*serial).is_some_and(|right| right.voided.is_some())
        }
        // Two lines of one epoch may have given the same rights to different lanes; so may whoever gives a lane up.
        LedgerBody::Leased { lease, device, .. } => {
            stage.record.silent
                || stage.record.written_off.contains(device)
                || state.leases().lease(*lease).is_some()
        }
        _ => true,
    };
    let mut lost = stage.record.kept_elsewhere.iter().filter(|(gate, _)| works(gate));
    if let Some((gate, body)) = lost.find(|(_, body)| !is_known(body)) {
        let what = format!("gate {gate} had {}, and the server lacks it", body.name());
        stage.wrong(Check::NothingLost, what);
    }
}

/// A server that was rolled back without anybody saying so is named, where a gate that works can prove it.
fn check_rollback(stage: &mut Stage, strange: &BTreeSet<DeviceId>, gates: &[Gate]) {
    let proofs = stage.record.proofs.iter().filter_map(|place| gates.get(*place));
    let mut proofs = proofs.filter(|gate| !strange.contains(&gate.device));
    if let Some(gate) = proofs.next().map(|gate| gate.place) {
        let what = format!("gate {gate} can prove that the server was rolled back");
        stage.wrong(Check::RollbacksAreNamed, what);
    }
}

/// Devices that are counted apart; so is a revoked one, also by a server that forgot that.
fn strange(server: &Server, gates: &[Gate]) -> BTreeSet<DeviceId> {
    let is_strange =
        |gate: &&Gate| gate.strange.is_some() || gate.disk.wiped || gate.disk.revoked.is_some();
    let own = gates.iter().filter(is_strange).map(|gate| gate.device);
    own.chain(server.log.revoked.iter().copied()).collect()
}

/// A gate came to rest, and knows what the server knows.
fn check_gate(stage: &mut Stage, server: &Server, gate: &Gate, state: &EventState) {
    let place = gate.place;
    if gate.disk.wiped {
        return;
    }
    let Some(engine) = gate.engine() else {
        return stage.wrong(Check::ComesToRest, format!("gate {place} doesn't run"));
    };
    let status = engine.status();
    // Rules come once a minute, so that theirs may be the last write.
    if engine.is_deciding() || status.unsynced > 0 || gate.writes() > 1 {
        let (left, writes) = (status.unsynced, gate.writes());
        let deciding = if engine.is_deciding() { ", a scan to decide" } else { "" };
        let what = format!("gate {place} has {left} entries to deliver, {writes} writes{deciding}");
        stage.wrong(Check::ComesToRest, what);
    }
    if !gate.disk.intents.is_empty() {
        stage.wrong(Check::ComesToRest, format!("gate {place} has a claim without outcome"));
    }
    let delivered = server.log.journals.get(&gate.device).map(Vec::as_slice).unwrap_or_default();
    if !delivered.iter().map(|(_, bytes)| bytes).eq(&gate.disk.journal) {
        let what = format!("the server has another journal of gate {place}");
        stage.wrong(Check::NothingLost, what);
    }
    if server.log.revoked.contains(&gate.device) {
        let what = format!("gate {place} is revoked and still has its journal");
        return stage.wrong(Check::RevokedIsOver, what);
    }
    // The server that revoked it was rolled back and forgot that; it doesn't.
    if gate.disk.revoked.is_some() {
        return;
    }
    if engine.state() != state || gate.disk.ledger != server.log.ledger {
        let (here, there) = (status.ledger, state.cursor().sequence);
        let what = format!("gate {place} knows the ledger to {here} of {there}");
        stage.wrong(Check::FollowersAgree, what);
    }
}

/// Every light's entry arrived.
fn check_lights(
    stage: &mut Stage,
    server: &Server,
    (state, strange): (&EventState, &BTreeSet<DeviceId>),
    counts: &mut Counts,
) {
    let mut lost = Vec::new();
    for light in &stage.record.lights {
        counts.lights += 1;
        if strange.contains(&light.device) {
            continue;
        }
        let right = state.right(light.serial);
        let known = right.is_some_and(|right| match light.kind {
            LightKind::Use(_) => right.redemption(light.device, light.number).is_some(),
            LightKind::Answer(device, number) => right.is_answered((device, number)),
            LightKind::Override => right
                .overrides
                .iter()
                .any(|told| (told.by.device, told.number) == (light.device, light.number)),
        });
        // What happened to a ticket that a restored server never got back is set apart for an admin. So it is where
        // nobody had yet proved that the server was rolled back when it gave the number to another.
        let is_anothers = stage.record.sold_again.contains(&light.serial);
        let apart = (is_anothers || is_forgotten(stage, state, light.serial)) && {
            let mut apart = server.log.apart.iter();
            apart.any(|it| (it.device, it.number) == (light.device, light.number))
        };
        if !known && !apart {
            counts.lost += 1;
            lost.push((light.gate, light.number));
        }
    }
    if let Some((gate, number)) = lost.first() {
        let what = format!("the light of gate {gate} for its entry {number} isn't in the ledger");
        stage.wrong(Check::NothingLost, what);
    }
}

/// Whether nobody could give a restored server back that this ticket was issued, or issued anew.
fn is_forgotten(stage: &Stage, state: &EventState, serial: Serial) -> bool {
    let known = state.roster().generation(serial).filter(|_| !state.roster().is_lost(serial));
    stage.record.put_back.is_some() && known < Some(stage.issue(serial).generation)
}

fn check_grants(stage: &mut Stage, state: &EventState, strange: &BTreeSet<DeviceId>) {
    for (serial, right) in state.rights() {
        let mut open = right.grants.iter().map(|grant| grant.used);
        if let Some(used) = open.find(|used| !strange.contains(&used.device)) {
            let (device, kind) = (used.device, used.kind);
            let way = if kind == UseKind::Entry { "in" } else { "out" };
            let what = format!("device {device} has an open grant for ticket {serial}, {way}");
            stage.wrong(Check::GrantsAreSettled, what);
        }
    }
}

/// A rolled-back disk or a copy that wrote on is told, where the server has what it contradicts.
fn check_forks(stage: &mut Stage, server: &Server, gates: &[Gate], counts: &mut Counts) {
    for gate in gates {
        if !matches!(gate.strange, Some(Strange::RolledBack | Strange::Cloned)) {
            continue;
        }
        let delivered = server.log.journals.get(&gate.device).map(Vec::as_slice);
        let mut pairs = delivered.unwrap_or_default().iter().zip(&gate.disk.journal);
        if pairs.all(|((_, there), here)| there == here) {
            continue;
        }
        counts.forks += 1;
        let mut apart = server.log.apart.iter();
        let at_server =
            apart.any(|it| it.device == gate.device && it.reason == QuarantineReason::Fork);
        if at_server || gate.told_apart || server.had_told_fork(gate.device) {
            counts.told += 1;
        } else {
            let what =
                format!("nobody noticed that gate {}'s journal was written twice", gate.place);
            stage.wrong(Check::ForksAreTold, what);
        }
    }
}
