//! Checking a displayed link at its least cost.

use std::collections::{BTreeMap, VecDeque};

use super::chain::{ChainId, Walker};
use crate::id::{EventId, InstallationId, Serial};

/// Whether `link` is the chain's link of `step`. Costs `step` hashes at most, and only the
/// distance to the ticket's last verified link if that is less. Check [`freshness`](super::freshness) first: it is
/// free and refuses old copies.
#[must_use]
pub fn verify_link(
    installation: InstallationId,
    id: ChainId,
    anchor: &[u8; 16],
    step: u16,
    link: &[u8; 16],
    cache: &mut LinkCache,
) -> bool {
    if step > id.steps {
        return false;
    }
    let mut walker = Walker::new(installation, &id);
    let known = cache.get(&id, anchor).copied();
    if let Some(known) = known
        && known.step >= step
        && known.step - step <= step
    {
        return walker.down(known.step, step, known.link) == *link;
    }
    let (floor, expected) = match known {
        Some(known) if known.step < step => (known.step, known.link),
        _ => (0, *anchor),
    };
    let good = walker.down(step, floor, *link) == expected;
    // An earlier display than the known one adds nothing.
    if good && known.is_none_or(|known| known.step < step) {
        cache.put(SeenLink { id, anchor: *anchor, step, link: *link });
    }
    good
}

/// The last verified link of the tickets seen most recently, so that a ticket's next display
/// costs only the steps between. Holds nothing that was not shown at this gate.
#[derive(Clone, Debug)]
pub struct LinkCache {
    capacity: usize,
    seen: BTreeMap<(EventId, Serial), SeenLink>,
    /// Keys of `seen`, oldest first.
    order: VecDeque<(EventId, Serial)>,
}

#[derive(Clone, Copy, Debug)]
struct SeenLink {
    id: ChainId,
    anchor: [u8; 16],
    step: u16,
    link: [u8; 16],
}

impl Default for LinkCache {
    fn default() -> Self {
        Self::new(8_192)
    }
}

impl LinkCache {
    /// Remembers at most `capacity` tickets (about 100 bytes each).
    #[must_use]
    pub const fn new(capacity: usize) -> Self {
        Self { capacity, seen: BTreeMap::new(), order: VecDeque::new() }
    }

    /// How many tickets are remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.seen.len()
    }

    /// Whether none is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    fn get(&self, id: &ChainId, anchor: &[u8; 16]) -> Option<&SeenLink> {
        self.seen
            .get(&(id.event, id.serial))
            .filter(|seen| seen.id == *id && seen.anchor == *anchor)
    }

    fn put(&mut self, link: SeenLink) {
        if self.capacity == 0 {
            return;
        }
        let key = (link.id.event, link.id.serial);
        if self.seen.insert(key, link).is_some() {
            return;
        }
        self.order.push_back(key);
        if self.order.len() > self.capacity
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
    }
}
