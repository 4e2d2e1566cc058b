//! The colour of the day, for the page.

use kaisatsu_shared::{
    display::colour,
    id::{EventId, InstallationId},
};
use wasm_bindgen::prelude::*;

/// A colour with its names.
#[wasm_bindgen]
#[derive(Clone, Copy, Debug)]
pub struct DayColour(colour::Colour);

#[wasm_bindgen]
impl DayColour {
    /// As style sheets write it.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn css(&self) -> String {
        self.0.css.to_owned()
    }

    /// Its name in Japanese.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn ja(&self) -> String {
        self.0.ja.to_owned()
    }

    /// Its name in English.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn en(&self) -> String {
        self.0.en.to_owned()
    }
}

/// The colour of an event's day, in days since 1970-01-01 in the event's zone.
#[must_use]
#[wasm_bindgen]
pub fn colour(installation: &str, event: u32, day: u32) -> DayColour {
    // A malformed installation shows no code; its colour may be any.
    let installation = installation.parse().unwrap_or(InstallationId([0; 16]));
    DayColour(colour::of_the_day(installation, EventId(event), day))
}
