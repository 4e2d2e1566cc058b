//! The suite itself: every reason has its cases, and the runs notice a wrong expectation.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{files, wasm};
use kaisatsu_conformance::{Files, Suite, play_at_gate, play_at_server};
use kaisatsu_shared::reason::ReasonCode;

#[test]
fn every_reason_has_two_cases() {
    let reasons = Suite::read(&files()).unwrap().reasons();
    let count = |code| reasons.get(code).copied().unwrap_or_default();
    let too_few: Vec<_> = ReasonCode::ALL.iter().filter(|code| count(code) < 2).collect();
    assert!(too_few.is_empty(), "fewer than two cases: {too_few:?}");
}

/// One case beside the default bundle.
fn one(case: &str) -> Files {
    let mut files = files();
    files.retain(|name, _| name == kaisatsu_conformance::DEFAULT_BUNDLE);
    files.insert("one.json".into(), format!(r#"{{"about": "one", "cases": [{case}]}}"#));
    files
}

#[test]
fn each_run_notices_a_wrong_expectation() {
    for expect in [
        r#"{"outcome": "deny", "code": "expired"}"#,
        r#"{"outcome": "deny", "code": "admitted"}"#,
        r#"{"outcome": "admit", "code": "admitted", "facts": {"left": 1}}"#,
        r#"{"outcome": "admit", "code": "admitted", "facts": {"left": null}}"#,
    ] {
        let files =
            one(&format!(r#"{{"name": "wrong", "scan": {{"ticket": 0}}, "expect": {expect}}}"#));
        let suite = Suite::read(&files).unwrap();
        for run in [play_at_gate(&suite), play_at_server(&suite), wasm::play(&files)] {
            assert_eq!((run.cases, run.failures.len()), (1, 1), "{expect}");
        }
    }
}

#[test]
fn a_misspelt_field_or_a_name_used_twice_is_refused() {
    let expect = r#""expect": {"outcome": "admit", "code": "admitted"}"#;
    let good = format!(r#"{{"name": "a", "scan": {{"ticket": 0}}, {expect}}}"#);
    assert!(Suite::read(&one(&good)).is_ok());
    for bad in [
        format!("{good}, {good}"),
        format!(r#"{{"name": "a", "scan": {{"ticket": 0}}, "gates": 1, {expect}}}"#),
        format!(r#"{{"name": "a", "scan": {{"tickets": 0}}, {expect}}}"#),
        format!(r#"{{"name": "a", "scan": {{"ticket": 0, "bends": ["broken"]}}, {expect}}}"#),
    ] {
        assert!(Suite::read(&one(&bad)).is_err(), "{bad}");
    }
}

#[test]
fn a_case_that_can_not_be_set_up_fails() {
    for broken in [
        r#""scan": {"ticket": 0, "text": "both"}"#,
        r#""scan": {"ticket": 0}, "tickets": []"#,
        r#""scan": {"ticket": 0}, "bundle": {"rules": {"policy": "lenient"}}"#,
        r#""scan": {"ticket": 0}, "history": [{"do": "voided", "ticket": 9}]"#,
        r#""scan": {"ticket": 0}, "history": [{"do": "voided", "unseen": true}, {"do": "voided"}]"#,
    ] {
        let case = format!(
            r#"{{"name": "a", {broken}, "expect": {{"outcome": "admit", "code": "admitted"}}}}"#
        );
        let suite = Suite::read(&one(&case)).unwrap();
        let run = play_at_gate(&suite);
        assert_eq!(run.failures.len(), 1, "{broken}");
    }
}
