//! Which tickets of one `Issued` entry still have to be paid.

use crate::{
    id::Serial,
    wire::{Reader, WireError, Writer},
};

/// The unpaid ones among the tickets of an `Issued` entry, by their places in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UnpaidTickets {
    /// A bit for each place, the lowest first; the last byte isn't zero.
    bits: Vec<u8>,
}

impl UnpaidTickets {
    /// All are paid.
    pub const NONE: Self = Self { bits: Vec::new() };

    /// Whether all are paid.
    #[must_use]
    pub const fn is_none(&self) -> bool {
        self.bits.is_empty()
    }

    /// Whether `serial` is one of them, where `first` is the entry's first.
    #[must_use]
    pub fn of(&self, first: Serial, serial: Serial) -> bool {
        serial.0.checked_sub(first.0).is_some_and(|place| self.has(place))
    }

    /// Their serials, where `first` is the entry's first.
    pub fn serials(&self, first: Serial) -> impl Iterator<Item = Serial> + '_ {
        let places = (0..).take(self.bits.len().saturating_mul(8));
        let unpaid = places.filter(|place| self.has(*place));
        unpaid.map(move |place| Serial(first.0.saturating_add(place)))
    }

    /// Whether each of them is one of `count` tickets.
    pub(super) fn fits(&self, count: usize) -> bool {
        let last = self.bits.last().map_or(0, |byte| 8 - byte.leading_zeros());
        let before = self.bits.len().saturating_sub(1).saturating_mul(8);
        usize::try_from(last).is_ok_and(|last| before.saturating_add(last) <= count)
    }

    /// A bit for each of `count` tickets.
    pub(super) fn write(&self, writer: &mut Writer, count: usize) {
        let padded = self.bits.iter().chain(core::iter::repeat(&0));
        for byte in padded.take(count.div_ceil(8)) {
            writer.u8(*byte);
        }
    }

    /// Reads a bit for each of `count` tickets, of which one at least is unpaid.
    pub(super) fn read(reader: &mut Reader<'_>, count: usize) -> Result<Self, WireError> {
        let bits = (0..count.div_ceil(8)).map(|_| reader.u8()).collect::<Result<Vec<u8>, _>>()?;
        let read = Self::trimmed(bits);
        if read.is_none() || !read.fits(count) {
            return Err(WireError::Unknown("unpaid tickets"));
        }
        Ok(read)
    }

    fn has(&self, place: u32) -> bool {
        let byte = usize::try_from(place / 8).ok().and_then(|byte| self.bits.get(byte));
        byte.is_some_and(|byte| byte >> (place % 8) & 1 == 1)
    }

    fn trimmed(mut bits: Vec<u8>) -> Self {
        while bits.last() == Some(&0) {
            bits.pop();
        }
        Self { bits }
    }
}

/// Whether each ticket of the entry is unpaid, in order.
impl FromIterator<bool> for UnpaidTickets {
    fn from_iter<I: IntoIterator<Item = bool>>(unpaid: I) -> Self {
        let mut bits = Vec::new();
        for (place, unpaid) in unpaid.into_iter().enumerate() {
            if place % 8 == 0 {
                bits.push(0);
            }
            if let Some(byte) = bits.last_mut() {
                *byte |= u8::from(unpaid) << (place % 8);
            }
        }
        Self::trimmed(bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(places: &[usize], count: usize) -> UnpaidTickets {
        (0..count).map(|place| places.contains(&place)).collect()
    }

    fn written(tickets: &UnpaidTickets, count: usize) -> Vec<u8> {
        let mut writer = Writer::default();
        tickets.write(&mut writer, count);
        writer.finish()
    }

    #[test]
    fn each_place_is_told_apart_and_has_one_spelling() {
        for count in [1, 7, 8, 9, 16, 17] {
            for place in 0..count {
                let tickets = of(&[place], count);
                let serial = Serial(5 + u32::try_from(place).unwrap());
                assert_eq!(tickets.serials(Serial(5)).collect::<Vec<_>>(), [serial]);
                assert!(tickets.of(Serial(5), serial));
                assert!(!tickets.of(Serial(5), Serial(serial.0 + 1)));
                assert!(!tickets.of(Serial(5), Serial(serial.0 - 1)));
                assert!(tickets.fits(place + 1) && !tickets.fits(place), "{place} of {count}");
                let bytes = written(&tickets, count);
                assert_eq!(bytes.len(), count.div_ceil(8));
                assert_eq!(UnpaidTickets::read(&mut Reader::new(&bytes), count), Ok(tickets));
            }
        }
        let all = of(&[0, 1, 2, 8], 9);
        assert_eq!(all.serials(Serial(0)).map(|serial| serial.0).collect::<Vec<_>>(), [0, 1, 2, 8]);
        assert_eq!(of(&[], 20), UnpaidTickets::NONE);
    }

    #[test]
    fn what_names_nobody_or_nobody_issued_is_no_spelling() {
        for (bytes, count) in [(&[0][..], 8), (&[0, 0], 9), (&[0b10], 1), (&[0, 0b10], 9)] {
            let read = UnpaidTickets::read(&mut Reader::new(bytes), count);
            assert_eq!(read, Err(WireError::Unknown("unpaid tickets")), "{bytes:?} for {count}");
        }
    }
}
