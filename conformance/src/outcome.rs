//! A verdict beside what its case expects, and the report of a run.

use serde::{Deserialize, Serialize};

use crate::{
    Suite, Unusable,
    case::{Case, Expect},
    patch::{difference, resolve},
    then::Played,
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
    pub(crate) fn of<T: Into<Played>>(
        suite: &Suite,
        play: impl Fn(&Case, World) -> Result<T, Unusable>,
    ) -> Self {
        Self::of_those(suite, |_| true, play)
    }

    /// Plays the cases that are `meant` with `play`.
    pub(crate) fn of_those<T: Into<Played>>(
        suite: &Suite,
        meant: impl Fn(&Case) -> bool,
        play: impl Fn(&Case, World) -> Result<T, Unusable>,
    ) -> Self {
        let (mut cases, mut failures) = (0_usize, Vec::new());
        for (file, case) in suite.cases.iter().filter(|(_, case)| meant(case)) {
            cases = cases.saturating_add(1);
            let played = World::new(&suite.bundle, case).and_then(|world| play(case, world));
            let why = match played.and_then(|played| mismatch(&case.expect, &played.into())) {
                Ok(None) => continue,
                Ok(Some(why)) => why,
                Err(error) => error.to_string(),
            };
            failures.push(Failure { file: file.clone(), name: case.name.clone(), why });
        }
        Self { cases, sha256: suite.sha256.clone(), failures }
    }

    /// The line that names this run.
    #[must_use]
    pub fn line(&self, who: &str) -> String {
        format!("conformance {who}: {} cases, sha256 {}", self.cases, self.sha256)
    }
}

fn mismatch(expect: &Expect, played: &Played) -> Result<Option<String>, Unusable> {
    let Played { verdict, declined } = played;
    if *declined != expect.declined {
        let wanted = expect.declined;
        return Ok(Some(format!("staff's word: declined {declined:?}, expected {wanted:?}")));
    }
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
