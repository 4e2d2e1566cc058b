//! `./x wasm`: the parts that run in a browser, built for `wasm32-unknown-unknown`.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail, ensure};

use crate::{run, wasm_toolchain};

pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Something that compiles for [`TARGET`].
pub(crate) enum Toolchain {
    /// The usual compiler; its target was added by rustup or the distribution.
    Installed,
    /// One made from Debian's packages, in this folder.
    Debian(PathBuf),
}

impl Toolchain {
    /// Makes a cargo call use it.
    pub(crate) fn set(&self, cargo: &mut Command) -> Result<()> {
        match self {
            Self::Installed => Ok(()),
            Self::Debian(folder) => wasm_toolchain::set(cargo, folder),
        }
    }
}

/// The compiler to use, made on the spot if need be (once, about 80 s). The error says what to type.
pub(crate) fn find() -> Result<Toolchain> {
    if has_target(Command::new("rustc")) {
        return Ok(Toolchain::Installed);
    }
    let folder = run::root()?.join("target/wasm-toolchain");
    match wasm_toolchain::ready(&folder) {
        Ok(()) => Ok(Toolchain::Debian(folder)),
        Err(reason) => bail!(
            "this compiler has no {TARGET} and {reason:#}. To add it: rustup target add {TARGET}"
        ),
    }
}

/// What tells the conformance test where its module is.
pub(crate) const CONFORMANCE: &str = "KAISATSU_CONFORMANCE_WASM";

/// Builds the domain, the gate's engine, and around it the conformance runner, whose file is
/// returned. In a target folder of its own: another compiler must not throw away what the usual one
/// has built. Optimised, because the runner's tickets are signed in an interpreter.
pub(crate) fn build(toolchain: &Toolchain) -> Result<PathBuf> {
    let packages =
        ["-p", "kaisatsu-shared", "-p", "kaisatsu-gate", "-p", "kaisatsu-conformance-wasm"];
    let mut build = run::cargo([
        "build",
        "--target",
        TARGET,
        "--target-dir",
        "target/wasm",
        "--lib",
        "--release",
        "--no-default-features",
    ])?;
    build.args(packages);
    toolchain.set(&mut build)?;
    run::run(&mut build)?;
    println!("wasm: kaisatsu-shared and the gate's engine build for {TARGET}");
    let folder = run::root()?.join("target/wasm").join(TARGET).join("release");
    let file = folder.join("kaisatsu_conformance_wasm.wasm");
    ensure!(file.is_file(), "{} was not built", file.display());
    Ok(file)
}

/// Whether that compiler has a compiled `core` for the target.
fn has_target(mut rustc: Command) -> bool {
    let Ok(folder) = run::output(rustc.args(["--print", "target-libdir", "--target", TARGET]))
    else {
        return false;
    };
    let files = std::fs::read_dir(folder.trim()).into_iter().flatten().flatten();
    files.into_iter().any(|file| file.file_name().to_string_lossy().starts_with("libcore-"))
}
