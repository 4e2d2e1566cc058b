//! What a claim is judged by. The server judges by the ledger; a venue's hub by the ledger as far as
//! it has followed it, its own journal, and what it granted since. The judgement is the same.

use super::lanes::{Asked, Lanes, ask_for_right};
use crate::{
    bundle::Policy,
    id::{ClaimKey, DeviceId, Serial},
    lease::Serials,
    ledger::{ClaimState, Crowd, EventState},
    right::{Authority, Use},
    rules::{Reach, RightView},
};

use crate::planted::{Fault, is_planted};

/// What is known where a claim is judged.
pub trait Book {
    /// The ledger, as far as it is known.
    fn ledger(&self) -> &EventState;

    /// Whose word a grant is.
    fn authority(&self) -> Authority;

    /// Whom the judging side can ask; the server itself is in reach.
    fn reach(&self) -> Reach;

    /// What a claim key was used for.
    fn claim(&self, key: &ClaimKey) -> Option<ClaimState>;

    /// What a key was first used for on a ticket, where that is still a grant or a redemption.
    fn first_use(&self, serial: Serial, key: ClaimKey) -> Option<Use>;

    /// A ticket's uses and the admissions under way on it, but for those under keys that are `gone`.
    fn view(&self, serial: Serial, gone: &[ClaimKey]) -> RightView;

    /// Persons inside, but for those whom keys that are `gone` were admitting on this ticket.
    fn crowd(&self, serial: Serial, gone: &[ClaimKey]) -> Crowd<'_>;

    /// Why nobody here may decide about a ticket for `asker`, if so, and what to ask of other lanes.
    fn held_elsewhere(
        &self,
        of: (Policy, Option<DeviceId>),
        serial: Serial,
        lanes: Lanes<'_>,
    ) -> Option<Asked>;
}

/// The server's: what it leased to a device it asks for.
impl Book for EventState {
    fn ledger(&self) -> &EventState {
        self
    }

    fn authority(&self) -> Authority {
        Authority::Server
    }

    fn reach(&self) -> Reach {
        Reach::Server
    }

    fn claim(&self, key: &ClaimKey) -> Option<ClaimState> {
        self.claim(key)
    }

    fn first_use(&self, serial: Serial, key: ClaimKey) -> Option<Use> {
        self.right(serial)?.first_use(key)
    }

    fn view(&self, serial: Serial, gone: &[ClaimKey]) -> RightView {
        let counts = !is_planted(Fault::GrantNotCounted);
        let open = |used: &Use| counts && !gone.contains(&used.claim);
        self.right(serial).map(|right| RightView::where_open(right, open)).unwrap_or_default()
    }

    fn crowd(&self, serial: Serial, gone: &[ClaimKey]) -> Crowd<'_> {
        let mut crowd = Crowd::of(self, |_| false);
        if let Some(right) = self.right(serial) {
            let (ticket_type, _) = self.roster().class(serial).unwrap_or_default();
            let stays = right.passages(|used| !gone.contains(&used.claim));
            crowd.change(ticket_type, &right.passages(|_| true), &stays);
        }
        crowd
    }

    /// Whoever holds the right judges it themselves, and asks for room only.
    fn held_elsewhere(
        &self,
        (_, asker): (Policy, Option<DeviceId>),
        serial: Serial,
        lanes: Lanes<'_>,
    ) -> Option<Asked> {
        let holder = self.leases().holder(serial);
        let lease = holder.filter(|lease| Some(lease.device) != asker)?;
        Some(ask_for_right(self, Serials::one(serial), lease, lanes))
    }
}
