//! What a decision is made from.

use crate::{
    bundle::OpenBundle,
    id::{DeviceId, Serial},
    ledger::{Crowd, EventState},
    roster::Roster,
};

use super::{Holder, RightView};

/// What is known of tickets' uses.
pub trait Rights {
    /// The uses of one ticket.
    fn view(&self, serial: Serial) -> RightView;

    /// Persons inside when a guest with this ticket wants to enter.
    fn crowd(&self, serial: Serial) -> Crowd<'_>;

    /// Who alone decides about a ticket's right.
    fn holder(&self, serial: Serial) -> Holder;
}

/// What the ledger says to nobody in particular: every open grant is somebody else's.
impl Rights for EventState {
    fn view(&self, serial: Serial) -> RightView {
        self.right(serial).map(RightView::of).unwrap_or_default()
    }

    fn crowd(&self, _: Serial) -> Crowd<'_> {
        Crowd::of(self, |_| false)
    }

    fn holder(&self, serial: Serial) -> Holder {
        let lease = self.leases().holder(serial);
        lease.map_or(Holder::Server, |lease| Holder::Elsewhere(lease.gate))
    }
}

/// What the ledger says to one device: its own open grant on a ticket isn't somebody else's.
#[derive(Debug)]
pub struct SeenBy<'a> {
    /// The device.
    pub device: DeviceId,
    /// The ledger's state.
    pub state: &'a EventState,
}

impl Rights for SeenBy<'_> {
    fn view(&self, serial: Serial) -> RightView {
        let right = self.state.right(serial);
        right.map(|right| RightView::seen_by(self.device, right)).unwrap_or_default()
    }

    fn crowd(&self, serial: Serial) -> Crowd<'_> {
        let mut crowd = Crowd::of(self.state, |lease| lease.device == self.device);
        if let Some(right) = self.state.right(serial) {
            let (ticket_type, _) = self.state.roster().class(serial).unwrap_or_default();
            let others = right.passages(|used| used.device != self.device);
            crowd.change(ticket_type, &right.passages(|_| true), &others);
        }
        crowd
    }

    fn holder(&self, serial: Serial) -> Holder {
        let leases = self.state.leases();
        match leases.holder(serial) {
            // Whoever knows the ledger so far has transferred what was asked for.
            Some(lease) if lease.device == self.device && leases.is_recalled(serial) => {
                Holder::Server
            }
            Some(lease) if lease.device == self.device => Holder::Here(lease.id),
            _ => Rights::holder(self.state, serial),
        }
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
