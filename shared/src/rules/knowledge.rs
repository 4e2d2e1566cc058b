//! What a decision is made from.

use crate::{
    bundle::OpenBundle,
    id::Serial,
    ledger::{Crowd, EventState},
    roster::Roster,
};

use super::RightView;

/// What is known of tickets' uses.
pub trait Rights {
    /// The uses of one ticket.
    fn view(&self, serial: Serial) -> RightView;

    /// Persons inside when a guest with this ticket wants to enter.
    fn crowd(&self, serial: Serial) -> Crowd<'_>;
}

/// What the ledger says to nobody in particular: every open grant is somebody else's.
impl Rights for EventState {
    fn view(&self, serial: Serial) -> RightView {
        self.right(serial).map(RightView::of).unwrap_or_default()
    }

    fn crowd(&self, _: Serial) -> Crowd<'_> {
        self.occupancy().into()
    }
}

/// What a decision is made from.
pub struct Knowledge<'a> {
    /// Keys and rules.
    pub bundle: &'a OpenBundle,
    /// The issued tickets.
    pub roster: &'a Roster,
    /// What is known of their uses.
    pub rights: &'a dyn Rights,
}

impl core::fmt::Debug for Knowledge<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Knowledge").field("event", &self.bundle.event).finish_non_exhaustive()
    }
}
