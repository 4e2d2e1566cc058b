//! Where a ticket stands, before any rule of its type: voided, blocked, unpaid.

use serde::{Deserialize, Serialize};

use crate::reason::ReasonCode;

use super::{Facts, Look, Refusal, RightView};

/// What an unpaid ticket gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unpaid {
    /// It admits nobody.
    #[default]
    Deny,
    /// A supervisor decides.
    Review,
}

/// What is looked at, for the trail.
pub(super) const fn look_at(view: &RightView) -> Look {
    Look::Standing { voided: view.voided, blocked: view.blocked, unpaid: view.unpaid }
}

/// Why the ticket admits nobody whatever its type's rules say, if it doesn't.
pub(super) fn judge_standing(view: &RightView, unpaid: Unpaid) -> Option<Refusal> {
    if view.voided {
        return Some(Refusal::of(ReasonCode::Voided));
    }
    if view.blocked.is_some() {
        let facts = Facts { block: view.blocked, ..Facts::EMPTY };
        return Some(Refusal { code: ReasonCode::Blocked, facts });
    }
    match unpaid {
        _ if !view.unpaid => None,
        Unpaid::Deny => Some(Refusal::of(ReasonCode::Unpaid)),
        Unpaid::Review => Some(Refusal::of(ReasonCode::PaymentDue)),
    }
}
