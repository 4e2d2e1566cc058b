//! What is kept over a restart in a word or two. A gate that is cut off then must not go by what held before.

use kaisatsu_shared::bundle::Revocation;
use serde::{Serialize, de::DeserializeOwned};

use super::{Store, StoreError, Wiped};
use crate::time::Floor;

/// How much of the journal the server has.
pub(super) const ACKNOWLEDGED: &str = "acknowledged";
/// The earliest instant that is certainly past.
pub(super) const FLOOR: &str = "time_floor";
/// Wrong PINs since the last right one.
const PIN_FAILURES: &str = "pin_failures";
/// The server said that it has revoked this device, without the root key's word for it.
const REFUSED: &str = "refused";
/// The event has rules that this program can't work by. They may change.
const RULES_REFUSED: &str = "rules_refused";
/// The root key's word that this device is revoked, and that all but the journal is gone.
pub(super) const REVOKED: &str = "revoked";
/// What remains at the end.
pub(super) const WIPED: &str = "wiped";

/// The notes by what they mean.
#[expect(async_fn_in_trait, reason = "as in `Store`")]
pub trait Notes: Store {
    /// The number up to which the server has the journal.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn acknowledged(&self) -> Result<u64, StoreError> {
        number(self.note(ACKNOWLEDGED).await?)
    }

    /// Keeps the floor of the time.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn keep_floor(&mut self, floor: Floor) -> Result<(), StoreError> {
        self.keep_note(FLOOR, &written(&floor)?).await
    }

    /// The floor that was kept; the lowest of all before there was one.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn floor(&self) -> Result<Floor, StoreError> {
        Ok(read(self.note(FLOOR).await?)?.unwrap_or_default())
    }

    /// Keeps the count of wrong PINs.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn keep_pin_failures(&mut self, failures: u32) -> Result<(), StoreError> {
        self.keep_note(PIN_FAILURES, &failures.to_string()).await
    }

    /// The count that was kept.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn pin_failures(&self) -> Result<u32, StoreError> {
        number(self.note(PIN_FAILURES).await?)
    }

    /// Whether, and by what code, the server has refused this device, as an earlier version of the program
    /// noted it. The root key's word is [`Notes::revocation`].
    ///
    /// # Errors
    /// [`StoreError`].
    async fn refused(&self) -> Result<Option<String>, StoreError> {
        self.note(REFUSED).await
    }

    /// Notes that the event has newer rules than the bundle kept here, which this program can't
    /// work by.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn refuse_rules(&mut self, code: &str) -> Result<(), StoreError> {
        self.keep_note(RULES_REFUSED, code).await
    }

    /// Notes that the event's rules can be used.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn accept_rules(&mut self) -> Result<(), StoreError> {
        self.drop_note(RULES_REFUSED).await
    }

    /// Whether, and by what code, the event's rules can't be used.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn rules_refused(&self) -> Result<Option<String>, StoreError> {
        self.note(RULES_REFUSED).await
    }

    /// The root key's word that this device was revoked, if it came.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn revocation(&self) -> Result<Option<Revocation>, StoreError> {
        read(self.note(REVOKED).await?)
    }

    /// What remains, if this device was wiped.
    ///
    /// # Errors
    /// [`StoreError`].
    async fn wiped(&self) -> Result<Option<Wiped>, StoreError> {
        read(self.note(WIPED).await?)
    }
}

impl<S: Store> Notes for S {}

/// A note's text.
pub(super) fn written(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

pub(super) fn read<T: DeserializeOwned>(text: Option<String>) -> Result<Option<T>, StoreError> {
    let parsed = text.map(|text| serde_json::from_str(&text)).transpose();
    parsed.map_err(|error| StoreError::Corrupt(error.to_string()))
}

fn number<T: core::str::FromStr + Default>(text: Option<String>) -> Result<T, StoreError> {
    let unreadable = |_| StoreError::Corrupt("a number can't be read".to_owned());
    text.map_or(Ok(T::default()), |text| text.parse().map_err(unreadable))
}
