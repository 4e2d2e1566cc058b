//! What happens after the scan of a case: staff overrule the verdict or answer for an interruption, somebody
//! else is scanned.

use kaisatsu_gate::engine;
use kaisatsu_shared::{
    id::{OperatorId, Serial},
    reason::ReasonCode,
    right::OverrideReason,
    rules::{Facts, Verdict},
};
use serde::Deserialize;

use crate::{Unusable, case::Scan};

/// One thing that happens after the scan.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Then {
    /// The guest of the verdict is let in all the same.
    Overruled {
        /// Who is signed in; 0 is nobody.
        #[serde(default)]
        operator: OperatorId,
        #[serde(default = "courtesy")]
        reason: OverrideReason,
    },
    /// A ticket is scanned, as the first was.
    Scanned { ticket: Serial },
    /// Staff say that the guest of the interrupted admission wasn't let in.
    NotLetIn {},
}

const fn courtesy() -> OverrideReason {
    OverrideReason::Courtesy
}

impl Then {
    /// A ticket shown as the case's first one.
    pub(crate) fn scan(ticket: Serial) -> Scan {
        Scan { ticket: Some(ticket), ..Scan::default() }
    }
}

/// Why staff's word didn't count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Declined {
    /// Nothing that could be overruled is on the screen.
    NothingToOverrule,
    /// It needs a lead who has signed in.
    NeedsLead,
}

impl TryFrom<engine::Declined> for Declined {
    type Error = Unusable;

    fn try_from(declined: engine::Declined) -> Result<Self, Unusable> {
        match declined {
            engine::Declined::NothingToOverrule => Ok(Self::NothingToOverrule),
            engine::Declined::NeedsLead => Ok(Self::NeedsLead),
            other => Err(Unusable(format!("staff were told {other:?}"))),
        }
    }
}

/// What a case ended with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Played {
    /// What is on the screen.
    pub(crate) verdict: Verdict,
    /// Why staff's last word didn't count, if it didn't.
    pub(crate) declined: Option<Declined>,
}

impl From<Verdict> for Played {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, declined: None }
    }
}

/// The verdict once staff have said that the guest of an interrupted admission wasn't let in, with what bars
/// them from entering now, if something does.
pub(crate) fn not_let_in(verdict: Verdict, bars: Option<ReasonCode>) -> Verdict {
    match bars {
        None => Verdict { code: ReasonCode::AdmittedAfterInterruption, ..verdict },
        Some(code) => {
            let lane = verdict.facts.last_use.map(|used| used.gate);
            Verdict { code, facts: Facts { lane, ..verdict.facts }, ..verdict }
        }
    }
}

/// The verdict once it is overruled.
pub(crate) const fn overruled(verdict: Verdict) -> Verdict {
    Verdict { code: ReasonCode::AdmittedByOverride, ..verdict }
}
