//! Puts right what a keyboard layout did to a token.
//!
//! A keyboard-mode scanner set to US presses the keys of a US keyboard; the host turns keys into
//! characters by its own layout. On JP106, DE and FR hosts other characters come out, on UK hosts
//! the same (none of its differences is a Base45 symbol). The layout is recognised by what became
//! of the prefix `KS1:`, and every character is taken back to the key it came from.
//!
//! Layout rows are the keys of a US keyboard in its order, plain and with Shift (XKB `us`,
//! `jp(106)`, `de`, `fr`, `gb`; the Windows layouts agree on these keys). Letters in the wrong
//! case have three causes, told apart by the prefix: Caps Lock on the host, a scanner set to lower
//! case, and Caps Lock that works as a shift lock (Windows DE and FR: digits change as well).
//!
//! The only loss is on DE: `+` becomes a dead grave accent, which joins the next character (`À`),
//! stands alone, or vanishes with it, as the host pleases. There a text counts as put right only
//! if each accent stands for one `+` and the length is that of a token; else it is named.

use kaisatsu_shared::token::PREFIX;

use super::line::AIM_IDENTIFIERS;
use super::problem::ScanProblem;
use super::{ScanText, TOKEN_LENGTHS};

/// The 45 symbols of Base45 (RFC 9285), in the order of their values.
pub const BASE45: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// What seems to have changed a text between scanner and host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LayoutHint {
    /// Caps Lock, or a scanner set to lower case; the layout itself is US or UK.
    Caps,
    /// Japanese 106/109-key layout.
    Jp106,
    /// German layout.
    De,
    /// French layout (AZERTY).
    Fr,
    /// A Japanese input method is on: full-width letters or kana.
    JapaneseInput,
    /// Some other layout.
    Unknown,
}

/// Characters of the keys used: digit row, letter rows with `]` and `;`, `.`, `/`, space.
struct Rows {
    plain: &'static str,
    shift: &'static str,
}

const US: Rows = Rows {
    plain: "1234567890-=qwertyuiop]asdfghjkl;zxcvbnm./ ",
    shift: "!@#$%^&*()_+QWERTYUIOP}ASDFGHJKL:ZXCVBNM>? ",
};
const JP106: Rows = Rows {
    plain: "1234567890-^qwertyuiop[asdfghjkl;zxcvbnm./ ",
    shift: "!\"#$%&'()~=~QWERTYUIOP{ASDFGHJKL+ZXCVBNM>? ",
};
const DE: Rows = Rows {
    plain: "1234567890ß´qwertzuiop+asdfghjklöyxcvbnm.- ",
    shift: "!\"§$%&/()=?`QWERTZUIOP*ASDFGHJKLÖYXCVBNM:_ ",
};
const FR: Rows = Rows {
    plain: "&é\"'(-è_çà)=azertyuiop$qsdfghjklmwxcvbn,:! ",
    shift: "1234567890°+AZERTYUIOP£QSDFGHJKLMWXCVBN?/§ ",
};

/// Number of keys in the digit row that hold digits.
const DIGIT_KEYS: usize = 10;

/// What a German dead accent makes of a letter.
const ACCENTED: [(&str, char); 7] = [
    ("ÀàÁá", 'A'),
    ("ÈèÉé", 'E'),
    ("ÌìÍí", 'I'),
    ("ÒòÓó", 'O'),
    ("ÙùÚú", 'U'),
    ("Ǹǹ", 'N'),
    ("Ýý", 'Y'),
];

/// How the case of what is typed is off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lock {
    None,
    /// Caps Lock on letters, or a scanner that sends lower case.
    Letters,
    /// Caps Lock as shift lock.
    Shift,
}

#[derive(Clone, Copy)]
struct Host {
    rows: &'static Rows,
    lock: Lock,
    hint: LayoutHint,
}

/// US and UK without lock come first: what is already right stays untouched.
const HOSTS: [Host; 9] = [
    Host { rows: &JP106, lock: Lock::None, hint: LayoutHint::Jp106 },
    Host { rows: &DE, lock: Lock::None, hint: LayoutHint::De },
    Host { rows: &FR, lock: Lock::None, hint: LayoutHint::Fr },
    Host { rows: &US, lock: Lock::Letters, hint: LayoutHint::Caps },
    Host { rows: &JP106, lock: Lock::Letters, hint: LayoutHint::Jp106 },
    Host { rows: &DE, lock: Lock::Letters, hint: LayoutHint::De },
    Host { rows: &FR, lock: Lock::Letters, hint: LayoutHint::Fr },
    Host { rows: &DE, lock: Lock::Shift, hint: LayoutHint::De },
    Host { rows: &FR, lock: Lock::Shift, hint: LayoutHint::Fr },
];

