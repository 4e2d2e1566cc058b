//! How each outcome looks: colour, icon and word each tell it alone.

use kaisatsu_shared::reason::{Language, Outcome};

/// A colour, red, green and blue.
pub(super) type Rgb = (u8, u8, u8);

/// What frames the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// Nothing.
    Open,
    /// Hatched lines above and below.
    Hatched,
    /// Thick on all sides.
    Thick,
}

/// The look of a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) background: Rgb,
    pub(super) frame: Frame,
    /// Five rows of nine columns.
    pub(super) icon: [&'static str; 5],
    /// The icon where there is one line for it.
    pub(super) sign: &'static str,
    ja: &'static str,
    en: &'static str,
}

const ADMIT: Style = Style {
    background: (0x0a, 0x5c, 0x36),
    frame: Frame::Open,
    icon: ["╭───────╮", "│     ╱ │", "│ ╲  ╱  │", "│  ╲╱   │", "╰───────╯"],
    sign: "✓",
    ja: "どうぞ",
    en: "GO",
};

const EXIT: Style = Style {
    background: (0x0b, 0x4a, 0x8f),
    frame: Frame::Open,
    icon: ["   ┌────┐", " ╱ │    │", "◀──────  ", " ╲ │    │", "   └────┘"],
    sign: "←",
    ja: "退場",
    en: "EXIT",
};

const REVIEW: Style = Style {
    background: (0x7a, 0x43, 0x00),
    frame: Frame::Hatched,
    icon: ["   ╱╲    ", "  ╱  ╲   ", " ╱ ?? ╲  ", "╱  ??  ╲ ", "▔▔▔▔▔▔▔▔ "],
    sign: "?",
    ja: "確認",
    en: "CHECK",
};

const DENY: Style = Style {
    background: (0x8f, 0x0d, 0x1c),
    frame: Frame::Thick,
    icon: [" ╱─────╲ ", "╱ ╲   ╱ ╲", "│   ╳   │", "╲ ╱   ╲ ╱", " ╲─────╱ "],
    sign: "✕",
    ja: "不可",
    en: "STOP",
};

const READY: Style = Style {
    background: (0x2b, 0x2f, 0x36),
    frame: Frame::Open,
    icon: ["┌──   ──┐", "│       │", "         ", "│       │", "└──   ──┘"],
    sign: "·",
    ja: "読み取り待ち",
    en: "READY",
};

const AGAIN: Style = Style { sign: "↻", ja: "もう一度", en: "AGAIN", ..REVIEW };

const PICK: Style = Style { sign: "#", ja: "候補", en: "PICK", ..READY };

impl Style {
    /// A verdict's.
    pub(super) const fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Admit => ADMIT,
            Outcome::Exit => EXIT,
            Outcome::Review => REVIEW,
            Outcome::Deny => DENY,
        }
    }

    /// That of a gate that waits for a code.
    pub(super) const fn ready() -> Self {
        READY
    }

    /// That of tickets to pick one from.
    pub(super) const fn pick() -> Self {
        PICK
    }

    /// That of a scan that didn't get through: not red, it says nothing of the ticket.
    pub(super) const fn again() -> Self {
        AGAIN
    }

    /// The word.
    pub(super) const fn word(&self, language: Language) -> &'static str {
        match language {
            Language::Ja => self.ja,
            Language::En => self.en,
        }
    }
}
