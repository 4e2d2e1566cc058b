//! How many entries a day and a slot allow.

use serde::{Deserialize, Serialize};

use crate::{calendar::Slot, reason::ReasonCode, time::UnixMillis};

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
    // Where fewer than wanted may still come in, that is what to say.
    let refusal = |code, limit: u8, room: u32| {
        let code = if room > 0 { ReasonCode::NotEnoughLeft } else { code };
        let left = Some(room).filter(|room| *room > 0);
        let (last_use, limit) = (uses.last_entry(), Some(u32::from(limit)));
        Refusal { code, facts: Facts { last_use, limit, left, ..Facts::EMPTY } }
    };
    let mut span = Span::free(FOREVER);
    if limits.per_day > 0 {
        let day = terms.day(at);
        let today = uses.entries().filter(|(at, _)| day.contains(*at)).map(|(_, count)| count);
        span.until = day.ends;
        let room = u32::from(limits.per_day).saturating_sub(today.sum());
        if room < wanted {
            return Span::refused(refusal(ReasonCode::UsedToday, limits.per_day, room), day.ends);
        }
    }
    if limits.per_slot > 0 {
        let changes = terms.slots().flat_map(|slot| [slot.opens(), slot.closes()]);
        let change = changes.filter(|change| *change > at).min().unwrap_or(FOREVER);
        span.until = span.until.min(change);
        let room = room_in_slots(terms, uses, at);
        if room < wanted {
            let refusal = refusal(ReasonCode::UsedThisSlot, limits.per_slot, room);
            return Span::refused(refusal, span.until);
        }
    }
    span
}

/// How many more may come in together in one of the slots open at `at`, once each entry before is
/// counted in the first open slot that had room for it.
fn room_in_slots(terms: &Terms<'_>, uses: &Reading<'_>, at: UnixMillis) -> u32 {
    let limit = u32::from(terms.admission.limits.per_slot);
    let mut slots: Vec<_> = terms.slots().map(|slot| (slot, limit)).collect();
    for (at, count) in uses.entries() {
        let open = |(slot, _): &&mut (&Slot, u32)| slot.is_open(at);
        let fitting = slots.iter_mut().filter(open).find(|(_, room)| count <= *room);
        // What fits nowhere was admitted all the same: it fills the first.
        if let Some((_, room)) = fitting {
            *room = room.saturating_sub(count);
        } else if let Some((_, room)) = slots.iter_mut().find(open) {
            *room = 0;
        }
    }
    let open = slots.iter().filter(|(slot, _)| slot.is_open(at));
    open.map(|(_, room)| *room).max().unwrap_or_default()
}