/// Judges a typed line. `None`: as far as can be seen no layout changed it; it may still be any
/// code, of ours or not.
#[must_use]
pub fn repair(typed: &str) -> Option<ScanText> {
    if typed.starts_with(PREFIX) {
        return None;
    }
    let plain_start = AIM_IDENTIFIERS.iter().find_map(|id| typed.strip_prefix(id)).unwrap_or(typed);
    for host in &HOSTS {
        let token =
            std::iter::once("").chain(AIM_IDENTIFIERS).find_map(|aim| host.cut(aim, plain_start));
        if let Some(token) = token {
            let hint = host.hint;
            return Some(match host.repair(token) {
                Some(text) => ScanText::Repaired { text, hint },
                None => ScanText::Problem(ScanProblem::KeyboardLayout { hint }),
            });
        }
    }
    strange_layout(plain_start).map(|hint| ScanText::Problem(ScanProblem::KeyboardLayout { hint }))
}

impl Host {
    /// The text from the token's prefix on, if it begins with `aim` and the prefix as typed here.
    fn cut<'a>(self, aim: &str, typed: &'a str) -> Option<&'a str> {
        let mut rest = typed.chars();
        let matches = |expected: &str, rest: &mut std::str::Chars<'_>| {
            expected
                .chars()
                .all(|symbol| rest.next().is_some_and(|came| self.may_type(symbol, came)))
        };
        if !matches(aim, &mut rest) {
            return None;
        }
        let token = rest.as_str();
        matches(PREFIX, &mut rest).then_some(token)
    }

    /// Whether the US key of `symbol` may give `came` on this host.
    fn may_type(self, symbol: char, came: char) -> bool {
        self.key_of(came, |wanted| wanted == symbol).is_some()
    }

    /// The Base45 symbol whose US key gives `came` on this host.
    fn symbol(self, came: char) -> Option<char> {
        self.key_of(came, |symbol| BASE45.contains(symbol))
    }

    /// The first wanted US character whose key may give `came` on this host.
    fn key_of(self, came: char, wanted: impl Fn(char) -> bool) -> Option<char> {
        let us = US.plain.chars().zip(US.shift.chars());
        let host = self.rows.plain.chars().zip(self.rows.shift.chars());
        us.zip(host).enumerate().find_map(|(key, ((us_plain, us_shift), (plain, shift)))| {
            let types = |symbol, usual, other| {
                wanted(symbol) && self.types(symbol, key, usual, other, came)
            };
            if types(us_plain, plain, shift) {
                return Some(us_plain);
            }
            types(us_shift, shift, plain).then_some(us_shift)
        })
    }

    /// Whether a key with these two characters may give `came`; `usual` is the one without lock.
    fn types(self, symbol: char, key: usize, usual: char, other: char, came: char) -> bool {
        match self.lock {
            Lock::None => came == usual,
            Lock::Letters if symbol.is_ascii_alphabetic() => came == usual || came == other,
            Lock::Letters => came == usual || other_case(usual) == Some(came),
            // Hosts differ in which keys beside letters and digits the shift lock reaches.
            Lock::Shift if key < DIGIT_KEYS => came == other,
            Lock::Shift => came == usual || came == other,
        }
    }

    fn repair(self, typed: &str) -> Option<String> {
        let german = self.hint == LayoutHint::De;
        let mut text = String::with_capacity(typed.len());
        for came in typed.chars() {
            let accented = ACCENTED.iter().find(|(forms, _)| german && forms.contains(came));
            match accented {
                Some((_, letter)) => text.extend(['+', self.symbol(*letter)?]),
                None => text.push(self.symbol(came)?),
            }
        }
        // What a dead accent swallowed shows in the length only.
        (!german || TOKEN_LENGTHS.contains(&text.len())).then_some(text)
    }
}

/// What Caps Lock makes of a letter that isn't one of Base45, as XKB does.
fn other_case(c: char) -> Option<char> {
    if c == 'ß' {
        return Some('ẞ');
    }
    let mut cases = c.to_uppercase().chain(c.to_lowercase()).filter(|case| *case != c);
    cases.next().filter(|case| !case.is_ascii() || c.is_ascii())
}

/// Names a layout that can't be put right, by what is left of the prefix.
fn strange_layout(typed: &str) -> Option<LayoutHint> {
    let head: String = typed.chars().take(PREFIX.len()).collect();
    let half_width: String = head.chars().map(narrow).collect();
    let known = |text: &str| {
        text.starts_with(PREFIX) || HOSTS.iter().any(|host| host.cut("", text).is_some())
    };
    // Kana input makes のと of the keys K and S.
    if (half_width != head && known(&half_width)) || head.starts_with("のと") {
        return Some(LayoutHint::JapaneseInput);
    }
    let mut head = head.chars();
    let begins = head.next().is_some_and(|c| c.eq_ignore_ascii_case(&'k'))
        && head.next().is_some_and(|c| c.eq_ignore_ascii_case(&'s'))
        && head.next().is_some_and(|c| "1!&+".contains(c))
        && head.next().is_some_and(|c| !c.is_ascii_alphanumeric());
    let shortest = TOKEN_LENGTHS.iter().min().copied().unwrap_or_default();
    // A dead key may have swallowed a few characters.
    (begins && typed.chars().count() >= shortest * 4 / 5).then_some(LayoutHint::Unknown)
}

fn narrow(c: char) -> char {
    match u32::from(c) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(c),
        _ => c,
    }
}
