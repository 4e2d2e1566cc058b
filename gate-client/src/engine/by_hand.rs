//! Letting a guest in by hand: staff picked the ticket that the server found for them. It goes the way
//! of a scan, but only with the server, which judges what the gate can't without the ticket.

use kaisatsu_shared::{
    id::ClaimKey,
    right::RightRef,
    rules::{Answers, Direction},
};

use super::{
    Declined, Effect, Engine, LinkState, Now,
    case::{Case, Source},
};

impl Engine {
    /// Staff want to let the holder of `right` in.
    pub(super) fn admit_by_hand(
        &mut self,
        right: RightRef,
        key: ClaimKey,
        now: Now,
        effects: &mut Vec<Effect>,
    ) {
        if self.pending.is_some() {
            return;
        }
        let declined = if self.direction == Direction::Exit {
            Some(Declined::ScansOut)
        } else if self.link == LinkState::Refused {
            Some(Declined::GateRefused)
        } else {
            None
        };
        if let Some(declined) = declined {
            effects.push(Effect::Declined(declined));
            return;
        }
        let scan = self.number_scan();
        let (source, answers) = (Source::Right(right), Answers::NONE);
        let case = Case { source, read: now, answers, patience: None };
        self.scan(scan, case, key, now, effects);
    }
}
