//! Who has the last word on a right, and whether this gate may go on.

use serde::{Deserialize, Serialize};

use crate::{
    bundle::Policy,
    id::{GateId, LeaseId},
    reason::ReasonCode,
};

use super::{Facts, Reach, Refusal};

/// Who alone decides about a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The server.
    Server,
    /// The device that asks, by this lease.
    Here(LeaseId),
    /// A device of another lane.
    Elsewhere(GateId),
}

/// Why a gate may not go on, if it may not. Going on means: deciding by itself what it holds or what
/// the policy leaves to it, and asking about everything else: the server while it is in reach, the venue's
/// hub about `strict` rights.
#[must_use]
pub fn judge_last_word(policy: Policy, reach: Reach, holder: Holder) -> Option<Refusal> {
    match (policy, reach, holder) {
        (_, Reach::Server, _)
        | (Policy::Available, ..)
        | (Policy::Strict, Reach::Hub, _)
        | (Policy::Strict, _, Holder::Here(_)) => None,
        (Policy::OnlineOnly, ..) | (Policy::Strict, _, Holder::Server) => {
            Some(Refusal::of(ReasonCode::ServerNeeded))
        }
        (Policy::Strict, _, Holder::Elsewhere(lane)) => {
            let facts = Facts { lane: Some(lane), ..Facts::EMPTY };
            Some(Refusal { code: ReasonCode::LaneSilent, facts })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_server_only_the_holder_decides_strict_rights() {
        let (here, lane) = (Holder::Here(LeaseId(1)), Holder::Elsewhere(GateId(3)));
        let (needed, silent) = (Some(ReasonCode::ServerNeeded), Some(ReasonCode::LaneSilent));
        for (policy, holder, expected) in [
            (Policy::Strict, here, None),
            (Policy::Strict, Holder::Server, needed),
            (Policy::Strict, lane, silent),
            (Policy::OnlineOnly, here, needed),
            (Policy::OnlineOnly, Holder::Server, needed),
            (Policy::OnlineOnly, lane, needed),
            (Policy::Available, here, None),
            (Policy::Available, Holder::Server, None),
            (Policy::Available, lane, None),
        ] {
            let alone = judge_last_word(policy, Reach::Nobody, holder);
            assert_eq!(alone.map(|refusal| refusal.code), expected, "{policy:?} {holder:?}");
            assert_eq!(judge_last_word(policy, Reach::Server, holder), None);
            let hub = judge_last_word(policy, Reach::Hub, holder).map(|refusal| refusal.code);
            let never = (policy == Policy::OnlineOnly).then_some(ReasonCode::ServerNeeded);
            assert_eq!(hub, never, "{policy:?} {holder:?}");
        }
        let named = judge_last_word(Policy::Strict, Reach::Nobody, lane).unwrap();
        assert_eq!(named.facts.lane, Some(GateId(3)));
    }
}
