//! What a claim is judged by. The server judges by the ledger; a venue's hub by the ledger as far as
//! it has followed it, its own journal, and what it granted since. The judgement is the same.

use crate::{
    bundle::Policy,
    id::{ClaimKey, Serial},
    ledger::{ClaimState, Crowd, EventState},
    reason::ReasonCode,
    right::{Authority, Use},
    rules::{Facts, Reach, Refusal, RightView},
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

    /// Why nobody here may decide about a ticket, if so.
    fn last_word(&self, policy: Policy, serial: Serial) -> Option<Refusal>;
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
        let mut crowd = Crowd::from(self.occupancy());
        if let Some(right) = self.right(serial) {
            let (ticket_type, _) = self.roster().class(serial).unwrap_or_default();
            let stays = right.passages(|used| !gone.contains(&used.claim));
            crowd.change(ticket_type, &right.passages(|_| true), &stays);
        }
        crowd
    }

    fn last_word(&self, _: Policy, serial: Serial) -> Option<Refusal> {
        let lane = self.leases().holder(serial)?.gate;
        let facts = Facts { lane: Some(lane), ..Facts::EMPTY };
        Some(Refusal { code: ReasonCode::Recalling, facts })
    }
}
