//! The clock display: a reverse hash chain, so that a gate checks without a secret.
//!
//! The last link is an HMAC under the issuer's display key; each earlier link is the hash of the
//! later one; link 0 is signed in the token. At step t the phone shows link t. Whoever captured
//! it can compute earlier links only. `shared/TOKEN.md` gives the bytes.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::hash::{Domain, Kind, hmac, truncate};
use crate::id::{EventId, Generation, InstallationId, Serial};
use crate::key::DisplayKey;
use crate::time::UnixSeconds;
use crate::token::{Body, ClockPart, ModePart};
use crate::wire::Writer;

/// Bytes of the signed part: anchor 16, start 4, steps 2.
pub(crate) const PART_BYTES: usize = 22;
/// Bytes after the token's signature: step 2, link 16.
pub(crate) const SUFFIX_BYTES: usize = 18;

/// How long one step is shown.
pub const STEP_SECONDS: u32 = 10;

/// Which chain: every field goes into every link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainId {
    /// The event.
    pub event: EventId,
    /// The ticket.
    pub serial: Serial,
    /// Its issue.
    pub generation: Generation,
    /// When step 0 begins.
    pub start: UnixSeconds,
    /// The last step.
    pub steps: u16,
}

impl ChainId {
    /// The chain a clock token is signed with; `None` for other modes.
    #[must_use]
    pub const fn of(body: &Body) -> Option<Self> {
        match body.mode {
            ModePart::Clock(ClockPart { start, steps, .. }) => Some(Self {
                event: body.event,
                serial: body.serial,
                generation: body.generation,
                start,
                steps,
            }),
            _ => None,
        }
    }

    /// The step shown at `now`; `None` outside the chain.
    #[must_use]
    pub fn step_at(&self, now: UnixSeconds) -> Option<u16> {
        let step = now.0.checked_sub(self.start.0)? / STEP_SECONDS;
        u16::try_from(step).ok().filter(|step| *step <= self.steps)
    }

    /// Domain prefix and the fields, as both formulas begin.
    fn message(&self, installation: InstallationId) -> Vec<u8> {
        let mut out = Writer::with_capacity(80);
        out.bytes(&Domain::new(Kind::Link, installation).prefix())
            .u32(self.event.0)
            .u32(self.serial.0)
            .u8(self.generation.0)
            .u32(self.start.0)
            .u16(self.steps);
        out.finish()
    }
}

/// Hashes one link to the link before it.
struct Walker {
    /// The message with room for the index (2 bytes) and the later link (16 bytes) at its end.
    message: Vec<u8>,
}

impl Walker {
    fn new(installation: InstallationId, id: &ChainId) -> Self {
        let mut message = id.message(installation);
        message.extend_from_slice(&[0; 18]);
        Self { message }
    }

    /// `link[index]` from `link[index + 1]`.
    fn before(&mut self, index: u16, later: &[u8; 16]) -> [u8; 16] {
        if let Some(([high, low], link)) =
            self.message.last_chunk_mut::<18>().and_then(|tail| tail.split_first_chunk_mut::<2>())
        {
            [*high, *low] = index.to_be_bytes();
            link.copy_from_slice(later);
        }
        truncate(&Sha256::digest(&self.message).into())
    }

    /// `link[to]` from `link[from]`, `from` not before `to`.
    fn down(&mut self, from: u16, to: u16, mut link: [u8; 16]) -> [u8; 16] {
        for index in (to..from).rev() {
            link = self.before(index, &link);
        }
        link
    }
}

/// A whole chain, as the issuer and the ticket page know it: `steps + 1` links of 16 bytes.
/// Wiped when dropped.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct Chain {
    /// From the last link to the anchor.
    links: Vec<[u8; 16]>,
    anchor: [u8; 16],
    steps: u16,
}

impl Chain {
    /// Computes every link; costs `id.steps` hashes.
    #[must_use]
    pub fn new(key: &DisplayKey, installation: InstallationId, id: ChainId) -> Self {
        let mut link = truncate(&hmac(key.as_bytes(), &[&id.message(installation)]));
        let mut links = Vec::with_capacity(usize::from(id.steps) + 1);
        links.push(link);
        let mut walker = Walker::new(installation, &id);
        for index in (0..id.steps).rev() {
            link = walker.before(index, &link);
            links.push(link);
        }
        Self { links, anchor: link, steps: id.steps }
    }

    /// Link 0, which the token holds.
    #[must_use]
    pub const fn anchor(&self) -> [u8; 16] {
        self.anchor
    }

    /// The link to show at `step`; `None` after the chain's end.
    #[must_use]
    pub fn link(&self, step: u16) -> Option<[u8; 16]> {
        self.links.get(usize::from(self.steps.checked_sub(step)?)).copied()
    }
}

/// How far a display's step may lie from the gate's, in steps. Part of the signed bundle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ClockWindow {
    /// Admit displays up to so many steps behind.
    pub green_behind: u8,
    /// Admit displays up to so many steps ahead.
    pub green_ahead: u8,
    /// Ask for a look at displays up to so many steps behind.
    pub review_behind: u8,
    /// Ask for a look at displays up to so many steps ahead.
    pub review_ahead: u8,
}

impl Default for ClockWindow {
    fn default() -> Self {
        Self { green_behind: 2, green_ahead: 1, review_behind: 9, review_ahead: 9 }
    }
}

/// How a clock display's step stands to the gate's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Freshness {
    /// Inside the green window.
    Fresh,
    /// A little old: ask the holder to refresh.
    Behind,
    /// A little early: the phone's clock is fast.
    Ahead,
    /// Outside both windows: a copy, or a phone with a wrong clock.
    Stale,
}

/// Places a displayed step at one instant.
#[must_use]
pub fn freshness(window: ClockWindow, part: &ClockPart, step: u16, now: UnixSeconds) -> Freshness {
    // Before the start the gate's step is negative; i64 holds every difference of u32 values.
    let elapsed = i64::from(now.0) - i64::from(part.start.0);
    let offset = i64::from(step) - elapsed.div_euclid(i64::from(STEP_SECONDS));
    if (-i64::from(window.green_behind)..=i64::from(window.green_ahead)).contains(&offset) {
        Freshness::Fresh
    } else if (-i64::from(window.review_behind)..0).contains(&offset) {
        Freshness::Behind
    } else if (0..=i64::from(window.review_ahead)).contains(&offset) {
        Freshness::Ahead
    } else {
        Freshness::Stale
    }
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

/// Whether `link` is the chain's link of `step`. Costs `step` hashes at most, and only the
/// distance to the ticket's last verified link if that is less. Check [`freshness`] first: it is
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
