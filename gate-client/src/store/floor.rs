//! The earliest instant that is certainly past, kept over a restart.

use super::{Store, StoreError};
use crate::time::Floor;

const FLOOR: &str = "time_floor";

impl Store {
    /// Keeps the floor of the time.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn keep_floor(&mut self, floor: Floor) -> Result<(), StoreError> {
        let text = serde_json::to_string(&floor)
            .map_err(|error| StoreError::Corrupt(error.to_string()))?;
        self.note(FLOOR, &text)
    }

    /// The floor that was kept; the lowest of all before there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn floor(&self) -> Result<Floor, StoreError> {
        let text = self.meta(FLOOR)?;
        text.map_or_else(|| Ok(Floor::default()), |text| serde_json::from_str(&text))
            .map_err(|error| StoreError::Corrupt(error.to_string()))
    }
}
