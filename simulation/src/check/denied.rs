//! Whether a guest is rightly kept out, by what truly happened.

use kaisatsu_shared::{id::Serial, reason::ReasonCode};

use crate::{
    gate::Gate,
    house::{Class, Issue, ROOM},
    plan::{DeedKind, Shows, Visit},
    stage::Stage,
};

/// A guest who is kept out.
#[derive(Debug)]
pub struct Denied<'a> {
    /// What they are told.
    pub code: ReasonCode,
    /// The guest.
    pub visit: &'a Visit,
    /// The gate.
    pub gate: &'a Gate,
}

/// Whether the guest is rightly kept out.
///
/// # Errors
/// Why not.
pub fn rightly_denied(stage: &Stage, denied: &Denied<'_>) -> Result<(), &'static str> {
    let Denied { code, visit, gate } = *denied;
    let serial = visit.serial;
    if !visit.is_genuine() || gate.strange.is_some() {
        return Ok(());
    }
    let holds = |right: bool, why| if right { Ok(()) } else { Err(why) };
    let wanted = if Class::of(serial) == Class::Group { visit.persons } else { 1 };
    let wrong_clock = stage.server_lied || gate.clock_lied;
    match code {
        ReasonCode::AlreadyUsed | ReasonCode::NotEnoughLeft | ReasonCode::StillInside => {
            let class = Class::of(serial);
            let muddled = stage.record.muddled.contains(&serial);
            let most = u32::from(class.allows());
            let lit = stage.record.ever_lit(serial).saturating_add(stage.record.unsaid(serial));
            let used = lit.saturating_add(u32::from(wanted)) > most;
            holds(used || muddled, "too few lights were shown for it")
        }
        ReasonCode::Voided => {
            let voided = stage
                .plan
                .deeds
                .iter()
                .any(|deed| deed.kind == DeedKind::Void(serial) && deed.at <= stage.now());
            holds(voided, "nobody voided it")
        }
        ReasonCode::Superseded | ReasonCode::Transferred => {
            let shown =
                if visit.shows == Shows::OldTicket { Issue::FIRST } else { stage.issue(serial) };
            let reissued = stage
                .plan
                .deeds
                .iter()
                .any(|deed| deed.kind == DeedKind::Reissue(serial) && deed.at <= stage.now());
            holds(shown != stage.issue(serial) || reissued, "nobody reissued it")
        }
        ReasonCode::DisplayStale => {
            let old = matches!(visit.shows, Shows::Picture(_));
            holds(old || wrong_clock, "it is fresh")
        }
        ReasonCode::GateRevoked => {
            let mut deeds = stage.plan.deeds.iter().filter(|deed| deed.at <= stage.now());
            let revoked = deeds.any(|deed| deed.kind == DeedKind::Revoke(gate.place));
            holds(revoked, "nobody revoked the gate")
        }
        ReasonCode::CannotRecord => holds(gate.disk_full, "the disk works"),
        // For what the gate hasn't heard was issued, only the current key vouches.
        ReasonCode::NotIssued => {
            let known = gate.engine().and_then(|it| it.state().roster().generation(serial));
            let unheard = known < Some(stage.issue(serial).generation);
            // Rules that a full disk didn't take are in use all the same.
            let rules = gate.engine().and_then(|it| it.bundle()).map(|bundle| bundle.version);
            let old_key = !stage.issue(serial).rotated && rules > Some(1);
            let lost = stage.record.put_back.is_some() && is_promised_late(stage, serial);
            let right = (unheard && old_key) || lost;
            holds(right, "it was issued, and its key is the current one")
        }
        // Its key came with rules that the gate doesn't have yet.
        ReasonCode::UnknownKey => holds(stage.issue(serial).rotated, "its key is an old one"),
        ReasonCode::Expired | ReasonCode::NotYetValid => holds(wrong_clock, "it is valid"),
        // What lost devices held counts as full; others may have left since the gate heard.
        ReasonCode::VenueFull => {
            let lost = stage
                .plan
                .deeds
                .iter()
                .any(|deed| matches!(deed.kind, DeedKind::Revoke(_)) && deed.at <= stage.now());
            let lost = lost || !stage.record.written_off.is_empty();
            let full = stage.record.ever_entered().saturating_add(wanted.into()) > ROOM;
            holds(stage.plan.small && (full || lost), "there is room")
        }
        _ => Err("nothing about it is wrong"),
    }
}

/// Whether a ticket was sold or reissued while the doors were open: a restored server may have lost that for good.
fn is_promised_late(stage: &Stage, serial: Serial) -> bool {
    let mut deeds = stage.plan.deeds.iter();
    serial.0 >= stage.plan.tickets || deeds.any(|deed| deed.kind == DeedKind::Reissue(serial))
}
