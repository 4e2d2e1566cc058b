//! What the attendee's page computes: which code a ticket shows at an instant. The page itself (`page/`) draws it, keeps
//! it for when there is no signal, and says what time it is.

mod codes;
mod day_colour;
mod square;

use kaisatsu_shared::time::UnixSeconds;
use wasm_bindgen::prelude::*;

pub use codes::{Codes, CodesError};
pub use day_colour::{DayColour, colour};
pub use square::Square;

/// A ticket's codes, for the page.
#[wasm_bindgen]
pub struct Ticket(Codes);

#[wasm_bindgen]
impl Ticket {
    /// Takes what the server answered: its installation, and a code from which the others follow.
    ///
    /// # Errors
    /// What [`Codes::new`] refuses; the page then asks the server again.
    #[wasm_bindgen(constructor)]
    pub fn new(installation: &str, text: &str) -> Result<Ticket, JsError> {
        Ok(Self(Codes::new(installation, text)?))
    }

    /// The code at an instant, in UNIX seconds; none where the ticket's chain doesn't reach.
    pub fn square(&self, at: u32) -> Option<Square> {
        Square::new(&self.0.at(UnixSeconds(at))?)
    }
}

impl core::fmt::Debug for Ticket {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.0.fmt(f)
    }
}
