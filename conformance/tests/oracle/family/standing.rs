//! A voided, blocked or unpaid ticket admits nobody (an unpaid one at most by a supervisor); nor does one of which it is in doubt whether its guest was let
//! in. While somebody is being admitted elsewhere, others enter only if both fit, and not at all
//! where entries must keep an order.

use super::{limits, presence, total};
use crate::judge::{Family, Moment};

pub(crate) const FAMILY: Family = Family {
    name: "standing",
    concerns: |_| true,
    allows: |moment| {
        let known = moment.known;
        if known.voided || known.blocked || known.unpaid || !known.doubtful.is_empty() {
            return false;
        }
        let others: u32 = known.under_way.iter().map(|(_, count)| u32::from(*count)).sum();
        let Some(kind) = moment.story.kind().filter(|_| others > 0) else { return true };
        let presence = &kind.admission.presence;
        if presence.exit_first || presence.passback_minutes > 0 {
            return false;
        }
        let both = Moment { wanted: moment.wanted + others, ..*moment };
        [total::FAMILY, presence::FAMILY, limits::FAMILY].iter().all(|rule| (rule.allows)(&both))
    },
};
