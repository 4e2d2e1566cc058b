//! A clock display is the ticket's own and fresh: at step T it may show T-2 … T+1, or what the
//! bundle says instead.

use crate::{judge::Family, story::Flaw};

pub(crate) const FAMILY: Family = Family {
    name: "display",
    concerns: |story| story.ticket.clock.is_some(),
    allows: |moment| {
        let story = moment.story;
        let Some((start, steps)) = story.ticket.clock else { return true };
        let window = story.bundle.rules.clock_window;
        let (at, start) = (i64::try_from(moment.at).unwrap(), i64::from(start) * 1_000);
        let (now, shown) = ((at - start).div_euclid(10_000), i64::from(story.step));
        story.flaw != Flaw::WrongLink
            && story.step <= steps
            && now - i64::from(window.green_behind) <= shown
            && shown <= now + i64::from(window.green_ahead)
    },
};
