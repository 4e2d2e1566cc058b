//! `./x demo`: builds what the demo starts and hands over to it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::run;

const PACKAGES: [&str; 3] = ["kaisatsu-server", "kaisatsu-gate", "kaisatsu-fixtures"];

/// Becomes `kaisatsu-demo`: its exit code, its signals.
pub(crate) fn demo(arguments: Vec<OsString>) -> Result<()> {
    let built = build()?;
    let binary = |name: &str| {
        built.get(name).with_context(|| format!("no package of the demo builds the program `{name}`: look at [[bin]] in fixtures/Cargo.toml"))
    };
    let mut demo = Command::new(binary("kaisatsu-demo")?);
    demo.arg("--server-bin").arg(binary("kaisatsu-server")?);
    demo.arg("--gate-bin").arg(binary("kaisatsu-gate")?);
    demo.arg("--proxy-bin").arg(binary("kaisatsu-proxy")?);
    demo.arg("--dir").arg(target_folder()?.join("demo"));
    run::replace(demo.args(arguments))
}

/// Builds the demo's programs; cargo itself says where each one lies.
fn build() -> Result<BTreeMap<String, PathBuf>> {
    let mut build = run::cargo(["build", "--bins", "--message-format=json-render-diagnostics"])?;
    build.args(PACKAGES.iter().flat_map(|package| ["-p", package]));
    Ok(executables(&run::output(&mut build)?))
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

fn target_folder() -> Result<PathBuf> {
    let metadata: Value = serde_json::from_str(&run::output(&mut run::cargo([
        "metadata",
        "--no-deps",
        "--format-version=1",
    ])?)?)?;
    let folder = metadata.get("target_directory").and_then(Value::as_str);
    folder.map(PathBuf::from).context("cargo metadata names no target_directory")
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
