//! The files read: cases in order, names unique, one hash over everything.

use std::collections::{BTreeMap, BTreeSet};

use kaisatsu_shared::reason::ReasonCode;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Unusable,
    case::{Case, Family},
};

/// The file with the bundle that cases change.
pub const DEFAULT_BUNDLE: &str = "default-bundle.json";

/// Files by name: the text of each.
pub type Files = BTreeMap<String, String>;

/// All cases.
#[derive(Debug)]
pub struct Suite {
    pub(crate) bundle: Value,
    pub(crate) cases: Vec<(String, Case)>,
    pub(crate) sha256: String,
}

impl Suite {
    /// Reads the files.
    ///
    /// # Errors
    /// [`Unusable`] for a file that can't be read, an unknown field, or a name used twice.
    pub fn read(files: &Files) -> Result<Self, Unusable> {
        let mut hash = Sha256::new();
        let mut bundle = None;
        let mut cases = Vec::new();
        for (file, text) in files {
            // With lengths, so that no two sets of files are the same bytes.
            hash.update(format!("{file}\n{}\n", text.len()));
            hash.update(text);
            let unusable = |error| Unusable::because(file, error);
            if file == DEFAULT_BUNDLE {
                bundle = Some(serde_json::from_str(text).map_err(unusable)?);
            } else {
                let family: Family = serde_json::from_str(text).map_err(unusable)?;
                cases.extend(family.cases.into_iter().map(|case| (file.clone(), case)));
            }
        }
        let mut names = BTreeSet::new();
        if let Some((file, case)) = cases.iter().find(|(_, case)| !names.insert(&case.name)) {
            return Err(Unusable(format!("{file}: a second case is named `{}`", case.name)));
        }
        let bundle = bundle.ok_or_else(|| Unusable(format!("{DEFAULT_BUNDLE} is missing")))?;
        Ok(Self { bundle, cases, sha256: hex::encode(hash.finalize()) })
    }

    /// How many cases expect each reason.
    #[must_use]
    pub fn reasons(&self) -> BTreeMap<ReasonCode, usize> {
        let mut reasons = BTreeMap::new();
        for (_, case) in &self.cases {
            *reasons.entry(case.expect.code).or_default() += 1;
        }
        reasons
    }

    /// The names of all cases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.cases.iter().map(|(_, case)| case.name.as_str())
    }
}
