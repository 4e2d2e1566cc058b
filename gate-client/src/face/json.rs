//! What is told as JSON documents. `kind` tells a verdict from a problem with the scan, a notice and the state of the
//! clock; only verdicts have an `outcome`.

use kaisatsu_shared::reason::Language;
use serde_json::{Value, json};

use crate::{link::Notice, scan::ScanProblem, time::ClockHealth};

use super::{Shown, sentence::sentence};

pub(super) fn verdict(shown: &Shown<'_>) -> Value {
    let verdict = shown.verdict;
    let mut line = json!({
        "kind": "verdict",
        "scan": shown.scan.0,
        "outcome": verdict.outcome(),
        "code": verdict.code,
        "sentence_ja": sentence(verdict, Language::Ja, shown.bundle),
        "sentence_en": sentence(verdict, Language::En, shown.bundle),
        "facts": verdict.facts,
        "at": verdict.at,
    });
    if let Value::Object(fields) = &mut line {
        if let Some(source) = shown.source {
            fields.insert("source".to_owned(), source.into());
        }
        if let Some(authority) = shown.authority {
            fields.insert("authority".to_owned(), json!(authority));
        }
        if let Some(asks) = shown.bundle.and_then(|bundle| verdict.asks(bundle)) {
            fields.insert("asks".to_owned(), json!(asks));
        }
    }
    line
}

pub(super) fn problem(problem: ScanProblem, source: &str) -> Value {
    json!({
        "kind": "problem",
        "code": problem.code(),
        "sentence_ja": problem.ja(),
        "sentence_en": problem.en(),
        "source": source,
    })
}

pub(super) fn notice(notice: &Notice) -> Value {
    let mut line = notice.data.clone();
    line.insert("kind".to_owned(), "notice".into());
    line.insert("code".to_owned(), notice.code.clone().into());
    line.insert("sentence_ja".to_owned(), notice.ja.clone().into());
    line.insert("sentence_en".to_owned(), notice.en.clone().into());
    Value::Object(line)
}

pub(super) fn clock(health: &ClockHealth) -> Value {
    json!({
        "kind": "clock",
        "source": health.source,
        "uncertainty_ms": health.uncertainty_ms,
        "warnings": health.warnings,
        "sentence_ja": health.words(Language::Ja),
        "sentence_en": health.words(Language::En),
    })
}
