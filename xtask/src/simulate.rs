//! `./x simulate`: the deterministic simulation, with the planted faults that its checks must catch.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::{programs::Programs, run};

const PACKAGE: &str = "kaisatsu-simulation";
/// Without it no fault can be planted; shipped programs are built without it.
const PLANTED: &str = "planted-bugs";

/// Optimised: a seed takes some milliseconds.
pub(crate) fn simulate(arguments: Vec<OsString>) -> Result<()> {
    let built = Programs::build(&["--release", "-p", PACKAGE, "--features", PLANTED])?;
    run::replace(Command::new(built.path(PACKAGE)?).args(arguments))
}

/// Sees each planted fault caught, and more seeds hold. Apart from the other tests, which play the code as it is shipped.
pub(crate) fn catch() -> Result<()> {
    run::run(&mut run::cargo([
        "test",
        "-p",
        PACKAGE,
        "--features",
        PLANTED,
        "--test",
        "bugs",
        "--test",
        "more",
        "--test",
        "signatures",
    ])?)
}
