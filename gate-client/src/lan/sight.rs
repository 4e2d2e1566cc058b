//! Whether the venue's hub answers, as a gate's engine is to hear it.

/// What a gate last saw of the hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sight {
    up: bool,
    run: Option<u64>,
}

impl Sight {
    /// The hub was looked for: the number of its start ([`kaisatsu_shared::sync::HubHealth`]), or nothing where
    /// it doesn't answer. Gives what [`crate::engine::Input::HubLink`] is to say, in order.
    pub fn see(&mut self, run: Option<u64>) -> impl Iterator<Item = bool> + use<> {
        let before = core::mem::replace(self, Self { up: run.is_some(), run });
        // Another one, or started anew: it has to be told everything.
        let another = self.up && before.up && before.run != run;
        // The engine stops asking by itself where an answer failed, so "up" is said again.
        let said = self.up || before.up;
        another.then_some(false).into_iter().chain(said.then_some(self.up))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hub_that_started_anew_was_down_in_between() {
        let mut sight = Sight::default();
        let no = Vec::<bool>::new();
        let mut see = |run| sight.see(run).collect::<Vec<_>>();
        assert_eq!(see(None), no);
        assert_eq!(see(Some(1)), [true]);
        assert_eq!(see(Some(1)), [true]);
        assert_eq!(see(Some(2)), [false, true]);
        assert_eq!(see(None), [false]);
        assert_eq!(see(None), no);
        assert_eq!(see(Some(2)), [true]);
    }
}
