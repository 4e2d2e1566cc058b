//! Wrong PINs since the last right one, kept over a restart.

use super::{Store, StoreError};

const FAILURES: &str = "pin_failures";

impl Store {
    /// Keeps the count.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn keep_pin_failures(&mut self, failures: u32) -> Result<(), StoreError> {
        self.note(FAILURES, &failures.to_string())
    }

    /// The count that was kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub(crate) fn pin_failures(&self) -> Result<u32, StoreError> {
        let text = self.meta(FAILURES)?;
        text.map_or(Ok(0), |text| text.parse())
            .map_err(|_| StoreError::Corrupt("a number can't be read".to_owned()))
    }
}
