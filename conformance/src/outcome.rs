//! A verdict beside what its case expects, and the report of a run.

use kaisatsu_shared::rules::Verdict;
use serde::{Deserialize, Serialize};

use crate::{
    Suite, Unusable,
    case::{Case, Expect},
    patch::{difference, resolve},
    world::World,
};

/// What a run of the suite ended with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// How many cases were played.
    pub cases: usize,
    /// The hash of the files.
    pub sha256: String,
    /// The cases that didn't end as expected.
    pub failures: Vec<Failure>,
}

/// A case that didn't end as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Its file.
    pub file: String,
    /// Its name.
    pub name: String,
    /// What differs, or why it couldn't be played.
    pub why: String,
}

impl Report {
    /// Plays every case with `play`.
    pub(crate) fn of(
        suite: &Suite,
        play: impl Fn(&Case, World) -> Result<Verdict, Unusable>,
    ) -> Self {
        let mut failures = Vec::new();
        for (file, case) in &suite.cases {
            let verdict = World::new(&suite.bundle, case).and_then(|world| play(case, world));
            let why = match verdict.and_then(|verdict| mismatch(&case.expect, &verdict)) {
                Ok(None) => continue,
                Ok(Some(why)) => why,
                Err(error) => error.to_string(),
            };
            failures.push(Failure { file: file.clone(), name: case.name.clone(), why });
        }
        Self { cases: suite.cases.len(), sha256: suite.sha256.clone(), failures }
    }

    /// The line that names this run.
    #[must_use]
    pub fn line(&self, who: &str) -> String {
        format!("conformance {who}: {} cases, sha256 {}", self.cases, self.sha256)
    }
}

fn mismatch(expect: &Expect, verdict: &Verdict) -> Result<Option<String>, Unusable> {
    if (verdict.code, verdict.outcome()) != (expect.code, expect.outcome) {
        let (found, wanted) = (verdict.code, expect.code);
        return Ok(Some(format!(
            "ended with {:?} {found}, expected {:?} {wanted}",
            verdict.outcome(),
            expect.outcome
        )));
    }
    let mut wanted = expect.facts.clone().unwrap_or_else(|| serde_json::json!({}));
    resolve(&mut wanted)?;
    let found =
        serde_json::to_value(verdict.facts).map_err(|error| Unusable::because("facts", error))?;
    Ok(difference(&wanted, Some(&found), "facts"))
}
