//! How many persons fit into the venue, a zone or a slot. Whoever leaves makes room; at closing
//! everybody is taken to have left. Room may be leased to lanes: whoever can ask nobody then admits only
//! within their own share, and for everybody else a share that wasn't given back counts as full.

mod filling;

use core::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::{
    bundle::Policy,
    id::GateId,
    ledger::Crowd,
    place::Place,
    reason::ReasonCode,
    time::{TimeInterval, UnixMillis},
};

use super::{
    Ask, Facts, Look, Reach, Refusal, Terms,
    instant::{FOREVER, Span, throughout},
    trail::{Unwatched, Watch, heard},
};

pub use filling::{Filling, HeldRoom, fillings, held_room, persons_inside};

/// How many persons fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Most persons inside at a time.
    #[cfg_attr(feature = "openapi", schema(value_type = u32, minimum = 1))]
    pub persons: NonZeroU32,
    /// What happens once so many are.
    #[serde(default)]
    pub beyond: Beyond,
}

/// What happens to the next guest where it is full.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Beyond {
    /// They may enter, and staff are told.
    Warn,
    /// They wait outside.
    #[default]
    Deny,
}

/// What the capacities say of a guest who may enter otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// Why they may not.
    pub(super) refusal: Option<Refusal>,
    /// The first capacity that they exceed although they may enter.
    pub(super) beyond: Option<Filling>,
    /// Whether the gate's own share has room for them wherever a capacity keeps anybody out.
    pub(super) by_share: bool,
}

/// Why the persons may not enter by `gate` because it is full there, if it is.
#[must_use]
pub fn judge_capacity(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    ask: Ask,
) -> Option<Refusal> {
    room(terms, gate, crowd, ask, &mut Unwatched).refusal
}

/// The same and more, and lets `watch` hear how.
pub(super) fn room(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    ask: Ask,
    watch: &mut impl Watch,
) -> Room {
    let wanted = u32::from(ask.count);
    let policy = terms.policy();
    let (mut beyond, mut by_share) = (None, true);
    let refusal = throughout(ask.now, |at| {
        let free = Span::free(until(terms, at));
        filling::entered(terms, gate, crowd, at, ask).fold(free, |span, filling| {
            span.and(|| {
                if filling.is_hard() {
                    by_share = by_share && filling.here >= Some(wanted);
                } else if filling.is_over(wanted) {
                    beyond = beyond.or(Some(filling));
                }
                let refusal =
                    filling.lacks(ask, policy).then(|| filling.refusal((wanted, ask.reach)));
                heard(watch, at, || Look::Capacity { filling, wanted }, Span { refusal, ..free })
            })
        })
    });
    Room { refusal, beyond, by_share }
}

/// How many persons fit at every instant of `now` when they enter by `gate`; none where no capacity
/// keeps anybody out.
pub(super) fn free(
    terms: &Terms<'_>,
    gate: GateId,
    crowd: &Crowd<'_>,
    (now, reach): (TimeInterval, Reach),
) -> Option<u32> {
    let mut least: Option<u32> = None;
    // A clock too uncertain to follow leaves nobody to ask about: `room` refuses by it before.
    let _ = throughout(now, |at| {
        let free = filling::free(terms, gate, crowd, at, reach);
        least = least.into_iter().chain(free).min();
        Span::free(until(terms, at))
    });
    least
}

/// Until when the same places are open and the same persons inside.
fn until(terms: &Terms<'_>, at: UnixMillis) -> UnixMillis {
    let session = terms.session(at).map(|session| session.ends);
    let slots = terms.slots().flat_map(|slot| [slot.opens(), slot.closes()]);
    slots.filter(|change| *change > at).chain(session).min().unwrap_or(FOREVER)
}

impl Filling {
    /// Whether `wanted` more are too many.
    #[must_use]
    pub fn is_over(&self, wanted: u32) -> bool {
        self.inside.saturating_add(wanted) > self.capacity.persons.get()
    }

    /// Whether it keeps out who doesn't fit.
    #[must_use]
    pub fn is_hard(&self) -> bool {
        self.capacity.beyond == Beyond::Deny
    }

    /// How many more fit, whoever holds the room.
    #[must_use]
    pub const fn free(&self) -> u32 {
        self.capacity.persons.get().saturating_sub(self.inside)
    }

    /// Whether `wanted` more need room that lanes hold.
    fn is_held(&self, wanted: u32) -> bool {
        self.is_hard()
            && self.inside.saturating_add(self.held).saturating_add(wanted) > self.limit()
    }

    /// For how many of `wanted` lanes must give room back.
    fn missing(&self, wanted: u32) -> u32 {
        let all = self.inside.saturating_add(self.held).saturating_add(wanted);
        all.saturating_sub(self.limit())
    }

    /// How many more may enter, as far as whoever asks can let them in or find somebody who can.
    fn open_to(&self, reach: Reach, policy: Policy) -> u32 {
        match (reach, self.here) {
            (Reach::Server, _) => self.free(),
            (Reach::Hub | Reach::Nobody, Some(here)) => here.min(self.free()),
            (Reach::Hub | Reach::Nobody, None) if policy == Policy::Strict => 0,
            (Reach::Hub | Reach::Nobody, None) => self.free(),
        }
    }

    /// Whether it keeps the persons out: there is no room, or none that whoever asks can give.
    fn lacks(&self, ask: Ask, policy: Policy) -> bool {
        self.is_hard() && self.open_to(ask.reach, policy) < u32::from(ask.count)
    }

    const fn limit(&self) -> u32 {
        self.capacity.persons.get()
    }

    /// The numbers behind it.
    pub(crate) fn facts(&self) -> Facts {
        let (zone, slot) = match self.place {
            Place::Venue => (None, None),
            Place::Zone(zone) => (Some(zone), None),
            Place::Slot(slot) => (None, Some(slot)),
        };
        let (inside, limit) = (Some(self.inside), Some(self.capacity.persons.get()));
        Facts { zone, slot, inside, limit, ..Facts::EMPTY }
    }

    /// What a full place is refused with.
    pub(crate) fn full(&self) -> Refusal {
        self.refusal((u32::MAX, Reach::Server))
    }

    fn refusal(&self, (wanted, reach): (u32, Reach)) -> Refusal {
        let code = match (reach, self.place) {
            // Who can't ask the server may have missed an exit …
            (Reach::Hub | Reach::Nobody, _) if self.is_over(wanted) => ReasonCode::CapacityUnknown,
            // … and gives no room but their own.
            (Reach::Hub | Reach::Nobody, _) => ReasonCode::NoRoomHere,
            (Reach::Server, Place::Venue) => ReasonCode::VenueFull,
            (Reach::Server, Place::Zone(_)) => ReasonCode::ZoneFull,
            (Reach::Server, Place::Slot(_)) => ReasonCode::SlotFull,
        };
        Refusal { code, facts: self.facts() }
    }
}
