//! How many entries a day and a slot allow.

use serde::{Deserialize, Serialize};

use crate::{calendar::Slot, reason::ReasonCode, time::UnixMillis};

use super::{
    Facts, Look, Refusal, Terms,
    instant::{FOREVER, Span},
    trail::{Watch, heard},
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
    watch: &mut impl Watch,
) -> Span {
    judge_day(terms, uses, wanted, at, watch).and(|| judge_slot(terms, uses, wanted, at, watch))
}

fn judge_day(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    at: UnixMillis,
    watch: &mut impl Watch,
) -> Span {
    let limit = terms.admission.limits.per_day;
    if limit == 0 {
        return Span::free(FOREVER);
    }
    let day = terms.day(at);
    let today = uses.entries().filter(|(at, _)| day.contains(*at)).map(|(_, count)| count);
    let room = u32::from(limit).saturating_sub(today.sum());
    let span = within(ReasonCode::UsedToday, limit, room, wanted, uses, day.ends);
    heard(watch, at, || Look::PerDay { limit, room, wanted }, span)
}

fn judge_slot(
    terms: &Terms<'_>,
    uses: &Reading<'_>,
    wanted: u32,
    at: UnixMillis,
    watch: &mut impl Watch,
) -> Span {
    let limit = terms.admission.limits.per_slot;
    if limit == 0 {
        return Span::free(FOREVER);
    }
    let changes = terms.slots().flat_map(|slot| [slot.opens(), slot.closes()]);
    let change = changes.filter(|change| *change > at).min().unwrap_or(FOREVER);
    let room = room_in_slots(terms, uses, at);
    let span = within(ReasonCode::UsedThisSlot, limit, room, wanted, uses, change);
    heard(watch, at, || Look::PerSlot { limit, room, wanted }, span)
}

/// Where fewer than wanted may still come in, that is what to say.
fn within(
    code: ReasonCode,
    limit: u8,
    room: u32,
    wanted: u32,
    uses: &Reading<'_>,
    until: UnixMillis,
) -> Span {
    if wanted <= room {
        return Span::free(until);
    }
    let code = if room > 0 { ReasonCode::NotEnoughLeft } else { code };
    let left = Some(room).filter(|room| *room > 0);
    let (last_use, limit) = (uses.last_entry(), Some(u32::from(limit)));
    Span::refused(Refusal { code, facts: Facts { last_use, limit, left, ..Facts::EMPTY } }, until)
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
