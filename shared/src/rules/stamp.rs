//! The display: whether the ticket is shown now, and not a copy of an earlier moment.

use crate::{
    bundle::OpenBundle,
    display::clock::{ChainId, Freshness, LinkCache, freshness, verify_link},
    reason::ReasonCode,
    token::{Body, Display, ModePart},
};

use super::{Context, Look};

/// The display of what is judged.
pub(super) enum Stamp<'a> {
    /// As it was shown. The cache changes the cost, never the verdict.
    Shown(&'a Display, &'a mut LinkCache),
    /// None was shown: it is taken as fresh.
    Assumed,
}

impl Stamp<'_> {
    pub(super) fn look(&self, body: &Body) -> Look {
        let step = match self {
            Self::Shown(Display::Clock { step, .. }, _) => Some(*step),
            _ => None,
        };
        Look::Display { mode: body.mode(), step, assumed: matches!(self, Self::Assumed) }
    }
}

pub(super) fn judge_display(
    stamp: &mut Stamp<'_>,
    body: &Body,
    bundle: &OpenBundle,
    context: &Context,
) -> Result<(), ReasonCode> {
    let Stamp::Shown(display, links) = stamp else { return Ok(()) };
    match (&body.mode, *display) {
        (ModePart::Static, _) => Ok(()),
        (ModePart::Clock(part), Display::Clock { step, link }) => {
            // The window first: it bounds how many links a hostile code makes the gate hash.
            let freshness = freshness(bundle.rules.clock_window, part, *step, context.now);
            if freshness == Freshness::Stale {
                return Err(ReasonCode::DisplayStale);
            }
            let Some(chain) = ChainId::of(body) else { return Err(ReasonCode::ModeUnsupported) };
            if !verify_link(bundle.installation, chain, &part.anchor, *step, link, links) {
                return Err(ReasonCode::DisplayForged);
            }
            match freshness {
                Freshness::Fresh => Ok(()),
                Freshness::Behind => Err(ReasonCode::DisplayBehind),
                Freshness::Ahead => Err(ReasonCode::DisplayAhead),
                Freshness::Stale => Err(ReasonCode::DisplayStale),
                Freshness::Unsure => Err(ReasonCode::ClockUnsure),
            }
        }
        _ => Err(ReasonCode::ModeUnsupported),
    }
}
