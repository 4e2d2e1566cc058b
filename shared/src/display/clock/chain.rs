//! The chain's two formulas, and walking along it.

use sha2::{Digest, Sha256};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::STEP_SECONDS;
use crate::hash::{Domain, Kind, hmac, truncate};
use crate::id::{EventId, Generation, InstallationId, Serial};
use crate::key::DisplayKey;
use crate::time::UnixSeconds;
use crate::token::{Body, ClockPart, ModePart};
use crate::wire::Writer;

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
pub(super) struct Walker {
    /// The message with room for the index (2 bytes) and the later link (16 bytes) at its end.
    message: Vec<u8>,
}

impl Walker {
    pub(super) fn new(installation: InstallationId, id: &ChainId) -> Self {
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
    pub(super) fn down(&mut self, from: u16, to: u16, mut link: [u8; 16]) -> [u8; 16] {
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
        let last = truncate(&hmac(key.as_bytes(), &[&id.message(installation)]));
        Self::from_last(last, installation, id)
    }

    /// The same from the last link, which the ticket page is given: all other links follow from it.
    #[must_use]
    pub fn from_last(last: [u8; 16], installation: InstallationId, id: ChainId) -> Self {
        let mut link = last;
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
