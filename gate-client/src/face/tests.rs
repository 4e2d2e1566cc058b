//! What a terminal and a machine get to see.

use kaisatsu_shared::{
    bundle::{Bundle, Gate, OpenBundle, Policy, Rules, TicketType},
    calendar::TimeZone,
    display::clock::ClockWindow,
    id::{
        DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, OrganisationId, Serial,
        TypeId,
    },
    ledger::LastUse,
    reason::{Language, LocalText, ReasonCode},
    right::Authority,
    rules::{Direction, Facts, Verdict},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::Mode,
};
use unicode_width::UnicodeWidthStr as _;

use super::{
    Shown, StatusLine, json,
    paint::{Canvas, wrap},
    sentence::time_of,
    terminal::{ready, status_text, verdict_screen},
};
use crate::{
    engine::{LinkState, ScanId, Status},
    link::Notice,
    scan::ScanProblem,
    time::{ClockHealth, ClockSource},
};

/// 18:06 on 12 October 2026 in Tokyo.
const NOW: UnixMillis = UnixMillis(1_791_795_960_000);

fn bundle() -> OpenBundle {
    let name = |ja: &str, en: &str| LocalText { ja: ja.into(), en: en.into() };
    OpenBundle::new(Bundle {
        format: 1,
        installation: InstallationId([1; 16]),
        organisation: OrganisationId(1),
        event: EventId(1),
        name: name("音楽会", "Concert"),
        epoch: Epoch(0),
        version: 1,
        issued_at: NOW,
        not_after: NOW,
        keys: Vec::new(),
        rules: Rules {
            policy: Policy::Available,
            clock_window: ClockWindow::default(),
            types: vec![TicketType {
                id: TypeId(1),
                name: name("一般", "Adult"),
                entries: 2,
                display: Mode::Static,
                gates: Vec::new(),
                renewing: false,
                admission: Default::default(),
            }],
            gates: vec![Gate { id: GateId(1), name: name("北口", "North Gate"), into: None }],
            zone: "Asia/Tokyo".into(),
            calendar: Default::default(),
            zones: Vec::new(),
            capacity: None,
            unpaid: Default::default(),
            interventions: Default::default(),
            search: None,
        },
        operators: Vec::new(),
        hubs: Vec::new(),
        revoked: Vec::new(),
        revocations: Vec::new(),
        roster_complete: false,
    })
    .unwrap()
}

fn verdict(code: ReasonCode) -> Verdict {
    let at = TimeInterval::around(NOW, 1_000);
    let used = TimeInterval::exact(NOW.minus(240_000));
    let last_use = LastUse { gate: GateId(1), device: DeviceId(1), at: used };
    let facts = Facts {
        serial: Some(Serial(7)),
        ticket_type: Some(TypeId(1)),
        valid_from: Some(UnixSeconds(1_791_795_960 + 3_600)),
        last_use: Some(last_use),
        left: Some(1),
        ..Facts::default()
    };
    Verdict { code, facts, at }
}

fn rows(code: ReasonCode, language: Language, width: usize, height: usize) -> Vec<String> {
    let (bundle, verdict) = (bundle(), verdict(code));
    let shown = Shown {
        scan: ScanId(1),
        verdict: &verdict,
        authority: Some(Authority::Alone),
        source: None,
        bundle: Some(&bundle),
    };
    verdict_screen(&shown, language).rows(Canvas { width, height, color: false })
}

#[test]
fn a_used_ticket_says_where_and_when() {
    let screen = rows(ReasonCode::AlreadyUsed, Language::En, 80, 24).join("\n");
    assert!(screen.contains("Used at North Gate 18:02, 4 min ago"), "{screen}");
    assert!(screen.contains("Adult"), "{screen}");
    let screen = rows(ReasonCode::AlreadyUsed, Language::Ja, 80, 24).join("\n");
    assert!(screen.contains("18:02（4分前）に北口で使用済み"), "{screen}");
    assert!(screen.contains("一般") && screen.contains("不 可"), "{screen}");
}

#[test]
fn every_screen_fills_its_terminal_exactly() {
    for &code in ReasonCode::ALL {
        for language in [Language::Ja, Language::En] {
            for (width, height) in [(120, 40), (80, 24), (40, 12), (21, 7), (5, 3), (1, 1)] {
                let rows = rows(code, language, width, height);
                assert_eq!(rows.len(), height, "{code} {width}x{height}");
                for row in &rows {
                    // A wide character that doesn't fit leaves a column free.
                    assert!((width - 1..=width).contains(&row.width()), "{code}: {row:?}");
                }
            }
        }
    }
}

#[test]
fn outcomes_differ_without_colour() {
    let look = |code| rows(code, Language::En, 60, 20);
    let deny = look(ReasonCode::Forged);
    assert!(deny[0].starts_with("████") && deny[5].starts_with("██") && deny[5].ends_with("██"));
    assert!(look(ReasonCode::ClockUnsure)[0].starts_with("╱╱╱"));
    let admit = look(ReasonCode::Admitted).join("\n");
    assert!(admit.contains("╲╱") && admit.contains("1 left"), "{admit}");
}

