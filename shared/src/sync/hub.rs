//! What a gate says to the venue's hub beside its claims, which are the server's own messages.
//! `POST /api/v1/hub/claims` ([`super::Claim`], [`super::ClaimAnswer`]), `POST /api/v1/hub/given-up`,
//! `GET /api/v1/hub/health`.

use serde::{Deserialize, Serialize};

use crate::{id::ClaimKey, right::RightRef};

/// The header in which a gate shows its [`crate::bundle::SignedCredential`], as Base64 of its JSON.
pub const CREDENTIAL_HEADER: &str = "kaisatsu-credential";

/// A gate gave a claim up: under its key nothing may be granted any more. The answer says that this is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenUp {
    /// The claim.
    pub claim: ClaimKey,
    /// The right it was for.
    pub right: RightRef,
}

/// The hub answers, and keeps what it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {}
