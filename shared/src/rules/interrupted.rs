//! An admission that was interrupted: staff say whether its guest was let in.

use crate::{bundle::Policy, id::DeviceId, reason::ReasonCode};

use super::{Reach, RightView};

/// Why the guest of an interrupted admission, of whom staff at `device` say that they weren't let in, may not
/// enter now either, if they may not.
#[must_use]
pub fn bars_answer(
    view: &RightView,
    policy: Policy,
    reach: Reach,
    device: DeviceId,
) -> Option<ReasonCode> {
    let elsewhere = view.interrupted.is_some_and(|(interrupted, _)| interrupted != device);
    if view.voided {
        Some(ReasonCode::Voided)
    } else if view.blocked.is_some() {
        Some(ReasonCode::Blocked)
    } else if policy == Policy::OnlineOnly && reach != Reach::Server {
        Some(ReasonCode::ServerNeeded)
    } else if policy == Policy::Strict && elsewhere {
        // Two gates could both be told that the guest wasn't let in: only the interrupted one asks.
        Some(ReasonCode::OtherLane)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: DeviceId = DeviceId(1);
    const THERE: DeviceId = DeviceId(2);

    #[test]
    fn whoever_may_not_enter_now_is_not_let_in_after_an_interruption() {
        use Policy::{Available, OnlineOnly, Strict};
        let view = |device| RightView { interrupted: Some((device, 1)), ..RightView::default() };
        let voided = RightView { voided: true, ..view(HERE) };
        for (view, policy, reach, expected) in [
            (view(HERE), Available, Reach::Nobody, None),
            (view(THERE), Available, Reach::Nobody, None),
            (view(HERE), OnlineOnly, Reach::Server, None),
            (view(HERE), OnlineOnly, Reach::Nobody, Some(ReasonCode::ServerNeeded)),
            (view(HERE), Strict, Reach::Nobody, None),
            (view(THERE), Strict, Reach::Nobody, Some(ReasonCode::OtherLane)),
            (view(THERE), Strict, Reach::Server, Some(ReasonCode::OtherLane)),
            (voided, Strict, Reach::Server, Some(ReasonCode::Voided)),
        ] {
            assert_eq!(bars_answer(&view, policy, reach, HERE), expected, "{policy:?} {reach:?}");
        }
    }
}
