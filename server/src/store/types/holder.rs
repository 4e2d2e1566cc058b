//! A ticket's holder.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The attendee's personal data. Never printed; encrypted wherever it rests.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Holder {
    /// The name as the holder writes it.
    pub name: String,
    /// Its reading, where the name is Japanese.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kana: String,
    /// E-mail address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// The organiser's free text about them.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl core::fmt::Debug for Holder {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Holder(…)")
    }
}
