//! Entries that the server was told of and never got.

use crate::{check::Check, server::Server, stage::Stage};

/// What lies between what a device delivered and the highest end that was heard of its journal is named, and nothing
/// else is: not of a device that is lost or written off, and no more once it came.
pub(super) fn check_tails(stage: &mut Stage, server: &Server) {
    for device in stage.devices.clone() {
        let delivered = server.log.journals.get(&device).map_or(0, Vec::len);
        let delivered = u64::try_from(delivered).unwrap_or(u64::MAX);
        let last = server.log.told.highest.get(&device).copied().unwrap_or_default();
        let missing = (last > delivered).then(|| (delivered.saturating_add(1), last));
        let named = server.missing(device);
        if named != missing {
            let what = format!("of device {device} {named:?} is named, {missing:?} is missing");
            return stage.wrong(Check::TailsAreNamed, what);
        }
    }
}

/// An end that contradicts the entry under its number was set apart.
pub(super) fn check_other_ends(stage: &mut Stage, server: &Server) {
    for (device, head) in &server.log.told.compared {
        let place = head.number.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let delivered = server.log.journals.get(device).map(Vec::as_slice).unwrap_or_default();
        let there = place.and_then(|place| delivered.get(place)).map(|(hash, _)| *hash);
        let mut apart = server.log.apart.iter();
        let is_apart =
            apart.any(|it| (it.device, it.number, it.hash) == (*device, head.number, head.hash));
        if there != Some(head.hash) && !is_apart && !server.had_told_fork(*device) {
            let number = head.number;
            let what =
                format!("nobody noticed that device {device} ends another journal with {number}");
            return stage.wrong(Check::ForksAreTold, what);
        }
    }
}
