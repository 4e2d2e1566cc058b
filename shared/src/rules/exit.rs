//! Leaving. Whoever is inside may leave: an exit is never refused for what its ticket allows.

use crate::{reason::ReasonCode, time::UnixMillis};

use super::{
    RightView, Terms,
    presence::{inside, may_be_theirs},
};

/// How an exit is recorded: of somebody known to be inside, or not.
pub(super) fn judge_exit(view: &RightView, terms: &Terms<'_>, at: UnixMillis) -> ReasonCode {
    match inside_at(view, terms, at) {
        0 => ReasonCode::ExitedUnseen,
        _ => ReasonCode::Exited,
    }
}

/// Persons inside on the ticket, as far as is known.
pub(super) fn inside_at(view: &RightView, terms: &Terms<'_>, at: UnixMillis) -> u32 {
    let session = terms.session(at);
    let counts = |at| session.is_none_or(|session| session.contains(at));
    inside(view.uses.iter().filter(|used| counts(used.seen.at.middle())), may_be_theirs)
}
