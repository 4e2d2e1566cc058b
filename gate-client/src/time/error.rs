//! What isn't gone by, and why.

use kaisatsu_shared::{reason::Language, sync::TimeError};

/// Why an answer isn't gone by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It says nothing of the time.
    #[error(transparent)]
    Answer(#[from] TimeError),
    /// What it says was taken back.
    #[error(
        "the server's time is of a version that was taken back: it runs on an older database; tell the admin"
    )]
    Superseded,
}

impl Refused {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Answer(error) => error.code(),
            Self::Superseded => "time_superseded",
        }
    }
}

/// Why a gate lead's time isn't taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeadError {
    /// It is certainly past.
    #[error("this time is certainly past: look at the date")]
    Past,
    /// The server's time is known.
    #[error("this gate has the server's time: there is nothing to set")]
    Proven,
}

impl LeadError {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Past => "time_past",
            Self::Proven => "time_proven",
        }
    }

    /// What staff is told.
    #[must_use]
    pub const fn sentence(self, language: Language) -> &'static str {
        let (ja, en) = match self {
            Self::Past => (
                "確実に過ぎた時刻です。日付を確かめてください",
                "That time is certainly past. Look at the date",
            ),
            Self::Proven => (
                "サーバーの時刻で動いています。合わせる必要はありません",
                "This gate goes by the server's time. There is nothing to set",
            ),
        };
        match language {
            Language::Ja => ja,
            Language::En => en,
        }
    }
}
