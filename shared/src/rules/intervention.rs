//! What staff may do against the rules' answer: let a guest in all the same, or take a scan back.

use serde::{Deserialize, Serialize};

use crate::{ledger::AskedAt, operator::Role, reason::ReasonCode, right::Use};

/// What staff may do. The default: leads let guests in, and everybody takes the own last scan back
/// within two minutes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Interventions {
    /// For so many seconds the own last scan may be taken back; leads may always.
    pub annul_seconds: u16,
    /// Who may let a guest in against the rules.
    pub overrides: OverriddenBy,
}

/// Who may let a guest in against the rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OverriddenBy {
    /// Nobody.
    Nobody,
    /// Leads who have signed in.
    #[default]
    Leads,
    /// Everybody who has signed in.
    Staff,
}

impl Default for Interventions {
    fn default() -> Self {
        Self { annul_seconds: 120, overrides: OverriddenBy::Leads }
    }
}

/// Whether a refusal for this reason may be overruled at all. Where nobody, or not this operator, may let
/// in by hand, or only with the server, nobody may do it so.
#[must_use]
pub const fn can_be_overruled(code: ReasonCode) -> bool {
    !matches!(
        code,
        ReasonCode::ByHandOff
            | ReasonCode::ByHandRole
            | ReasonCode::ByHandOffline
            | ReasonCode::GateRevoked
    )
}

impl Interventions {
    /// Whether an operator of this role may let a guest in; none is nobody signed in.
    #[must_use]
    pub const fn allow_override(&self, role: Option<Role>) -> bool {
        match (self.overrides, role) {
            (OverriddenBy::Nobody, _) | (_, None) => false,
            (OverriddenBy::Leads, Some(role)) => matches!(role, Role::Lead),
            (OverriddenBy::Staff, Some(_)) => true,
        }
    }

    /// Whether a use may be taken back by somebody of this role. That it was their last scan is known
    /// only to the gate.
    #[must_use]
    pub fn allow_annul(&self, role: Option<Role>, by: &AskedAt, used: &Use) -> bool {
        // Read off the same clock, so that what it is unsure of falls out.
        let passed = by.at.earliest.0.saturating_sub(used.at.earliest.0);
        let own = (by.device, by.operator) == (used.device, used.operator);
        role == Some(Role::Lead) || (own && passed <= u64::from(self.annul_seconds) * 1_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overrides_need_somebody_who_signed_in_and_may() {
        let (staff, lead) = (Some(Role::Staff), Some(Role::Lead));
        for (by, expected) in [
            (OverriddenBy::Nobody, [false, false, false]),
            (OverriddenBy::Leads, [false, false, true]),
            (OverriddenBy::Staff, [false, true, true]),
        ] {
            let rules = Interventions { overrides: by, ..Interventions::default() };
            assert_eq!([None, staff, lead].map(|role| rules.allow_override(role)), expected);
        }
    }
}
