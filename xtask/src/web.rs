//! `./x web`: the pages, from their WebAssembly modules to the files that servers embed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::{run, wasm};

/// Each page's module: its package, and the folder under `web/` whose `page/wasm` it goes to.
const MODULES: [(&str, &str); 2] = [("kaisatsu-ticket", "ticket"), ("kaisatsu-gate-page", "gate")];

/// The oldest Node.js that does: Debian 12's.
const NODE: u32 = 18;

/// Builds the pages into `web/dist`.
pub(crate) fn build() -> Result<()> {
    if let Some(lacking) = lacking() {
        bail!("{lacking}: `./x web` installs it (Debian: nodejs npm)");
    }
    let web = run::root()?.join("web");
    modules(&web)?;
    packages(&web)?;
    let tool = |name: &str| web.join("node_modules/.bin").join(name);
    // Workers live in another world than pages: each has its own globals.
    for project in ["tsconfig.json", "tsconfig.worker.json"] {
        run::run(Command::new(tool("tsc")).args(["--project", project]).current_dir(&web))?;
    }
    run::run(Command::new("node").arg("build.mjs").current_dir(&web))?;
    println!("web: the pages are in web/dist");
    Ok(())
}

/// What building pages lacks on this machine, in words.
pub(crate) fn lacking() -> Option<String> {
    let version = run::output(Command::new("node").arg("--version")).ok();
    match version.as_deref().map(major) {
        Some(Some(major)) if major >= NODE => {}
        Some(_) => return Some(format!("Node.js is older than {NODE}")),
        None => return Some("Node.js is missing".to_owned()),
    }
    let npm = run::works(Command::new("npm").arg("--version"));
    (!npm).then(|| "npm is missing".to_owned())
}

/// `20` from `v20.20.2`.
fn major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// Compiles every module and writes the JavaScript around it.
fn modules(web: &Path) -> Result<()> {
    let mut build = run::cargo(["build", "--lib", "--profile", "web"])?;
    build.args(["--target", wasm::TARGET, "--target-dir", "target/wasm"]);
    build.args(MODULES.iter().flat_map(|(package, _)| ["-p", package]));
    wasm::find()?.set(&mut build)?;
    run::run(&mut build)?;

    let built = run::root()?.join("target/wasm").join(wasm::TARGET).join("web");
    let bindgen = bindgen(web)?;
    for (package, folder) in MODULES {
        let module = built.join(package.replace('-', "_")).with_extension("wasm");
        ensure!(module.is_file(), "{} was not built", module.display());
        let to = web.join(folder).join("page/wasm");
        run::run(Command::new(&bindgen).arg(module).arg(to))?;
    }
    Ok(())
}

/// The program that writes it, built once; it refuses a module of another version than its own.
fn bindgen(web: &Path) -> Result<PathBuf> {
    let folder = run::root()?.join("target/bindgen");
    let mut build = run::cargo(["build", "--locked", "--manifest-path"])?;
    build.arg(web.join("bindgen/Cargo.toml")).arg("--target-dir").arg(&folder);
    build.env("CARGO_PROFILE_DEV_DEBUG", "0");
    run::run(&mut build)?;
    Ok(folder.join("debug/kaisatsu-bindgen"))
}

/// Installs what the lock file names, where that isn't what is installed. No package runs a program for it.
fn packages(web: &Path) -> Result<()> {
    let lock = fs::read(web.join("package-lock.json")).context("web/package-lock.json")?;
    let installed = web.join("node_modules/.installed");
    if fs::read(&installed).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let mut install = Command::new("npm");
    install.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(web);
    run::run(&mut install)?;
    fs::write(&installed, lock).context("web/node_modules can't be written to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_read_as_node_prints_it() {
        assert_eq!(major("v18.20.4\n"), Some(18));
        assert_eq!(major("v22.1.0"), Some(22));
        assert_eq!(major("not found"), None);
    }

    #[test]
    fn both_sides_of_the_module_have_one_version() {
        let web = run::root().unwrap().join("web/bindgen");
        let lock = |folder: &Path| fs::read_to_string(folder.join("Cargo.lock")).unwrap();
        let version = |lock: String| {
            let (_, rest) = lock.split_once("name = \"wasm-bindgen-shared\"\n").unwrap();
            rest.lines().next().unwrap().to_owned()
        };
        assert_eq!(version(lock(&web)), version(lock(&run::root().unwrap())));
    }
}
