//! From when until when a ticket is valid. A ticket's own signature says it, but for types that
//! renew: there the ledger says it, by serial, and the signature is no more than a note.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    id::Serial,
    time::UnixSeconds,
    wire::{Reader, WireError, Writer},
};

/// From when until when a ticket is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Validity {
    /// The first second of validity.
    pub from: UnixSeconds,
    /// The first second after it.
    pub until: UnixSeconds,
}

impl Validity {
    /// Whether it holds no instant.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.from.0 >= self.until.0
    }

    pub(crate) fn write(self, writer: &mut Writer) {
        writer.u32(self.from.0).u32(self.until.0);
    }

    /// Reads one that isn't empty.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, WireError> {
        let validity = Self { from: UnixSeconds(reader.u32()?), until: UnixSeconds(reader.u32()?) };
        if validity.is_empty() {
            return Err(WireError::Unknown("validity"));
        }
        Ok(validity)
    }
}

/// The validities of renewing tickets, in runs of serials: tickets that were issued or renewed
/// together take one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Validities {
    /// By first serial. Runs don't overlap.
    runs: BTreeMap<u32, Run>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Run {
    /// The first serial after it.
    end: u32,
    validity: Validity,
}

impl Validities {
    /// What was last said of a ticket, if anything was.
    pub(crate) fn get(&self, serial: Serial) -> Option<Validity> {
        let (_, run) = self.runs.range(..=serial.0).next_back()?;
        (serial.0 < run.end).then_some(run.validity)
    }

    /// Says it of the serials from `first` until before `end`.
    pub(crate) fn set(&mut self, first: Serial, end: u32, validity: Validity) {
        let first = first.0;
        if first >= end {
            return;
        }
        // What reaches into the new run from before keeps what lies outside.
        if let Some((&start, &run)) = self.runs.range(..first).next_back()
            && run.end > first
        {
            self.runs.insert(start, Run { end: first, ..run });
            if run.end > end {
                self.runs.insert(end, run);
            }
        }
        let inside: Vec<_> =
            self.runs.range(first..end).map(|(&start, &run)| (start, run)).collect();
        for (start, run) in inside {
            self.runs.remove(&start);
            if run.end > end {
                self.runs.insert(end, run);
            }
        }
        self.runs.insert(first, Run { end, validity });
    }

    /// Bytes of memory held, about.
    pub(crate) fn memory(&self) -> usize {
        self.runs.len() * 2 * (size_of::<u32>() + size_of::<Run>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(number: u32) -> Validity {
        Validity { from: UnixSeconds(number), until: UnixSeconds(number + 1) }
    }

    #[test]
    fn the_newest_word_counts_for_each_serial() {
        // Against a plain list, for all triples of runs over six serials.
        for one in 0..36 {
            for two in 0..36 {
                for three in 0..36 {
                    let mut runs = Validities::default();
                    let mut plain = [None; 6];
                    for (number, place) in (1..).zip([one, two, three]) {
                        let (first, end) = (place / 6, place % 6 + 1);
                        runs.set(Serial(first), end, month(number));
                        for serial in first..end {
                            plain[serial as usize] = Some(month(number));
                        }
                    }
                    let found = [0, 1, 2, 3, 4, 5].map(|serial| runs.get(Serial(serial)));
                    assert_eq!(found, plain, "{one} {two} {three}");
                }
            }
        }
    }

    #[test]
    fn tickets_renewed_together_take_one_run() {
        let mut runs = Validities::default();
        for number in 1..=12 {
            runs.set(Serial(0), 100_000, month(number));
        }
        assert_eq!(runs.runs.len(), 1);
        assert_eq!(runs.get(Serial(99_999)), Some(month(12)));
        assert_eq!(runs.get(Serial(100_000)), None);
    }

    #[test]
    fn an_empty_validity_is_not_read() {
        for (from, until, good) in [(5, 6, true), (5, 5, false), (6, 5, false)] {
            let mut writer = Writer::with_capacity(8);
            Validity { from: UnixSeconds(from), until: UnixSeconds(until) }.write(&mut writer);
            let bytes = writer.finish();
            assert_eq!(Validity::read(&mut Reader::new(&bytes)).is_ok(), good, "{from} {until}");
        }
    }
}
