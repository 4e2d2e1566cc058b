//! What staff was told: the same message isn't repeated at once.

use std::collections::BTreeMap;

use crate::link::Notice;

use super::gate::Gate;

/// The same message isn't repeated within this time, in milliseconds.
const REPEAT_AFTER: u64 = 60_000;

/// The newest message of each code, and when it was told.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<String, (Notice, u64)>);

impl Told {
    /// Whether `notice` is worth telling at this monotonic time; if so it counts as told.
    fn is_news(&mut self, notice: &Notice, now: u64) -> bool {
        // Each change of the link is news.
        if notice.code == "link" {
            return true;
        }
        let repeated = self
            .0
            .get(&notice.code)
            .is_some_and(|(last, at)| last == notice && now.saturating_sub(*at) < REPEAT_AFTER);
        if !repeated {
            self.0.insert(notice.code.clone(), (notice.clone(), now));
        }
        !repeated
    }
}

impl Gate {
    /// Tells staff and the log, unless they just heard it.
    pub(super) fn notice(&mut self, notice: Notice) {
        if self.told.is_news(&notice, self.clock.monotonic()) {
            tracing::info!(code = notice.code, "{}", notice.en);
            self.front.borrow_mut().face.notice(&notice);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_message_is_held_back_for_a_minute() {
        let notice = |code: &str, en: &str| Notice::new(code, "", en);
        let mut told = Told::default();
        assert!(told.is_news(&notice("disk", "full"), 0));
        assert!(!told.is_news(&notice("disk", "full"), REPEAT_AFTER - 1));
        assert!(told.is_news(&notice("disk", "broken"), 1), "another sentence");
        assert!(told.is_news(&notice("disk", "full"), 2), "it changed in between");
        assert!(told.is_news(&notice("disk", "full"), 2 + REPEAT_AFTER));
        assert!(told.is_news(&notice("link", "alone"), 0));
        assert!(told.is_news(&notice("link", "alone"), 1));
    }
}
