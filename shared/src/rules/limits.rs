//! How many entries a day and a slot allow.

use serde::{Deserialize, Serialize};

use crate::{reason::ReasonCode, time::UnixMillis};

use super::{
    Facts, Refusal, Terms,
    instant::{FOREVER, Span},
    view::Reading,
};

/// Entries by day and by slot; 0 is without limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Most entries on one ticket in a day of the event.
    pub per_day: u8,
    /// Most entries on one ticket in a slot. An entry counts in the first slot that was open then
    /// and had room.
    pub per_slot: u8,
}

impl Limits {
    /// Without limit.
    pub(super) const NONE: Self = Self { per_day: 0, per_slot: 0 };
}

/// Whether `wanted` more may come in at `at`, by how many came in that day and in the open slots.
pub(super) fn judge_limits(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    at: UnixMillis,
) -> Span {
    let limits = terms.admission.limits;
    let refusal = |code, limit: u8| Refusal {
        code,
        facts: Facts {
            last_use: uses.last_entry(),
            limit: Some(u32::from(limit)),
            ..Facts::default()
        },
    };
    let mut span = Span::free(FOREVER);
    if limits.per_day > 0 {
        let day = terms.day(at);
        let today = uses.entries().filter(|(at, _)| day.contains(*at)).map(|(_, count)| count);
        span.until = day.ends;
        if today.sum::<u32>().saturating_add(wanted) > u32::from(limits.per_day) {
            return Span::refused(refusal(ReasonCode::UsedToday, limits.per_day), day.ends);
        }
    }
    if limits.per_slot > 0 {
        let limit = u32::from(limits.per_slot);
        let changes = terms.slots().flat_map(|slot| [slot.opens(), slot.closes()]);
        let change = changes.filter(|change| *change > at).min().unwrap_or(FOREVER);
        span.until = span.until.min(change);
        if !has_room(terms, uses, wanted, limit, at) {
            let refusal = refusal(ReasonCode::UsedThisSlot, limits.per_slot);
            return Span::refused(refusal, span.until);
        }
    }
    span
}

/// Whether one of the slots open at `at` has room, once each entry before is counted in the first
/// slot that had.
fn has_room(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    limit: u32,
    at: UnixMillis,
) -> bool {
    let mut slots: Vec<_> = terms.slots().map(|slot| (slot, 0_u32)).collect();
    for (at, count) in uses.entries() {
        let mut open = slots.iter_mut().filter(|(slot, _)| slot.is_open(at));
        let place = open.find(|(_, used)| used.saturating_add(count) <= limit);
        if let Some((_, used)) = place {
            *used = used.saturating_add(count);
        } else if let Some((_, used)) = slots.iter_mut().find(|(slot, _)| slot.is_open(at)) {
            *used = used.saturating_add(count);
        }
    }
    slots.iter().any(|(slot, used)| slot.is_open(at) && used.saturating_add(wanted) <= limit)
}
