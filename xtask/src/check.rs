//! `./x ci`: everything that is checked without running a test.

use anyhow::{Result, bail};

use crate::test::camera;
use crate::{browser, run};

pub(crate) fn check() -> Result<()> {
    run::run(&mut run::cargo(["fmt", "--all", "--check"])?)?;

    // With the features without which the planted faults' own code and browser tests aren't looked at.
    let features =
        ["--features", "kaisatsu-simulation/planted-bugs", "--features", browser::FEATURE];
    let mut clippy = run::cargo(["clippy", "--workspace", "--all-targets"])?;
    run::run(
        clippy
            .args(features)
            .args(camera()?.iter().flat_map(|feature| ["--features", feature]))
            .args(["--", "-D", "warnings"]),
    )?;

    let mut doc = run::cargo(["doc", "--workspace", "--no-deps", "--document-private-items"])?;
    doc.args(["--features", browser::FEATURE]);
    run::run(doc.env("RUSTDOCFLAGS", "-D warnings"))?;

    if !run::works(&mut run::cargo(["deny", "--version"])?) {
        bail!("licences and sources are checked by cargo-deny: cargo install cargo-deny --locked");
    }
    run::run(&mut run::cargo(["deny", "check", "bans", "licenses", "sources"])?)?;
    // The advisories' database is a git repository that not every network reaches.
    if run::works(&mut run::cargo(["deny", "fetch", "db"])?) {
        run::run(&mut run::cargo(["deny", "check", "--disable-fetch", "advisories"])?)?;
    } else {
        println!("advisories: skipped, their database can't be reached from here");
    }
    Ok(())
}
