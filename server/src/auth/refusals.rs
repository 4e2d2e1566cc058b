//! Which refusals at the door are written down now. A stranger can be refused as often as they
//! like, and must not fill the disk with it: each reason gets one row a minute for an address, and
//! the rest is counted.

use std::collections::BTreeMap;

use kaisatsu_shared::{id::OrganisationId, time::UnixMillis};

use crate::store::types::{Actor, ActorKind, Refusal};

/// How long refusals alike are counted into one row, in milliseconds.
const WINDOW: u64 = 60_000;
/// Most that are told apart at a time; whoever has more addresses is counted under none.
const MOST: usize = 64;

/// A refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) actor: Actor,
    pub(super) organisation: OrganisationId,
    pub(super) action: &'static str,
    pub(super) object: String,
    pub(super) code: String,
}

impl Refused {
    /// What makes two refusals alike.
    fn key(&self) -> Key {
        let Actor { kind, id, address, .. } = &self.actor;
        (kind.name(), id.clone(), address.clone(), self.action, self.code.clone())
    }

    fn row(self, count: u64) -> (Actor, Refusal) {
        let Self { actor, organisation, action, object, code } = self;
        (actor, Refusal { organisation, action, object, code, count })
    }
}

type Key = (&'static str, String, Option<String>, &'static str, String);

struct Counted {
    since: UnixMillis,
    /// The last one, and how many came after the row that was written.
    last: Refused,
    more: u64,
}

/// The refusals of the last minute.
#[derive(Default)]
pub(super) struct Refusals(BTreeMap<Key, Counted>);

impl Refusals {
    /// Counts a refusal; gives the rows to write now: the first of its kind, and what was counted
    /// in windows that are over.
    pub(super) fn note(&mut self, now: UnixMillis, refused: Refused) -> Vec<(Actor, Refusal)> {
        let mut rows = self.take(|counted| {
            // A clock that was set back ends the window too.
            now < counted.since || now >= counted.since.plus(WINDOW)
        });
        let refused = if self.0.contains_key(&refused.key()) || self.0.len() < MOST {
            refused
        } else {
            let actor = Actor::new(ActorKind::Stranger, "");
            Refused { actor, organisation: OrganisationId(0), object: "many".to_owned(), ..refused }
        };
        match self.0.get_mut(&refused.key()) {
            Some(counted) => {
                counted.more = counted.more.saturating_add(1);
                counted.last = refused;
            }
            None => {
                let counted = Counted { since: now, last: refused.clone(), more: 0 };
                self.0.insert(refused.key(), counted);
                rows.push(refused.row(1));
            }
        }
        rows
    }

    /// The rows of everything counted and not written.
    pub(super) fn rest(&mut self) -> Vec<(Actor, Refusal)> {
        self.take(|_| true)
    }

    fn take(&mut self, over: impl Fn(&Counted) -> bool) -> Vec<(Actor, Refusal)> {
        let taken = self.0.extract_if(.., |_, counted| over(counted));
        taken
            .filter(|(_, counted)| counted.more > 0)
            .map(|(_, counted)| counted.last.row(counted.more))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(address: &str, code: &str) -> Refused {
        Refused {
            actor: Actor::new(ActorKind::Stranger, "").at(Some(address.to_owned()), None),
            organisation: OrganisationId(0),
            action: "api.request",
            object: "event/1".to_owned(),
            code: code.to_owned(),
        }
    }

    fn counts(rows: &[(Actor, Refusal)]) -> Vec<(&str, u64)> {
        rows.iter().map(|(_, refusal)| (refusal.code.as_str(), refusal.count)).collect()
    }

    #[test]
    fn one_row_a_minute_for_each_address_and_reason_with_the_count_of_the_rest() {
        let mut refusals = Refusals::default();
        let mut note = |at: u64, refused| refusals.note(UnixMillis(1_000_000 + at), refused);
        assert_eq!(counts(&note(0, refused("a", "x"))), [("x", 1)]);
        for at in 1..1_000 {
            assert!(note(at, refused("a", "x")).is_empty());
        }
        assert_eq!(counts(&note(1_000, refused("b", "x"))), [("x", 1)]);
        assert_eq!(counts(&note(1_001, refused("a", "y"))), [("y", 1)]);
        assert_eq!(counts(&note(60_000, refused("a", "x"))), [("x", 999), ("x", 1)]);
        assert!(note(60_001, refused("a", "x")).is_empty());
        // What was only counted is written in the end.
        assert_eq!(counts(&refusals.rest()), [("x", 1)]);
        assert!(refusals.rest().is_empty());
    }

    #[test]
    fn any_number_of_addresses_gives_few_rows() {
        let mut refusals = Refusals::default();
        let mut rows = 0;
        for address in 0..10_000 {
            let refused = refused(&format!("2001:db8::{address:x}"), "x");
            rows += refusals.note(UnixMillis(address), refused).len();
        }
        assert_eq!(rows, MOST + 1);
        let rest = refusals.rest();
        let (actor, refusal) = rest.first().unwrap();
        assert_eq!((rest.len(), actor.address.as_deref()), (1, None));
        assert_eq!(refusal.count, 10_000 - u64::try_from(MOST).unwrap() - 1);
    }
}
