//! What is typed at the terminal isn't shown: a PIN is nobody's business, and codes would run over the
//! verdict.

use std::io::stdin;

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal's way before, to be set again at the end.
#[derive(Debug)]
pub(super) struct Quiet(Option<Termios>);

impl Quiet {
    /// Shows nothing of what is typed from now on, where there is a terminal.
    pub(super) fn begin() -> Self {
        let Ok(before) = tcgetattr(stdin()) else { return Self(None) };
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        let set = tcsetattr(stdin(), OptionalActions::Flush, &quiet);
        Self(set.is_ok().then_some(before))
    }

    /// As it was.
    pub(super) fn end(&mut self) {
        if let Some(before) = self.0.take()
            && let Err(error) = tcsetattr(stdin(), OptionalActions::Flush, &before)
        {
            tracing::error!(%error, "the terminal can't be set back: run `stty sane`");
        }
    }
}
