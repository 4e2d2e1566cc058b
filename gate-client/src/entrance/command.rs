//! What staff tell the gate, one line each: from its terminal, or from buttons through a named pipe.

use chrono::NaiveDateTime;
use kaisatsu_shared::{id::OperatorId, right::OverrideReason, rules::Direction};

use crate::engine::Answer;

/// One line.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Command {
    /// The answer to the question on the screen.
    Answer(Answer),
    /// Let the guest on the screen in against the rules.
    Override(OverrideReason),
    /// Take a scan back.
    Annul,
    /// Look up a ticket by its number or its holder's name.
    Search(String),
    /// Let the holder of the ticket in that was found under this number, from 1.
    Admit(u8),
    /// Who stands here now.
    SignIn {
        /// Their number.
        operator: OperatorId,
        /// Their PIN.
        pin: String,
    },
    /// Nobody any more.
    SignOut,
    /// Scan guests in, or out.
    Direction(Direction),
    /// Close this lane: what is leased to it goes back to the server.
    Close,
    /// What time it is in the event's zone.
    Time(NaiveDateTime),
}

/// Neither a PIN nor a name stands in a log.
impl core::fmt::Debug for Command {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Answer(answer) => f.debug_tuple("Answer").field(answer).finish(),
            Self::Override(reason) => f.debug_tuple("Override").field(reason).finish(),
            Self::Annul => f.write_str("Annul"),
            Self::Search(_) => f.write_str("Search(…)"),
            Self::Admit(place) => f.debug_tuple("Admit").field(place).finish(),
            Self::SignIn { operator, .. } => f.debug_tuple("SignIn").field(operator).finish(),
            Self::SignOut => f.write_str("SignOut"),
            Self::Direction(direction) => f.debug_tuple("Direction").field(direction).finish(),
            Self::Close => f.write_str("Close"),
            Self::Time(time) => f.debug_tuple("Time").field(time).finish(),
        }
    }
}

impl Command {
    /// Reads a line; nothing where it is none of them.
    pub(crate) fn read(line: &str) -> Option<Self> {
        if let Some((command, text)) = line.trim().split_once(char::is_whitespace)
            && command == "search"
        {
            return Some(Self::Search(text.trim().to_owned()));
        }
        let mut words = line.split_whitespace();
        let command = match (words.next()?, words.next(), words.next()) {
            ("y" | "yes" | "let-in", None, None) => Self::Answer(Answer::Yes),
            ("n" | "no" | "not-let-in", None, None) => Self::Answer(Answer::No),
            ("override", Some(reason), None) => Self::Override(override_reason(reason)?),
            ("annul", None, None) => Self::Annul,
            ("admit", Some(place), None) => Self::Admit(place.parse().ok()?),
            ("sign-in", Some(operator), Some(pin)) => {
                Self::SignIn { operator: OperatorId(operator.parse().ok()?), pin: pin.to_owned() }
            }
            ("sign-out", None, None) => Self::SignOut,
            ("scan-in", None, None) => Self::Direction(Direction::Entry),
            ("scan-out", None, None) => Self::Direction(Direction::Exit),
            ("close-lane", None, None) => Self::Close,
            ("time", Some(time), None) => {
                Self::Time(NaiveDateTime::parse_from_str(time, "%Y-%m-%dT%H:%M").ok()?)
            }
            (number, None, None) => Self::Answer(Answer::Number(number.parse().ok()?)),
            _ => return None,
        };
        words.next().is_none().then_some(command)
    }
}

/// By its name, or by its number from 1.
fn override_reason(text: &str) -> Option<OverrideReason> {
    let by_number = || {
        let place = text.parse::<usize>().ok()?.checked_sub(1)?;
        OverrideReason::ALL.get(place).copied()
    };
    text.parse().ok().or_else(by_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_strictly() {
        let time = NaiveDateTime::parse_from_str("2026-11-26T18:05", "%Y-%m-%dT%H:%M").unwrap();
        for (line, expected) in [
            ("y", Some(Command::Answer(Answer::Yes))),
            (" let-in ", Some(Command::Answer(Answer::Yes))),
            ("not-let-in", Some(Command::Answer(Answer::No))),
            ("3", Some(Command::Answer(Answer::Number(3)))),
            ("override courtesy", Some(Command::Override(OverrideReason::Courtesy))),
            ("override 2", Some(Command::Override(OverrideReason::Fault))),
            ("annul", Some(Command::Annul)),
            ("search 17", Some(Command::Search("17".into()))),
            (" search  山田　花子 の父 ", Some(Command::Search("山田　花子 の父".into()))),
            ("admit 2", Some(Command::Admit(2))),
            (
                "sign-in 12 260711",
                Some(Command::SignIn { operator: OperatorId(12), pin: "260711".into() }),
            ),
            ("sign-out", Some(Command::SignOut)),
            ("close-lane", Some(Command::Close)),
            ("close-lane 3", None),
            ("scan-in", Some(Command::Direction(Direction::Entry))),
            ("scan-out", Some(Command::Direction(Direction::Exit))),
            ("scan", None),
            ("time 2026-11-26T18:05", Some(Command::Time(time))),
            ("", None),
            ("perhaps", None),
            ("256", None),
            ("-1", None),
            ("override", None),
            ("override 0", None),
            ("override 6", None),
            ("override anger", None),
            ("annul all", None),
            ("search", None),
            ("searching 17", None),
            ("admit", None),
            ("admit all", None),
            ("admit 1 2", None),
            ("y y", None),
            ("sign-in twelve 260711", None),
            ("sign-in 12 260711 more", None),
            ("time 18:05", None),
        ] {
            assert_eq!(Command::read(line), expected, "{line}");
        }
    }

    #[test]
    fn neither_a_pin_nor_a_name_is_printed() {
        let command = Command::read("sign-in 12 260711").unwrap();
        assert!(!format!("{command:?}").contains("260711"));
        let command = Command::read("search 山田").unwrap();
        assert!(!format!("{command:?}").contains("山田"));
    }
}
