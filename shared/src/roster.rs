//! The roster: which tickets were issued, as arrays by serial. A good signature alone admits
//! nobody; the ticket's fingerprint must stand here (issuer keys have been stolen before).

use core::ops::Range;
use std::collections::BTreeMap;

use rangemap::RangeInclusiveSet;

use crate::{
    id::{Generation, Serial, TypeId},
    token::Fingerprint,
    validity::{Validities, Validity},
};

/// Tickets of one type that were issued together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Batch {
    first: u32,
    ticket_type: TypeId,
    entries: u8,
}

/// What the roster says of a correctly signed ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    /// It was issued and is the newest generation.
    Member,
    /// It was issued, but reissued since.
    Superseded,
    /// It was issued, but went to somebody else since.
    Transferred,
    /// Another ticket was issued under this serial and generation.
    Different,
    /// The serial may have been issued in what a server lost when it was restored.
    Lost,
    /// The roster doesn't reach this serial or generation.
    Unknown,
}

/// The issued tickets of an event. One million take about 8 MB: 8 bytes each in one array, and
/// sparse tables for what few tickets have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roster {
    fingerprints: Vec<Fingerprint>,
    batches: Vec<Batch>,
    generations: BTreeMap<Serial, Generation>,
    /// The newest generation that a transfer made.
    transfers: BTreeMap<Serial, Generation>,
    /// Of tickets that renew.
    validities: Validities,
    /// Serials that may have been issued in what a restored server lost.
    lost: RangeInclusiveSet<u32>,
}

/// Most serials that a restore passes over: they take memory like issued ones.
pub const MAX_SKIPPED: u32 = 1_000_000;

impl Roster {
    /// How many serials were issued; the next one is this number.
    #[must_use]
    pub fn len(&self) -> u32 {
        // Appending refuses to grow past u32.
        u32::try_from(self.fingerprints.len()).unwrap_or(u32::MAX)
    }

