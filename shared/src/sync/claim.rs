//! Claiming a right: `POST /api/v1/device/claims`.

use serde::{Deserialize, Serialize};

use crate::{id::ClaimKey, ledger::LastUse, right::Use};

/// Most given-up claims that one claim may name; the server refuses more.
pub const MAX_ABANDONS: usize = 64;

/// A gate asks to use a right. Repeating a claim with the same key is the same claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Claim {
    /// The use asked for. Its authority is `server`.
    #[serde(rename = "use")]
    pub used: Use,
    /// Older claims of the same ticket that the gate has given up, journalled as such; the newest
    /// [`MAX_ABANDONS`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub abandons: Vec<ClaimKey>,
}

/// The server's word on a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ClaimAnswer {
    /// The right is this gate's to use, once it has journalled it.
    Granted {
        /// The ledger entry that records the grant (or the redemption, when asked again).
        sequence: u64,
    },
    /// The right may not be used.
    Refused {
        /// Why.
        refusal: ClaimRefusal,
        /// The use that stands in the way, where one does.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_use: Option<LastUse>,
    },
}

/// Why a claim was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ClaimRefusal {
    /// The right is used up.
    AlreadyUsed,
    /// Another claim of it is granted and not yet confirmed.
    BeingAdmitted,
    /// An admission on it was interrupted; staff must say what happened.
    Interrupted,
    /// It was voided.
    Voided,
    /// It was reissued.
    Superseded,
    /// It was never issued.
    NotIssued,
    /// This key was given up; claim again with a new one.
    Abandoned,
    /// This key was used for another claim. The attempt is flagged.
    KeyReused,
}
