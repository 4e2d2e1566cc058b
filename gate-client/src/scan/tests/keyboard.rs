use kaisatsu_shared::reason::ReasonCode;
use proptest::prelude::*;

use super::super::keyboard::{BASE45, LayoutHint};
use super::super::problem::ScanProblem;
use super::super::{ScanText, TOKEN_LENGTHS};
use super::token;

/// What the keys of these symbols type on each host. The first fifteen rows are what libxkbcommon
/// gives for the layouts of xkeyboard-config (key and Shift of a US keyboard; with Caps Lock; with
/// letters sent without Shift); the last two are the Windows layouts with Caps Lock.
const SYMBOLS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:]";
const TYPED: [(&str, Option<LayoutHint>, &str); 17] = [
    ("us", None, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:]"),
    ("us caps", Some(LayoutHint::Caps), "0123456789abcdefghijklmnopqrstuvwxyz $%*+-./:]"),
    ("us lower", Some(LayoutHint::Caps), "0123456789abcdefghijklmnopqrstuvwxyz $%*+-./:]"),
    ("jp", Some(LayoutHint::Jp106), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%(~-./+["),
    ("jp caps", Some(LayoutHint::Jp106), "0123456789abcdefghijklmnopqrstuvwxyz $%(~-./+["),
    ("jp lower", Some(LayoutHint::Jp106), "0123456789abcdefghijklmnopqrstuvwxyz $%(~-./+["),
    ("de", Some(LayoutHint::De), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXZY $%(`ß.-Ö+"),
    ("de caps", Some(LayoutHint::De), "0123456789abcdefghijklmnopqrstuvwxzy $%(`ẞ.-ö+"),
    ("de lower", Some(LayoutHint::De), "0123456789abcdefghijklmnopqrstuvwxzy $%(`ß.-Ö+"),
    ("fr", Some(LayoutHint::Fr), "à&é\"'(-è_çQBCDEFGHIJKL?NOPARSTUVZXYW 458+):!M$"),
    ("fr caps", Some(LayoutHint::Fr), "À&É\"'(-È_Çqbcdefghijkl?noparstuvzxyw 458+):!m$"),
    ("fr lower", Some(LayoutHint::Fr), "à&é\"'(-è_çqbcdefghijkl,noparstuvzxyw 458+):!M$"),
    ("gb", None, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:]"),
    ("gb caps", Some(LayoutHint::Caps), "0123456789abcdefghijklmnopqrstuvwxyz $%*+-./:]"),
    ("gb lower", Some(LayoutHint::Caps), "0123456789abcdefghijklmnopqrstuvwxyz $%*+-./:]"),
    ("de shift lock", Some(LayoutHint::De), "=!\"§$%&/()abcdefghijklmnopqrstuvwxzy 458`?:-ö*"),
    ("fr shift lock", Some(LayoutHint::Fr), "0123456789qbcdefghijkl,noparstuvzxyw '(_=°/§m£"),
];

/// What hosts do with a dead accent and the character behind it.
#[derive(Debug, Clone, Copy)]
enum Dead {
    /// What doesn't combine is typed one after the other (Windows, GTK).
    Both,
    /// What doesn't combine is swallowed (Xlib).
    Swallowed,
}

fn combined(c: char) -> Option<char> {
    let forms = "AÀEÈIÌOÒUÙaàeèiìoòuù";
    let at = forms.chars().step_by(2).position(|base| base == c)?;
    forms.chars().nth(2 * at + 1)
}

/// What a host types for a token.
fn garble(text: &str, typed: &str, dead: Dead) -> String {
    let key =
        |symbol| typed.chars().nth(SYMBOLS.chars().position(|s| s == symbol).unwrap()).unwrap();
    let mut out = String::new();
    let mut accent = false;
    for c in text.chars().map(key) {
        match (accent, dead) {
            (false, _) if c == '`' => accent = true,
            (false, _) => out.push(c),
            (true, _) => {
                accent = false;
                match (combined(c), dead) {
                    (Some(letter), _) => out.push(letter),
                    (None, _) if c == ' ' => out.push('`'),
                    (None, Dead::Both) => out.extend(['`', c]),
                    (None, Dead::Swallowed) => out.extend((c == '`').then_some(c)),
                }
            }
        }
    }
    out
}

fn read(typed: String) -> ScanText {
    ScanText::from_line(Ok(typed))
}

#[test]
fn every_symbol_on_every_host_is_repaired() {
    for (host, hint, typed) in TYPED {
        assert_eq!(typed.chars().count(), SYMBOLS.chars().count(), "{host}");
        for symbol in BASE45.chars() {
            let text = format!("KS1:A{}", symbol.to_string().repeat(146));
            // On DE a dead accent before another is a case of its own, below.
            if typed.contains('`') && symbol == '+' {
                continue;
            }
            let want = match hint {
                None => ScanText::Plain(text.clone()),
                Some(hint) => ScanText::Repaired { text: text.clone(), hint },
            };
            assert_eq!(read(garble(&text, typed, Dead::Both)), want, "{host}: {symbol:?}");
        }
    }
}

#[test]
fn an_aim_identifier_typed_by_the_host_is_cut_off() {
    for (host, hint, typed) in TYPED {
        let token = token().replace('+', "-");
        let text = format!("]Q1{token}");
        // The assembler cuts it off where it came through unharmed.
        let Some(hint) = hint else { continue };
        assert_eq!(
            read(garble(&text, typed, Dead::Both)),
            ScanText::Repaired { text: token, hint },
            "{host}"
        );
    }
}

#[test]
fn a_german_dead_accent_is_repaired_or_named() {
    let base = token().replace('+', "-");
    let de = TYPED[6].2;
    let named = ScanText::Problem(ScanProblem::KeyboardLayout { hint: LayoutHint::De });
    for (pair, both, swallowed) in [
        // Combined to a letter: the same everywhere.
        ("+A", true, true),
        ("+U", true, true),
        // Typed apart or swallowed.
        ("+B", true, false),
        ("+Z", true, false),
        ("+:", true, false),
        ("+0", true, false),
        // One accent for two symbols.
        ("+ ", false, false),
        ("++", true, false),
    ] {
        let text = format!("{}{pair}{}", &base[..60], &base[62..]);
        assert_eq!(text.len(), 151);
        for (dead, repaired) in [(Dead::Both, both), (Dead::Swallowed, swallowed)] {
            let want = if repaired {
                ScanText::Repaired { text: text.clone(), hint: LayoutHint::De }
            } else {
                named.clone()
            };
            assert_eq!(read(garble(&text, de, dead)), want, "{pair:?} {dead:?}");
        }
    }
}

#[test]
fn strange_layouts_and_input_methods_are_named() {
    let body = &token()[4..];
    let hint = |typed: String| match read(typed) {
        ScanText::Problem(ScanProblem::KeyboardLayout { hint }) => Some(hint),
        _ => None,
    };
    // Spanish, Italian, Swiss; a scanner set to German, French, Japanese on a US host.
    for prefix in ["KS1Ñ", "KS1ç", "KS1é", "ks1ñ", "KS1>", "KS!.", "KS1'"] {
        assert_eq!(hint(format!("{prefix}{body}")), Some(LayoutHint::Unknown), "{prefix}");
    }
    for prefix in ["ＫＳ１：", "ｋｓ１：", "ＫＳ１＋", "のとぬれ"] {
        assert_eq!(hint(format!("{prefix}{body}")), Some(LayoutHint::JapaneseInput), "{prefix}");
    }
    // A layout that shares the prefix with German but not the rest (Swedish types + for -).
    assert_eq!(hint("KS1ÖAB+¤".to_owned() + body), Some(LayoutHint::De));
}

#[test]
fn other_codes_are_left_alone() {
    for text in [
        "",
        "KS1",
        "KSK",
        "https://example.com/KS1:",
        "HC1:6BFOXN",
        "KS1ÖL",
        "KSENIA+79123",
        "WIFI:S:x;;",
        "ks12345",
        "KS2:ABC",
    ] {
        let got = read(text.to_owned());
        let german = text == "KS1ÖL";
        assert_eq!(got.text().is_none(), german, "{text}: {got:?}");
    }
}

#[test]
fn a_repaired_scan_carries_its_doubt() {
    let repaired = read(garble(&token().replace('+', "-"), TYPED[9].2, Dead::Both));
    for reason in [ReasonCode::Malformed, ReasonCode::Forged, ReasonCode::WrongEvent] {
        let doubt = repaired.doubt(reason).unwrap();
        assert_eq!(doubt, ScanProblem::KeyboardLayout { hint: LayoutHint::Fr });
        assert!(doubt.en().contains("CDC-ACM") && doubt.ja().contains("CDC-ACM"));
        assert_eq!(read(token()).doubt(reason), None);
    }
    // A good signature vouches for the repair.
    for reason in [ReasonCode::Admitted, ReasonCode::AlreadyUsed, ReasonCode::DisplayStale] {
        assert_eq!(repaired.doubt(reason), None);
    }
}

proptest! {
    /// Whatever a host makes of a token: the same token comes out, or the layout is named.
    #[test]
    fn a_token_is_repaired_or_named(
        body in prop::collection::vec(prop::sample::select(BASE45.chars().collect::<Vec<_>>()), 305),
        length in prop::sample::select(TOKEN_LENGTHS.to_vec()),
    ) {
        let text: String = "KS1:".chars().chain(body).take(length).collect();
        for (host, hint, typed) in TYPED {
            for dead in [Dead::Both, Dead::Swallowed] {
                match read(garble(&text, typed, dead)) {
                    ScanText::Plain(got) => prop_assert_eq!((&got, hint), (&text, None), "{}", host),
                    ScanText::Repaired { text: got, hint: seen } => prop_assert_eq!((&got, Some(seen)), (&text, hint), "{}", host),
                    ScanText::Problem(problem) => {
                        let only = ScanProblem::KeyboardLayout { hint: LayoutHint::De };
                        prop_assert!(problem == only && typed.contains('`') && text.contains('+'), "{}: {:?}", host, problem);
                    }
                }
            }
        }
    }

    /// Any text at all: no panic, and what begins like a token as sent is never touched.
    #[test]
    fn any_text_is_judged(text in any::<String>()) {
        read(text.clone());
        let ours = format!("KS1:{text}");
        let got = read(ours.clone());
        prop_assert!(got == ScanText::Plain(ours) || got == ScanText::Problem(ScanProblem::BrokenOff));
    }
}
