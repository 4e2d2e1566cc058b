//! Trying rules. It only reads: the ticket's code and the event's bundle are made here and forgotten.

use kaisatsu_shared::{
    bundle::{Bundle, EventRules, OpenBundle},
    id::EventId,
    right::UseKind,
    rules::{Answers, Context, Direction, Presented, Reach},
    time::TimeInterval,
};

use super::{bundle::document, readers::Reading, rules::drafted, ticket::token};
use crate::{
    store::{
        StoreError,
        types::{Trial, TriedRules, TriedTicket},
    },
    trial::{in_words, try_scan},
};

impl Reading {
    /// What a scan would end with, and how.
    pub(super) fn try_rules(&self, event: EventId, trial: Trial) -> Result<TriedRules, StoreError> {
        let now = self.world.clock.now();
        let context = context(&trial, now_or(trial.at, TimeInterval::exact(now))?)?;
        // A gate in service has rules of the day, whatever day is tried.
        let made = document(&self.connection, &self.installation, event, context.now.latest)?;
        let rules = match &trial.rules {
            Some(draft) => drafted(&self.connection, event, draft)?,
            None => made.rules.clone(),
        };
        let broken = |error: &dyn core::fmt::Display| StoreError::Internal(error.to_string());
        let bundle = OpenBundle::new(Bundle { rules, ..made }).map_err(|error| broken(&error))?;
        let rules = EventRules::new(bundle.rules.clone(), bundle.operators.clone())
            .map_err(|error| broken(&error))?;
        bundle.gate(context.gate).ok_or(StoreError::GateUnknown(context.gate))?;
        let issued = |serial| token(&self.connection, &self.installation, event, serial);
        let token;
        let presented = match &trial.ticket {
            TriedTicket::Code(text) => Presented::Code(text),
            TriedTicket::Serial(serial) => {
                token = issued(*serial)?;
                Presented::Ticket(&token)
            }
            TriedTicket::ByHand(guest) => {
                token = issued(guest.serial)?;
                Presented::ByHand(&token, guest.role)
            }
        };
        let tried = |state: &_| try_scan(state, &bundle, &rules, presented, &context);
        Ok(in_words(&self.folded(event, tried)?, &bundle))
    }
}

fn now_or(at: Option<TimeInterval>, now: TimeInterval) -> Result<TimeInterval, StoreError> {
    let at = at.unwrap_or(now);
    if at.earliest > at.latest {
        return Err(StoreError::Invalid(
            "the time to try ends before it begins; give the earlier end first",
        ));
    }
    Ok(at)
}

fn context(trial: &Trial, now: TimeInterval) -> Result<Context, StoreError> {
    let Trial { gate, persons, identity, choice, .. } = *trial;
    if persons == Some(0) {
        return Err(StoreError::Invalid("a trial is for at least one person"));
    }
    if choice == Some(0) {
        return Err(StoreError::Invalid(
            "answers to a question are counted from 1; give the place of the guest's answer",
        ));
    }
    let holder = match trial.ticket {
        TriedTicket::ByHand(_) if trial.direction == UseKind::Exit => {
            return Err(StoreError::Invalid(
                "nobody is let out by hand; try the way in, or the exit with the ticket's serial",
            ));
        }
        TriedTicket::ByHand(guest) => guest.holder,
        TriedTicket::Serial(_) | TriedTicket::Code(_) => None,
    };
    Ok(Context {
        gate,
        direction: match trial.direction {
            UseKind::Entry => Direction::Entry,
            UseKind::Exit => Direction::Exit,
        },
        reach: if trial.offline { Reach::Nobody } else { Reach::Server },
        now,
        answers: Answers { persons, identity, choice, holder },
    })
}
