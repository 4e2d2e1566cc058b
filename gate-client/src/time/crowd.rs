//! What the guests' clocks say together. One phone's clock may be wrong, and one guest may lie; the
//! middle of many distinct tickets shows when it is the gate's clock that is off.

use std::collections::VecDeque;

use kaisatsu_shared::{
    display::clock::{ChainId, STEP_SECONDS},
    id::Serial,
    time::TimeInterval,
    token::{Display, Shown},
};

/// So many distinct tickets are remembered, the newest.
const REMEMBERED: usize = 32;
/// From so many on they say something.
const ENOUGH: usize = 8;
/// Steps (of 10 s each) that the middle may be off.
const TOLERATED: u64 = 2;

/// A less certain time of the gate's own can't be compared with a step, in milliseconds.
const COMPARABLE: u64 = 10_000;

/// How many steps the clock display of a shown ticket was ahead of this gate's time; nothing for
/// other displays, and where this gate's time is too uncertain.
#[must_use]
pub fn display_offset(shown: &Shown, at: TimeInterval) -> Option<i64> {
    let Display::Clock { step, .. } = shown.display else { return None };
    if at.latest.0.saturating_sub(at.earliest.0) > COMPARABLE {
        return None;
    }
    let chain = ChainId::of(&shown.token.body)?;
    let since_start = i64::from(at.middle().to_seconds().0) - i64::from(chain.start.0);
    Some(i64::from(step) - since_start.div_euclid(i64::from(STEP_SECONDS)))
}

/// The offsets of the tickets seen last.
#[derive(Clone, Debug, Default)]
pub struct Crowd(VecDeque<(Serial, i64)>);

impl Crowd {
    /// A ticket's clock display was `offset` steps ahead of this gate's time. A ticket counts once,
    /// with what it showed last.
    pub fn saw(&mut self, serial: Serial, offset: i64) {
        self.0.retain(|(known, _)| *known != serial);
        self.0.push_back((serial, offset));
        if self.0.len() > REMEMBERED {
            self.0.pop_front();
        }
    }

    /// Forgets all: the gate's time changed.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// Whether enough tickets agree that this gate's clock is off: both middle ones of them lie
    /// beyond what is tolerated, on the same side.
    #[must_use]
    pub fn differs(&self) -> bool {
        if self.0.len() < ENOUGH {
            return false;
        }
        let mut offsets: Vec<_> = self.0.iter().map(|(_, offset)| *offset).collect();
        offsets.sort_unstable();
        let upper = offsets.len() / 2;
        let lower = (offsets.len() - 1) / 2;
        let middles = (offsets.get(lower), offsets.get(upper));
        let (Some(lower), Some(upper)) = middles else { return false };
        let beyond = |offset: &i64| offset.unsigned_abs() > TOLERATED;
        beyond(lower) && beyond(upper) && lower.signum() == upper.signum()
    }
}