    /// Whether nothing was issued.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.fingerprints.is_empty()
    }

    /// Adds tickets of one type at the end, or where they were lost. Returns false, and adds nothing, if
    /// `first` is neither the next serial nor lost with those after it, or the serials would run out.
    #[must_use]
    pub fn issue(
        &mut self,
        first: Serial,
        ticket_type: TypeId,
        entries: u8,
        fingerprints: &[Fingerprint],
    ) -> bool {
        let count = u32::try_from(fingerprints.len()).ok();
        let Some(end) = count.and_then(|count| first.0.checked_add(count)) else { return false };
        if first.0 < self.len() {
            return self.find(first.0..end, ticket_type, entries, fingerprints);
        }
        if first.0 != self.len() {
            return false;
        }
        // Lost serials that end here have no class.
        let joins = first.0.checked_sub(1).is_some_and(|last| !self.lost.contains(&last));
        let same = self.batches.last().is_some_and(|last| {
            joins && last.ticket_type == ticket_type && last.entries == entries
        });
        if !same {
            self.batches.push(Batch { first: first.0, ticket_type, entries });
        }
        // An exact eighth of growth keeps a million tickets under 16 MiB where doubling wouldn't.
        if self.fingerprints.capacity() - self.fingerprints.len() < fingerprints.len() {
            let spare = fingerprints.len().max(self.fingerprints.len() / 8);
            self.fingerprints.reserve_exact(spare);
        }
        self.fingerprints.extend_from_slice(fingerprints);
        true
    }

    /// The same, also after serials that nobody knows of (yet): those count as lost.
    #[must_use]
    pub fn issue_beyond(
        &mut self,
        first: Serial,
        ticket_type: TypeId,
        entries: u8,
        fingerprints: &[Fingerprint],
    ) -> bool {
        let count = u32::try_from(fingerprints.len()).ok();
        let fits = count.and_then(|count| first.0.checked_add(count)).is_some();
        fits && (first.0 <= self.len() || self.skip_to(first))
            && self.issue(first, ticket_type, entries, fingerprints)
    }

    /// Puts lost tickets back where they were. False if one of them isn't lost.
    fn find(
        &mut self,
        serials: Range<u32>,
        ticket_type: TypeId,
        entries: u8,
        fingerprints: &[Fingerprint],
    ) -> bool {
        let Some(last) = serials.end.checked_sub(1) else { return false };
        let run = serials.start..=last;
        let place = usize::try_from(serials.start).ok().zip(usize::try_from(serials.end).ok());
        let slots = place.and_then(|(start, end)| self.fingerprints.get_mut(start..end));
        let Some(slots) = slots.filter(|_| self.lost.gaps(&run).next().is_none()) else {
            return false;
        };
        slots.copy_from_slice(fingerprints);
        self.lost.remove(run);
        // What follows is lost too, or begins a batch of its own.
        let at = self.batches.partition_point(|batch| batch.first <= serials.start);
        self.batches.insert(at, Batch { first: serials.start, ticket_type, entries });
        true
    }

    /// Passes over the serials up to `first_free`, which is issued next. Returns false, and changes nothing,
    /// if it was issued, or more than [`MAX_SKIPPED`] were passed over.
    #[must_use]
    pub fn skip_to(&mut self, first_free: Serial) -> bool {
        let first = self.len();
        let Some(skipped) = first_free.0.checked_sub(first) else { return false };
        let Ok(length) = usize::try_from(first_free.0) else { return false };
        if skipped > MAX_SKIPPED {
            return false;
        }
        if let Some(last) = first_free.0.checked_sub(1).filter(|_| skipped > 0) {
            self.lost.insert(first..=last);
            self.fingerprints.resize(length, Fingerprint([0; 8]));
        }
        true
    }

    /// Whether the serial may have been issued in what a restored server lost.
    #[must_use]
    pub fn is_lost(&self, serial: Serial) -> bool {
        self.lost.contains(&serial.0)
    }

    /// How many serials may have been issued in what a restored server lost.
    #[must_use]
    pub fn lost(&self) -> u32 {
        self.lost.iter().map(|run| run.end() - run.start() + 1).fold(0, u32::saturating_add)
    }

    /// Replaces a ticket by its next generation, which may be somebody else's. Returns false, and changes nothing, if the ticket
    /// doesn't exist or `generation` isn't the next one.
    #[must_use]
    pub fn reissue(
        &mut self,
        serial: Serial,
        generation: Generation,
        to: Fingerprint,
        transferred: bool,
    ) -> bool {
        let Some(current) = self.generation(serial).filter(|_| !self.is_lost(serial)) else {
            return false;
        };
        if current.0.checked_add(1) != Some(generation.0) {
            return false;
        }
        if let Some(slot) = self.slot_mut(serial) {
            *slot = to;
        }
        self.generations.insert(serial, generation);
        if transferred {
            self.transfers.insert(serial, generation);
        }
        true
    }

    /// Says from when until when `count` renewing tickets from `first` on are valid. Returns false, and
    /// changes nothing, if one of them doesn't exist or the validity holds no instant.
    #[must_use]
    pub fn renew(&mut self, first: Serial, count: u16, validity: Validity) -> bool {
        match first.0.checked_add(u32::from(count)) {
            Some(end) if count > 0 && end <= self.len() && !validity.is_empty() => {
                self.validities.set(first, end, validity);
                true
            }
            _ => false,
        }
    }

    /// From when until when a renewing ticket is valid; none for one whose signature says it.
    #[must_use]
    pub fn validity(&self, serial: Serial) -> Option<Validity> {
        self.validities.get(serial)
    }

    /// The ticket's newest generation, if the serial was issued.
    #[must_use]
    pub fn generation(&self, serial: Serial) -> Option<Generation> {
        (serial.0 < self.len())
            .then(|| self.generations.get(&serial).copied().unwrap_or(Generation::FIRST))
    }

    /// The fingerprint of the ticket's newest generation.
    #[must_use]
    pub fn fingerprint(&self, serial: Serial) -> Option<Fingerprint> {
        self.fingerprints.get(usize::try_from(serial.0).ok()?).copied()
    }

    /// The ticket's type and how many admissions it allows (0 is without limit).
    #[must_use]
    pub fn class(&self, serial: Serial) -> Option<(TypeId, u8)> {
        if serial.0 >= self.len() || self.is_lost(serial) {
            return None;
        }
        let after = self.batches.partition_point(|batch| batch.first <= serial.0);
        let batch = self.batches.get(after.checked_sub(1)?)?;
        Some((batch.ticket_type, batch.entries))
    }

    /// Compares a ticket with what was issued: generations first, then fingerprints.
    #[must_use]
    pub fn membership(
        &self,
        serial: Serial,
        generation: Generation,
        fingerprint: Fingerprint,
    ) -> Membership {
        match self.generation(serial) {
            None => Membership::Unknown,
            Some(_) if self.is_lost(serial) => Membership::Lost,
            Some(current) if generation < current => match self.transfers.get(&serial) {
                Some(to) if generation < *to => Membership::Transferred,
                _ => Membership::Superseded,
            },
            Some(current) if generation > current => Membership::Unknown,
            Some(_) if self.fingerprint(serial) == Some(fingerprint) => Membership::Member,
            Some(_) => Membership::Different,
        }
    }

    /// Bytes of memory held: a million tickets are promised to fit 16 MiB.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.fingerprints.capacity() * size_of::<Fingerprint>()
            + self.batches.capacity() * size_of::<Batch>()
            + (self.generations.len() + self.transfers.len())
                * 2
                * (size_of::<Serial>() + size_of::<Generation>())
            + self.validities.memory()
    }

    fn slot_mut(&mut self, serial: Serial) -> Option<&mut Fingerprint> {
        self.fingerprints.get_mut(usize::try_from(serial.0).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::UnixSeconds;

    fn fingerprint(n: u64) -> Fingerprint {
        Fingerprint(n.to_be_bytes())
    }

    #[test]
    fn membership_compares_generation_before_fingerprint() {
        let mut roster = Roster::default();
        assert!(roster.issue(Serial(0), TypeId(1), 1, &[fingerprint(1), fingerprint(2)]));
        assert!(!roster.issue(Serial(1), TypeId(1), 1, &[fingerprint(3)]), "serial is taken");
        let member = |roster: &Roster, serial, generation, print| {
            roster.membership(Serial(serial), Generation(generation), fingerprint(print))
        };
        assert_eq!(member(&roster, 0, 1, 1), Membership::Member);
        assert_eq!(member(&roster, 0, 1, 9), Membership::Different);
        assert_eq!(member(&roster, 0, 2, 1), Membership::Unknown);
        assert_eq!(member(&roster, 2, 1, 1), Membership::Unknown);
        assert!(roster.reissue(Serial(0), Generation(2), fingerprint(7), false));
        let again = roster.reissue(Serial(0), Generation(2), fingerprint(7), true);
        assert!(!again, "not the next one");
        assert_eq!(member(&roster, 0, 1, 1), Membership::Superseded);
        assert_eq!(member(&roster, 0, 2, 7), Membership::Member);
        // It went to somebody else, who then lost it: the first two were the first holder's.
        assert!(roster.reissue(Serial(0), Generation(3), fingerprint(8), true));
        assert!(roster.reissue(Serial(0), Generation(4), fingerprint(9), false));
        let older = [1, 2, 3].map(|generation| member(&roster, 0, generation, 1));
        assert_eq!(
            older,
            [Membership::Transferred, Membership::Transferred, Membership::Superseded]
        );
    }

    #[test]
    fn classes_follow_their_batch() {
        let mut roster = Roster::default();
        assert!(roster.issue(Serial(0), TypeId(1), 1, &[fingerprint(1), fingerprint(2)]));
        assert!(roster.issue(Serial(2), TypeId(2), 0, &[fingerprint(3)]));
        assert!(roster.issue(Serial(3), TypeId(1), 1, &[fingerprint(4)]));
        let types: Vec<_> = (0..5).map(|serial| roster.class(Serial(serial))).collect();
        let (one, two) = (Some((TypeId(1), 1)), Some((TypeId(2), 0)));
        assert_eq!(types, [one, one, two, one, None]);
    }

    #[test]
    fn tickets_beyond_the_end_leave_a_gap_that_others_fill() {
        let mut roster = Roster::default();
        assert!(roster.issue(Serial(0), TypeId(1), 1, &[fingerprint(1), fingerprint(2)]));
        assert!(!roster.issue(Serial(4), TypeId(1), 1, &[fingerprint(5)]));
        assert!(roster.issue_beyond(Serial(4), TypeId(1), 1, &[fingerprint(5)]));
        assert_eq!((roster.len(), roster.lost()), (5, 2));
        assert!(roster.issue_beyond(Serial(2), TypeId(2), 1, &[fingerprint(3), fingerprint(4)]));
        assert!(roster.issue_beyond(Serial(5), TypeId(2), 1, &[fingerprint(6)]));
        assert_eq!((roster.len(), roster.lost()), (6, 0));
        let two = [fingerprint(7), fingerprint(8)];
        for too_far in [Serial(u32::MAX), Serial(7 + MAX_SKIPPED)] {
            assert!(!roster.issue_beyond(too_far, TypeId(2), 1, &two));
        }
        assert_eq!((roster.len(), roster.lost()), (6, 0));
    }

    #[test]
    fn serials_that_a_restore_lost_are_never_given_again() {
        let mut roster = Roster::default();
        assert!(roster.issue(Serial(0), TypeId(1), 1, &[fingerprint(1), fingerprint(2)]));
        assert!(roster.skip_to(Serial(2)), "nothing is lost");
        assert_eq!(roster.lost(), 0);
        assert!(roster.skip_to(Serial(6)));
        assert!(!roster.skip_to(Serial(5)), "they are passed over");
        assert!(!roster.skip_to(Serial(7 + MAX_SKIPPED)), "too many");
        assert!(roster.issue(Serial(6), TypeId(1), 1, &[fingerprint(7)]));
        let lost = roster.membership(Serial(4), Generation::FIRST, Fingerprint([0; 8]));
        assert_eq!((lost, roster.class(Serial(4))), (Membership::Lost, None));
        assert!(!roster.reissue(Serial(4), Generation(2), fingerprint(5), false));
        // A late gate knows some of them.
        assert!(!roster.issue(Serial(5), TypeId(2), 3, &[fingerprint(6), fingerprint(8)]));
        assert!(roster.issue(Serial(3), TypeId(2), 3, &[fingerprint(4), fingerprint(5)]));
        let classes: Vec<_> = (0..8).map(|serial| roster.class(Serial(serial))).collect();
        let (one, two) = (Some((TypeId(1), 1)), Some((TypeId(2), 3)));
        assert_eq!(classes, [one, one, None, two, two, None, one, None]);
        assert_eq!((roster.len(), roster.lost()), (7, 2));
        let found = roster.membership(Serial(4), Generation::FIRST, fingerprint(5));
        assert_eq!(found, Membership::Member);
    }

    #[test]
    fn only_issued_tickets_renew() {
        let mut roster = Roster::default();
        assert!(roster.issue(Serial(0), TypeId(1), 1, &[fingerprint(1), fingerprint(2)]));
        let month = Validity { from: UnixSeconds(5), until: UnixSeconds(6) };
        let never = Validity { from: UnixSeconds(6), until: UnixSeconds(6) };
        for (first, count, validity, good) in [
            (0, 2, month, true),
            (1, 1, month, true),
            (0, 0, month, false),
            (0, 3, month, false),
            (2, 1, month, false),
            (u32::MAX, 0, month, false),
            (u32::MAX, 1, month, false),
            (0, 1, never, false),
        ] {
            let before = roster.clone();
            let renewed = roster.renew(Serial(first), count, validity);
            assert_eq!(renewed, good, "{count} from {first} on");
            assert!(good || roster == before);
        }
        assert_eq!(roster.validity(Serial(1)), Some(month));
    }

    #[test]
    fn a_million_tickets_take_less_than_16_mib() {
        let mut roster = Roster::default();
        let batch: Vec<_> = (0..1000).map(fingerprint).collect();
        for first in (0..1_000_000).step_by(1000) {
            assert!(roster.issue(Serial(first), TypeId(1), 1, &batch));
        }
        assert_eq!(roster.len(), 1_000_000);
        assert!(roster.memory() < 16 << 20, "{} bytes", roster.memory());
    }
}
