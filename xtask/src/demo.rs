//! `./x demo`: builds what the demo starts and hands over to it.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::programs::Programs;
use crate::run;

const PACKAGES: [&str; 6] =
    ["-p", "kaisatsu-server", "-p", "kaisatsu-gate", "-p", "kaisatsu-fixtures"];

/// Becomes `kaisatsu-demo`: its exit code, its signals.
pub(crate) fn demo(arguments: Vec<OsString>) -> Result<()> {
    let built = Programs::build(&PACKAGES)?;
    let mut demo = Command::new(built.path("kaisatsu-demo")?);
    demo.arg("--server-bin").arg(built.path("kaisatsu-server")?);
    demo.arg("--gate-bin").arg(built.path("kaisatsu-gate")?);
    demo.arg("--proxy-bin").arg(built.path("kaisatsu-proxy")?);
    demo.arg("--dir").arg(target_folder()?.join("demo"));
    run::replace(demo.args(arguments))
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
