//! What a right still allows, judged from what is known of its uses.

use crate::{
    id::DeviceId,
    ledger::{LastUse, Right},
    reason::ReasonCode,
    right::UseKind,
};

/// What is known of a right, from the ledger and from what a gate has journalled since.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RightView {
    /// Whether it was voided.
    pub voided: bool,
    /// Persons who entered on it.
    pub entered: u32,
    /// The newest entry.
    pub last_use: Option<LastUse>,
    /// Persons whom other claims are admitting at this moment.
    pub being_admitted: u32,
    /// The newest of those claims.
    pub open_grant: Option<LastUse>,
    /// The oldest interrupted admission that nobody answered for: device and journal number.
    pub interrupted: Option<(DeviceId, u64)>,
}

impl RightView {
    /// The view of a right as the ledger has it.
    #[must_use]
    pub fn of(right: &Right) -> Self {
        let mut open = right.grants.iter().filter(|grant| grant.used.kind == UseKind::Entry);
        Self {
            voided: right.voided.is_some(),
            entered: right.entered(),
            last_use: right.last_entry().map(|redemption| LastUse::from(&redemption.used)),
            being_admitted: open.clone().map(|grant| u32::from(grant.used.count)).sum(),
            open_grant: open.next_back().map(|grant| LastUse::from(&grant.used)),
            interrupted: right.interrupted.first().copied(),
        }
    }
}

/// Why `count` more persons may not enter on a right that allows `entries` (0 is without limit),
/// if they may not. The facts' use is the one that stands in the way.
#[must_use]
pub fn judge_right(
    view: &RightView,
    entries: u8,
    count: u8,
) -> Option<(ReasonCode, Option<LastUse>)> {
    if view.voided {
        return Some((ReasonCode::Voided, None));
    }
    if view.interrupted.is_some() {
        return Some((ReasonCode::Interrupted, view.last_use));
    }
    if entries == 0 {
        return None;
    }
    let (allowed, wanted) = (u32::from(entries), u32::from(count));
    if view.entered.saturating_add(wanted) > allowed {
        return Some((ReasonCode::AlreadyUsed, view.last_use));
    }
    if view.entered.saturating_add(view.being_admitted).saturating_add(wanted) > allowed {
        return Some((ReasonCode::BeingAdmitted, view.open_grant));
    }
    None
}
