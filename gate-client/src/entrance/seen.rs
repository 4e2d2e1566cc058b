//! What a running gate sees, for whoever looks at it from outside.

use serde::{Deserialize, Serialize};

use crate::{engine::LinkState, time::ClockHealth};

/// What a running gate sees.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seen {
    /// Whether the server can be asked.
    pub(crate) link: LinkState,
    /// How good its time is.
    pub(crate) clock: ClockHealth,
}

/// Who hears of it each time that it changes; nothing once the gate ends.
pub(crate) type Watcher = Box<dyn Fn(Option<&Seen>)>;