#[test]
fn an_exit_looks_like_nothing_else_and_its_gate_says_what_it_scans() {
    let exit = rows(ReasonCode::Exited, Language::En, 60, 20).join("\n");
    assert!(exit.contains("◀──") && exit.contains("Leaving"), "{exit}");
    let waits = |language, direction| ready(language, direction).plain();
    for (language, says) in
        [(Language::En, "Scanning guests out"), (Language::Ja, "退場する方を読み取ります")]
    {
        assert!(waits(language, Direction::Exit).contains(says));
        assert!(!waits(language, Direction::Entry).contains(says));
    }
}

#[test]
fn colours_are_those_of_the_visual_language() {
    let (bundle, verdict) = (bundle(), verdict(ReasonCode::Admitted));
    let shown = Shown {
        scan: ScanId(1),
        verdict: &verdict,
        authority: None,
        source: None,
        bundle: Some(&bundle),
    };
    let screen = verdict_screen(&shown, Language::En);
    let paint = |color| screen.paint(Canvas { width: 60, height: 20, color });
    assert!(paint(true).contains("38;2;255;255;255;48;2;10;92;54m"));
    assert!(!paint(false).contains("48;2"));
    assert!(paint(false).contains("Let them in"));
    assert_eq!(screen.plain(), "✓ GO  Let them in · Adult · 1 left");
}

#[test]
fn times_are_in_the_events_zone_and_dated_on_other_days() {
    let zone = TimeZone::named("Asia/Tokyo").unwrap();
    let utc = TimeZone::named("UTC").unwrap();
    assert_eq!(time_of(NOW, NOW, zone, Language::En), "18:06");
    let next = NOW.plus(86_400_000);
    assert_eq!(time_of(next, NOW, zone, Language::En), "13 Oct 18:06");
    assert_eq!(time_of(next, NOW, zone, Language::Ja), "10/13 18:06");
    assert_eq!(time_of(NOW, NOW, utc, Language::En), "09:06");
    // Also what no calendar holds.
    assert!(!time_of(UnixMillis(u64::MAX), NOW, zone, Language::En).is_empty());
}

#[test]
fn lines_are_wrapped_at_spaces_and_between_japanese_characters() {
    assert_eq!(wrap("Not valid yet: opens 19:06", 12), ["Not valid", "yet: opens", "19:06"]);
    assert_eq!(wrap("使用済みの券", 5), ["使用", "済み", "の券"]);
    assert_eq!(wrap("", 5), [""]);
    assert_eq!(wrap("abc", 1), ["a", "b", "c"]);
}

#[test]
fn machines_get_both_languages_and_the_facts() {
    let (bundle, verdict) = (bundle(), verdict(ReasonCode::NotYetValid));
    let shown = Shown {
        scan: ScanId(3),
        verdict: &verdict,
        authority: Some(Authority::Server),
        source: Some("stdin"),
        bundle: Some(&bundle),
    };
    let line = json::verdict(&shown);
    assert_eq!(line["scan"], 3);
    assert_eq!(line["outcome"], "deny");
    assert_eq!(line["code"], "not_yet_valid");
    assert_eq!(line["sentence_en"], "Not valid yet: opens 19:06, now 18:06");
    assert!(line["sentence_ja"].as_str().unwrap().contains("19:06"));
    assert_eq!(line["facts"]["serial"], 7);
    assert_eq!(line["authority"], "server");
    assert_eq!(line["source"], "stdin");
    assert_eq!(line["at"]["earliest"], NOW.0 - 1_000);
}

#[test]
fn only_verdicts_have_an_outcome() {
    let problem = json::problem(ScanProblem::NoCode, "images:a.png");
    assert_eq!((&problem["kind"], &problem["code"]), (&"problem".into(), &"no_code".into()));
    let notice = json::notice(&Notice::link(LinkState::Alone, None));
    assert_eq!((&notice["kind"], &notice["link"]), (&"notice".into(), &"alone".into()));
    let conflict = json::notice(&Notice::conflict(Serial(7), 12));
    assert_eq!((&conflict["serial"], &conflict["number"]), (&7.into(), &12.into()));
    for line in [problem, notice, conflict] {
        assert!(line.get("outcome").is_none());
        assert!(line["sentence_ja"].is_string() && line["sentence_en"].is_string());
    }
}

#[test]
fn the_status_line_names_gate_link_and_what_waits() {
    let status = Status {
        link: LinkState::Alone,
        unsynced: 3,
        journal: 5,
        ledger: 9,
        tickets: 2,
        leased: 0,
        bundle_version: Some(1),
        operator: OperatorId(12),
    };
    let name = Some(LocalText { ja: "北口".into(), en: "North Gate".into() });
    let clock = ClockHealth {
        source: ClockSource::Signed,
        uncertainty_ms: Some(200),
        warnings: Vec::new(),
    };
    let line = StatusLine {
        zone: None,
        direction: Direction::Entry,
        gate: GateId(1),
        name,
        status,
        clock,
        operator: Some("Lead".into()),
        event: None,
    };
    assert_eq!(
        status_text(&line, Language::En),
        " North Gate · alone · 3 to deliver · Clock ±0.2 s · Lead"
    );
    assert_eq!(status_text(&line, Language::Ja), " 北口 · 単独 · 未送信 3 · 時計 ±0.2秒 · Lead");
    let unnamed = StatusLine { name: None, ..line };
    assert!(status_text(&unnamed, Language::En).starts_with(" Gate 1"));
}
