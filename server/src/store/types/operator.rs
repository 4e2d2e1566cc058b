//! Who may sign in at an event's gates.

use kaisatsu_shared::{
    id::{EventId, OperatorId},
    operator::Role,
    time::UnixMillis,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

/// A PIN on its way to its hash; it is wiped and never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub struct Pin(Zeroizing<String>);

impl Pin {
    /// A PIN as somebody typed it.
    #[must_use]
    pub fn typed(text: &str) -> Self {
        Self(Zeroizing::new(text.trim().to_owned()))
    }

    /// Its digits.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl From<String> for Pin {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl core::fmt::Debug for Pin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Pin")
    }
}

/// A new operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddOperator {
    /// The event.
    pub event: EventId,
    /// What colleagues call them, 1 to 40 characters, such as a post: not a full name.
    pub label: String,
    /// What they may do.
    pub role: Role,
    /// Their PIN; one is drawn where it is absent.
    pub pin: Option<Pin>,
}

/// An operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OperatorInfo {
    /// The number by which they sign in.
    pub id: OperatorId,
    /// What colleagues call them.
    pub label: String,
    /// What they may do.
    pub role: Role,
    /// When they were added.
    pub created_at: UnixMillis,
}

/// An operator with a new PIN.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OperatorPin {
    /// The operator.
    #[serde(flatten)]
    pub operator: OperatorInfo,
    /// The PIN, where it was drawn. It is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pin: Option<String>,
}

/// A PIN stands in no log.
impl core::fmt::Debug for OperatorPin {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("OperatorPin").field("operator", &self.operator).finish_non_exhaustive()
    }
}
