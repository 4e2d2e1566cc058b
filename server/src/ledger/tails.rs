//! Where a device's journal is known to end, whoever keeps that. What lies beyond the entries that were delivered is
//! missing, and named until it comes.

use kaisatsu_shared::{
    journal::JournalHead,
    planted::{Fault, is_planted},
};

/// Where a device's end belongs in what is known of its journal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EndPlace {
    /// It says nothing new.
    Known,
    /// It lies beyond everything known.
    Beyond,
    /// Under its number something else is known.
    Fork,
}

/// What is kept of a device's journal.
pub trait KnownEnds {
    /// Why something can't be read.
    type Error;

    /// Where the entries that were delivered end.
    ///
    /// # Errors
    /// As the keeper says.
    fn delivered(&self) -> Result<JournalHead, Self::Error>;

    /// The hash of the entry that was delivered under this number, if one was.
    ///
    /// # Errors
    /// As the keeper says.
    fn hash(&self, number: u64) -> Result<Option<[u8; 32]>, Self::Error>;

    /// The end beyond them that was heard, if one is open.
    ///
    /// # Errors
    /// As the keeper says.
    fn beyond(&self) -> Result<Option<JournalHead>, Self::Error>;

    /// Whether this end, or its entry, was set apart.
    ///
    /// # Errors
    /// As the keeper says.
    fn is_set_apart(&self, head: JournalHead) -> Result<bool, Self::Error>;
}

/// Where an end belongs; its signature isn't looked at.
///
/// # Errors
/// As the keeper says.
pub fn place_end<K: KnownEnds>(known: &K, head: JournalHead) -> Result<EndPlace, K::Error> {
    if head.number == 0 {
        return Ok(EndPlace::Known);
    }
    let other = if head.number <= known.delivered()?.number {
        known.hash(head.number)?
    } else {
        match known.beyond()? {
            Some(beyond) if beyond.number > head.number => return Ok(EndPlace::Known),
            Some(beyond) if beyond.number == head.number => Some(beyond.hash),
            _ => return Ok(EndPlace::Beyond),
        }
    };
    let same = other == Some(head.hash) || known.is_set_apart(head)?;
    Ok(if same || is_planted(Fault::OtherEndTaken) { EndPlace::Known } else { EndPlace::Fork })
}

/// What became of an end that was heard, once entries came that reach it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// The journal that ends so was delivered to there.
    Delivered,
    /// Another one was: the end is to be set apart.
    Other(JournalHead),
}

/// After entries came: whether they reach the end that was heard, which is then open no more.
///
/// # Errors
/// As the keeper says.
pub fn reached<K: KnownEnds>(known: &K) -> Result<Option<Reached>, K::Error> {
    let Some(head) = known.beyond()?.filter(|_| !is_planted(Fault::TailNamedOn)) else {
        return Ok(None);
    };
    if head.number > known.delivered()?.number {
        return Ok(None);
    }
    let same = known.hash(head.number)? == Some(head.hash) || is_planted(Fault::OtherEndTaken);
    Ok(Some(if same { Reached::Delivered } else { Reached::Other(head) }))
}

/// The first and the last number of what is missing between the entries that were delivered and the end that was
/// heard.
#[must_use]
pub fn missing(delivered: u64, beyond: u64) -> Option<(u64, u64)> {
    let mut first = delivered.saturating_add(1);
    if is_planted(Fault::TailNamedOn) {
        first = first.min(beyond);
    }
    (first <= beyond && !is_planted(Fault::TailUnnamed)).then_some((first, beyond))
}

#[cfg(test)]
mod tests {
    use core::convert::Infallible;

    use super::*;

    struct Journal {
        delivered: Vec<[u8; 32]>,
        beyond: Option<JournalHead>,
        apart: Vec<JournalHead>,
    }

    impl KnownEnds for Journal {
        type Error = Infallible;

        fn delivered(&self) -> Result<JournalHead, Infallible> {
            let number = u64::try_from(self.delivered.len()).unwrap();
            Ok(JournalHead { number, hash: self.delivered.last().copied().unwrap_or_default() })
        }

        fn hash(&self, number: u64) -> Result<Option<[u8; 32]>, Infallible> {
            let place = usize::try_from(number).unwrap().checked_sub(1);
            Ok(place.and_then(|place| self.delivered.get(place)).copied())
        }

        fn beyond(&self) -> Result<Option<JournalHead>, Infallible> {
            Ok(self.beyond)
        }

        fn is_set_apart(&self, head: JournalHead) -> Result<bool, Infallible> {
            Ok(self.apart.contains(&head))
        }
    }

    const fn head(number: u64, byte: u8) -> JournalHead {
        JournalHead { number, hash: [byte; 32] }
    }

    #[test]
    fn an_end_is_known_or_beyond_or_a_fork() {
        let known = Journal {
            delivered: vec![[1; 32], [2; 32]],
            beyond: Some(head(4, 4)),
            apart: vec![head(2, 9)],
        };
        let place = |head| place_end(&known, head).unwrap();
        for said in [JournalHead::default(), head(1, 1), head(2, 2), head(2, 9), head(3, 7)] {
            assert_eq!(place(said), EndPlace::Known, "{said:?}");
        }
        assert_eq!(place(head(4, 4)), EndPlace::Known);
        assert_eq!(place(head(5, 5)), EndPlace::Beyond);
        assert_eq!([head(1, 2), head(4, 5)].map(place), [EndPlace::Fork; 2]);
        let nothing = Journal { delivered: vec![], beyond: None, apart: vec![] };
        assert_eq!(place_end(&nothing, head(1, 1)), Ok(EndPlace::Beyond));
    }

    #[test]
    fn an_end_is_open_until_entries_reach_it() {
        let mut known =
            Journal { delivered: vec![[1; 32]], beyond: Some(head(2, 2)), apart: vec![] };
        assert_eq!((reached(&known), missing(1, 2)), (Ok(None), Some((2, 2))));
        known.delivered.push([2; 32]);
        assert_eq!((reached(&known), missing(2, 2)), (Ok(Some(Reached::Delivered)), None));
        known.delivered.push([3; 32]);
        assert_eq!(reached(&known), Ok(Some(Reached::Delivered)));
        known.delivered[1] = [7; 32];
        assert_eq!(reached(&known), Ok(Some(Reached::Other(head(2, 2)))));
        known.beyond = None;
        assert_eq!(reached(&known), Ok(None));
    }
}
