//! `./x fuzz`: a short run of every fuzz target. Without nightly Rust, therefore without sanitizer.

use std::path::Path;

use anyhow::{Context, Result, bail, ensure};

use crate::run;

pub(crate) fn fuzz(seconds: u32) -> Result<()> {
    let folder = run::root()?.join("fuzz");
    if !folder.join("Cargo.toml").exists() {
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
        let mut fuzz = run::cargo(["fuzz", "run", "-s", "none", target])?;
        fuzz.args(inputs(&folder, target)?).args(["--", "-print_final_stats=1"]);
        run::run(fuzz.arg(format!("-max_total_time={seconds}")).env("RUSTC_BOOTSTRAP", "1"))?;
        println!("fuzz {target}: {seconds} s without a crash");
    }
    Ok(())
}

/// The folders of a target's inputs: what is found goes to the first, the kept ones are only read.
fn inputs(folder: &Path, target: &str) -> Result<Vec<std::path::PathBuf>> {
    let corpus = folder.join("corpus").join(target);
    std::fs::create_dir_all(&corpus).with_context(|| format!("making {}", corpus.display()))?;
    let kept = ["seeds", "findings"].map(|kind| folder.join(kind).join(target));
    Ok([corpus].into_iter().chain(kept.into_iter().filter(|kept| kept.exists())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_inputs_are_read_and_new_ones_go_elsewhere() {
        let folder = run::root().unwrap().join("target/fuzz-inputs");
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::create_dir_all(folder.join("seeds/one")).unwrap();
        let named = |target: &str| -> Vec<_> {
            let inputs = inputs(&folder, target).unwrap();
            inputs.iter().map(|path| path.strip_prefix(&folder).unwrap().to_owned()).collect()
        };
        assert_eq!(named("one"), [Path::new("corpus/one"), Path::new("seeds/one")]);
        assert_eq!(named("two"), [Path::new("corpus/two")]);
        assert!(folder.join("corpus/two").is_dir());
    }
}
