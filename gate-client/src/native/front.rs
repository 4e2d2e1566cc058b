//! What the gates of one entrance share: the screen and the turnstile.

use std::{cell::RefCell, rc::Rc};

use crate::face::Face;

use super::hook::Hook;

/// The screen and the turnstile.
pub(super) struct Front {
    pub(super) face: Face,
    pub(super) hook: Option<Hook>,
}

/// Borrowed for a moment each time, never while waiting.
pub(super) type SharedFront = Rc<RefCell<Front>>;
