//! What people and machines get to see.

use kaisatsu_shared::reason::Language;
use serde_json::json;

use super::super::*;

fn health(uncertainty_ms: Option<u64>, warnings: &[ClockWarning]) -> ClockHealth {
    ClockHealth { source: ClockSource::Signed, uncertainty_ms, warnings: warnings.to_vec() }
}

#[test]
fn the_status_line_is_short_in_both_languages() {
    for (health, ja, en) in [
        (health(Some(101), &[]), "時計 ±0.2秒", "Clock ±0.2 s"),
        (health(Some(120_000), &[]), "時計 ±120.0秒", "Clock ±120.0 s"),
        (health(None, &[]), "時計が不確か", "Clock unsure"),
        (health(Some(u64::MAX), &[]), "時計が不確か", "Clock unsure"),
        (health(None, &[ClockWarning::CrowdDiffers]), "時計が不確か", "Clock unsure"),
        (health(Some(9), &[ClockWarning::CrowdDiffers]), "時計を確かめて", "Check the clock"),
        (
            health(Some(9), &[ClockWarning::NeedsConfirmation]),
            "時計は係の確認待ち",
            "Clock waits for an admin",
        ),
    ] {
        assert_eq!(health.words(Language::Ja), ja);
        assert_eq!(health.words(Language::En), en);
    }
}

#[test]
fn machines_get_snake_case_and_what_they_wrote() {
    let health = health(Some(101), &[ClockWarning::NeedsConfirmation, ClockWarning::FarFromServer]);
    let value = serde_json::to_value(&health).unwrap();
    let expected = json!({
        "source": "signed", "uncertainty_ms": 101,
        "warnings": ["needs_confirmation", "far_from_server"],
    });
    assert_eq!(value, expected);
    assert_eq!(serde_json::from_value::<ClockHealth>(value).unwrap(), health);
    assert_eq!(health.coarse().uncertainty_ms, Some(200));
}

#[test]
fn every_warning_has_its_code_and_sentences() {
    let all = [
        ClockWarning::Rollback,
        ClockWarning::NeedsConfirmation,
        ClockWarning::CrowdDiffers,
        ClockWarning::FarFromServer,
    ];
    let mut codes: Vec<_> = all.iter().map(|warning| warning.code()).collect();
    codes.dedup();
    assert_eq!(codes.len(), all.len());
    for warning in all {
        assert!(warning.sentence(Language::En).is_ascii(), "{warning:?}");
        assert!(!warning.sentence(Language::Ja).is_ascii(), "{warning:?}");
    }
}
