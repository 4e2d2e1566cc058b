use proptest::prelude::*;

use super::super::line::{End, LineAssembler, LineOptions, MAX_BYTES};
use super::super::problem::ScanProblem;
use super::super::view::View;
use super::super::{ScanInput, ScanText};
use super::token;

type Scans = Vec<Result<String, ScanProblem>>;

fn scans(bytes: &[u8]) -> Scans {
    LineAssembler::new(LineOptions::default()).push(bytes, 0)
}

fn texts(of: &[&str]) -> Scans {
    of.iter().map(|text| Ok((*text).to_owned())).collect()
}

#[test]
fn every_suffix_ends_a_scan_once() {
    for suffix in ["\r", "\n", "\r\n", "\t", "\n\r", "\r\n\r\n"] {
        let sent = format!("KS1:A{suffix}KS1:B{suffix}");
        assert_eq!(scans(sent.as_bytes()), texts(&["KS1:A", "KS1:B"]), "{suffix:?}");
    }
}

#[test]
fn crlf_may_be_cut_anywhere() {
    let mut lines = LineAssembler::new(LineOptions::default());
    let mut got = Vec::new();
    for (at, byte) in (0..).zip(b"KS1:A\r\nKS1:B\r\n") {
        got.extend(lines.push(&[*byte], at));
    }
    assert_eq!(got, texts(&["KS1:A", "KS1:B"]));
}

#[test]
fn prefixes_are_cut_off() {
    for aim in ["]Q0", "]Q1", "]Q2", "]Q3", "]d2"] {
        assert_eq!(scans(format!("{aim}KS1:A\r").as_bytes()), texts(&["KS1:A"]));
    }
    assert_eq!(scans(b"]C1KS1:A\r"), texts(&["]C1KS1:A"]));
    let options = LineOptions { prefix: "GATE-".into(), ..LineOptions::default() };
    for front in ["GATE-", "GATE-]Q1", "]Q1GATE-", "]Q1", ""] {
        let got = LineAssembler::new(options.clone()).push(format!("{front}KS1:A\n").as_bytes(), 0);
        assert_eq!(got, texts(&["KS1:A"]), "{front}");
    }
}

#[test]
fn a_scan_too_long_is_dropped_whole() {
    let mut sent = vec![b'A'; MAX_BYTES];
    sent.push(b'\n');
    assert_eq!(scans(&sent), texts(&["A".repeat(MAX_BYTES).as_str()]));
    let mut sent = vec![b'A'; 3 * MAX_BYTES];
    sent.extend(b"KS1:REST\nKS1:B\n");
    assert_eq!(scans(&sent), [Err(ScanProblem::TooLong), Ok("KS1:B".to_owned())]);
}

#[test]
fn silence_breaks_a_half_scan_off() {
    let mut lines = LineAssembler::new(LineOptions::default());
    assert_eq!(lines.push(b"KS1:HALF", 1_000), []);
    assert_eq!(lines.tick(1_499), None);
    assert_eq!(lines.push(b"", 1_499), [], "nothing is no sign of life");
    assert_eq!(lines.tick(1_500), Some(Err(ScanProblem::BrokenOff)));
    assert_eq!(lines.tick(9_000), None);
    assert_eq!(lines.push(b"KS1:B\r", 9_000), texts(&["KS1:B"]));
    // Without ticks (a page's key events) the next byte's time shows the gap.
    assert_eq!(lines.push(b"KS1:HALF", 10_000), []);
    assert_eq!(
        lines.push(b"KS1:C\r", 10_600),
        [Err(ScanProblem::BrokenOff), Ok("KS1:C".to_owned())]
    );
}

#[test]
fn slow_typing_is_one_scan() {
    let mut lines = LineAssembler::new(LineOptions::default());
    let mut got = Vec::new();
    for (key, byte) in (0..).zip(b"KS1:SLOW\r") {
        let now = key * 499;
        got.extend(lines.tick(now));
        got.extend(lines.push(&[*byte], now));
    }
    assert_eq!(got, texts(&["KS1:SLOW"]));
}

