//! Leaving. Whoever is inside may leave: an exit is never refused for what its ticket allows.

use crate::{reason::ReasonCode, time::UnixMillis};

use super::{RightView, Terms, presence::inside};

/// How an exit is recorded: of somebody known to be inside, or not.
pub(super) fn judge_exit(view: &RightView, terms: &Terms<'_>, at: UnixMillis) -> ReasonCode {
    let session = terms.session(at);
    let uses =
        view.uses.iter().map(|used| (used.seen.at.middle(), used.kind, u32::from(used.count)));
    match inside(uses, |at| session.is_none_or(|session| session.contains(at))) {
        0 => ReasonCode::ExitedUnseen,
        _ => ReasonCode::Exited,
    }
}
