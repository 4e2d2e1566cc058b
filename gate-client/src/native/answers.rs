//! Staff's answers to "was this guest let in?": lines of standard input.

use std::{
    io::{IsTerminal as _, stdin},
    thread,
};

use tokio::sync::mpsc;

/// Reads a line as an answer: whether the guest had been let in.
pub(super) fn answer_of(line: &str) -> Option<bool> {
    match line {
        ":let-in" => Some(true),
        ":not-let-in" => Some(false),
        _ => None,
    }
}

/// Reads answers from the terminal, where there is one; besides the words of [`answer_of`] also
/// `y` and `n`, which a scanner doesn't reach.
pub(super) fn from_terminal() -> mpsc::Receiver<bool> {
    let (sender, answers) = mpsc::channel(4);
    if stdin().is_terminal() {
        thread::spawn(move || {
            for line in stdin().lines().map_while(Result::ok) {
                let answer = match line.trim() {
                    "y" => Some(true),
                    "n" => Some(false),
                    line => answer_of(line),
                };
                if let Some(answer) = answer
                    && sender.blocking_send(answer).is_err()
                {
                    return;
                }
            }
        });
    }
    answers
}