#[test]
fn silence_completes_where_no_suffix_is_sent() {
    let options = LineOptions { end: End::Silence, ..LineOptions::default() };
    let mut lines = LineAssembler::new(options);
    assert_eq!(lines.push(b"KS1:A", 0), []);
    assert_eq!(lines.tick(500), Some(Ok("KS1:A".to_owned())));
    assert_eq!(lines.push(b"KS1:B", 600), []);
    assert_eq!(lines.push(b"KS1:C\n", 1_200), texts(&["KS1:B", "KS1:C"]));
}

#[test]
fn without_gap_a_line_may_take_its_time() {
    let mut lines = LineAssembler::new(LineOptions { gap_ms: None, ..LineOptions::default() });
    assert_eq!(lines.push(b"KS1:", 0), []);
    assert_eq!(lines.tick(1_000_000), None);
    assert_eq!(lines.push(b"A", 2_000_000), []);
    assert_eq!(lines.finish(), Some(Ok("KS1:A".to_owned())));
    assert_eq!(lines.finish(), None);
}

#[test]
fn what_is_not_text_is_named() {
    assert_eq!(
        scans(b"KS1:\xff\xfe\nKS1:B\n"),
        [Err(ScanProblem::NotText), Ok("KS1:B".to_owned())]
    );
    assert_eq!(scans(b"KS1:A\0B\n"), [Err(ScanProblem::NotText)]);
    assert_eq!(scans(b"\0\0KS1:A\0\r\0\0\n\0"), texts(&["KS1:A"]));
    let mut lines = LineAssembler::new(LineOptions::default());
    assert_eq!(lines.push(&[0; 9], 0), []);
    assert_eq!(lines.tick(5_000), None, "padding is no broken scan");
}

#[test]
fn after_lost_bytes_the_rest_of_the_scan_goes_too() {
    let mut lines = LineAssembler::new(LineOptions::default());
    assert_eq!(lines.push(b"KS1:HA", 0), []);
    assert_eq!(lines.broken(), Some(Err(ScanProblem::BrokenOff)));
    assert_eq!(lines.push(b"LF\rKS1:B\r", 10), texts(&["KS1:B"]));
    assert_eq!(lines.broken(), Some(Err(ScanProblem::BrokenOff)));
    assert_eq!(lines.broken(), None, "one report a scan");
    assert_eq!(lines.tick(600), None);
    assert_eq!(lines.push(b"KS1:C\r", 700), texts(&["KS1:C"]));
}

#[test]
fn a_half_scan_before_a_whole_one_is_named() {
    let token = token();
    for half in [&token[..20], "https://exa", "]"] {
        let joined = ScanText::from_line(Ok(format!("{half}{token}")));
        assert_eq!(joined, ScanText::Problem(ScanProblem::BrokenOff), "{half}");
    }
    let chance = format!("{}KS1:{}", &token[..80], &token[..67]);
    assert_eq!(chance.len(), 151);
    assert_eq!(ScanText::from_line(Ok(chance.clone())), ScanText::Plain(chance));
}

#[test]
fn a_code_is_reported_once_while_it_stays_in_view() {
    let mut view = View::new();
    assert!(view.enters("A", 0));
    assert!(!view.enters("A", 900));
    assert!(view.enters("B", 950));
    assert!(!view.enters("A", 1_800), "seen 900 ms ago");
    assert!(view.enters("B", 1_950), "left for a second");
    assert!(view.enters("A", 2_800));
}

#[test]
fn scans_can_cross_threads() {
    fn crosses<T: Send + Sync + 'static>() {}
    crosses::<ScanInput>();
}

proptest! {
    /// However the stream is cut, the same scans come out.
    #[test]
    fn cutting_the_stream_changes_nothing(bytes in prop::collection::vec(any::<u8>(), 0..600), cuts in prop::collection::vec(1_usize..40, 1..40)) {
        let whole = scans(&bytes);
        let mut lines = LineAssembler::new(LineOptions::default());
        let mut got = Vec::new();
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at((*cut).min(rest.len()));
            got.extend(lines.push(now, 0));
            rest = later;
        }
        prop_assert_eq!(got, whole);
    }
}
