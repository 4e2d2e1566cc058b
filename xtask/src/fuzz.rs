//! `./x fuzz`: a short run of every fuzz target. Without nightly Rust, therefore without sanitizer.

use anyhow::{Result, bail, ensure};

use crate::run;

pub(crate) fn fuzz(seconds: u32) -> Result<()> {
    if !run::root()?.join("fuzz/Cargo.toml").exists() {
        println!("fuzz: skipped, there is no folder fuzz/ yet");
        return Ok(());
    }
    if !run::works(&mut run::cargo(["fuzz", "--version"])?) {
        bail!("fuzzing needs cargo-fuzz: cargo install cargo-fuzz --locked");
    }
    let targets = run::output(&mut run::cargo(["fuzz", "list"])?)?;
    ensure!(!targets.trim().is_empty(), "fuzz/Cargo.toml names no target");
    for target in targets.lines().map(str::trim).filter(|target| !target.is_empty()) {
        // cargo-fuzz passes unstable flags, which a stable compiler takes under this name.
        let mut fuzz = run::cargo(["fuzz", "run", "-s", "none", target, "--"])?;
        run::run(
            fuzz.arg(format!("-max_total_time={seconds}"))
                .arg("-print_final_stats=1")
                .env("RUSTC_BOOTSTRAP", "1"),
        )?;
        println!("fuzz {target}: {seconds} s without a crash");
    }
    Ok(())
}
