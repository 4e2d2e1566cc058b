//! The colour of an event's day: beside the code, for the eyes of staff. It is no secret and proves nothing; it makes a
//! picture of yesterday look wrong at a glance.

use crate::{
    hash::{Domain, Kind},
    id::{EventId, InstallationId},
};

/// A colour of the day. White text on each of them can be read (contrast of 4.5 and more).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    /// As style sheets write it.
    pub css: &'static str,
    /// Its name in Japanese.
    pub ja: &'static str,
    /// Its name in English.
    pub en: &'static str,
}

const fn colour(css: &'static str, ja: &'static str, en: &'static str) -> Colour {
    Colour { css, ja, en }
}

const COLOURS: [Colour; 8] = [
    colour("#1f3a93", "藍", "indigo"),
    colour("#a3122f", "紅", "crimson"),
    colour("#1e6b3a", "緑", "green"),
    colour("#a84300", "橙", "orange"),
    colour("#6a1b9a", "紫", "purple"),
    colour("#b0185e", "桃", "pink"),
    colour("#5d4037", "茶", "brown"),
    colour("#00697a", "水", "teal"),
];

/// The colour of a day in the event's zone, in days since 1970-01-01. Eight days in a row have eight colours.
#[must_use]
pub fn of_the_day(installation: InstallationId, event: EventId, day: u32) -> Colour {
    let [first, ..] = Domain::new(Kind::Colour, installation).hash(&[&event.0.to_be_bytes()]);
    // An odd step goes through all eight, and neighbours in the list look most alike.
    let at = u32::from(first).wrapping_add(day.wrapping_mul(5)) % 8;
    let [.., last] = COLOURS;
    COLOURS.iter().zip(0..).find(|(_, number)| *number == at).map_or(last, |(colour, _)| *colour)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_days_in_a_row_have_eight_colours() {
        let of = |event, day| of_the_day(InstallationId([7; 16]), EventId(event), day).css;
        for day in 20_000..20_100 {
            let mut row: Vec<_> = (day..day + 8).map(|day| of(1, day)).collect();
            row.sort_unstable();
            row.dedup();
            assert_eq!(row.len(), 8, "{day}");
        }
        assert!((1..9).any(|event| of(event, 20_000) != of(0, 20_000)), "events differ");
    }

    #[test]
    fn white_text_can_be_read_on_each() {
        let channel = |text: &str| {
            let value = f64::from(u8::from_str_radix(text, 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        for Colour { css, .. } in COLOURS {
            let [red, green, blue] = [1, 3, 5].map(|at| channel(&css[at..at + 2]));
            // WCAG 2.2, relative luminance and contrast.
            let light = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
            assert!(1.05 / (light + 0.05) >= 4.5, "{css}");
        }
    }
}
