//! The project's programs: built, and found where cargo put them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

/// Programs that were just built, by name.
pub(crate) struct Programs(BTreeMap<String, PathBuf>);

impl Programs {
    /// Builds what `selection` names; cargo itself says where each program lies.
    pub(crate) fn build(selection: &[&str]) -> Result<Self> {
        let mut build =
            run::cargo(["build", "--bins", "--message-format=json-render-diagnostics"])?;
        Ok(Self(executables(&run::output(build.args(selection))?)))
    }

    /// Where a program lies.
    pub(crate) fn path(&self, name: &str) -> Result<&PathBuf> {
        self.0.get(name).with_context(|| format!("no package builds the program `{name}`"))
    }
}

/// Program name → path, from cargo's JSON messages (one a line, those of kind `compiler-artifact`).
fn executables(messages: &str) -> BTreeMap<String, PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| {
            let name = message.pointer("/target/name")?.as_str()?.to_owned();
            let path = message.get("executable")?.as_str()?.into();
            Some((name, path))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_read_from_cargos_messages() {
        let messages = r#"{"reason":"compiler-artifact","target":{"name":"kaisatsu_shared","kind":["lib"]},"executable":null}
{"reason":"compiler-artifact","target":{"name":"kaisatsu-gate","kind":["bin"]},"executable":"/t/debug/kaisatsu-gate"}
a line that some build script printed
{"reason":"build-finished","success":true}"#;
        let expected =
            BTreeMap::from([("kaisatsu-gate".to_owned(), PathBuf::from("/t/debug/kaisatsu-gate"))]);
        assert_eq!(executables(messages), expected);
    }
}
