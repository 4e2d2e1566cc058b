//! What the gates of one entrance share: the screen and the turnstile.

use std::{cell::RefCell, rc::Rc};

use kaisatsu_shared::{id::GateId, rules::Verdict};

use crate::{engine::ScanId, face::Face};

/// Lets a guest pass by this verdict of this gate. It is called once that is durable, and never for what an earlier start
/// did.
pub(crate) type Turnstile = Box<dyn FnMut(GateId, ScanId, &Verdict)>;

/// The screen and the turnstile.
pub(crate) struct Front {
    pub(crate) face: Box<dyn Face>,
    pub(crate) turnstile: Option<Turnstile>,
}

/// Borrowed for a moment each time, never while waiting.
pub(crate) type SharedFront = Rc<RefCell<Front>>;
