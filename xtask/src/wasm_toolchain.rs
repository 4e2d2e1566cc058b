//! A compiler for wasm32 out of Debian packages, for machines whose rustup can fetch nothing.
//!
//! Debian 12's security archive holds a recent rustc (`rustc-web`) and its matching library source,
//! but no compiled standard library for wasm32: that is compiled here once and laid into the
//! compiler's sysroot. Packages are unpacked into one folder, never installed; only refreshing
//! apt's lists, where they know nothing suitable, needs root.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::run;
use crate::wasm::TARGET;

/// Makes the compiler in `folder` if it isn't there. The folder appears under its name only when complete.
pub(crate) fn ready(folder: &Path) -> Result<()> {
    if folder.exists() {
        return Ok(());
    }
    let packages = packages()?;
    eprintln!(
        "./x: making a {TARGET} compiler from Debian packages in {}; this happens once",
        folder.display()
    );
    let new = folder.with_extension("new");
    if new.exists() {
        fs::remove_dir_all(&new).with_context(|| format!("{} is in the way", new.display()))?;
    }
    unpack(&new, &packages)?;
    add_std(&new)?;
    // The library's source and documentation are most of the size, and not needed again.
    for needless in ["usr/src", "usr/share"] {
        fs::remove_dir_all(new.join(needless)).ok();
    }
    fs::rename(&new, folder).with_context(|| format!("{} can't be given its name", new.display()))
}

/// Makes a cargo call use the compiler in `folder`.
pub(crate) fn set(cargo: &mut Command, folder: &Path) -> Result<()> {
    cargo.env("RUSTC", folder.join("usr/bin/rustc"));
    // Replaced, not prepended: what `cargo run` set for us belongs to the other compiler.
    cargo.env(
        "LD_LIBRARY_PATH",
        folder.join("usr/lib").join(format!("{}-linux-gnu", std::env::consts::ARCH)),
    );
    cargo.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker(folder)?);
    cargo.env_remove("RUSTC_WRAPPER").env_remove("RUSTC_WORKSPACE_WRAPPER");
    Ok(())
}

fn linker(folder: &Path) -> Result<PathBuf> {
    let programs = fs::read_dir(folder.join("usr/bin"))
        .with_context(|| format!("{} is damaged: delete it", folder.display()))?;
    let names = programs.flatten().map(|file| file.path());
    let found = names.into_iter().find(|path| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("wasm-ld"))
    });
    found.with_context(|| format!("no wasm-ld in {}: delete that folder", folder.display()))
}

/// All packages to unpack: the newest compiler and linker, and what they need that this system lacks.
fn packages() -> Result<BTreeSet<String>> {
    ensure!(
        run::works(Command::new("apt-cache").arg("--version")),
        "this is not Debian, where one could be made"
    );
    let wanted = env!("CARGO_PKG_RUST_VERSION");
    let release = candidate(wanted).or_else(|| {
        refresh();
        candidate(wanted)
    });
    let release = release.with_context(|| {
        format!("apt knows no rustc-web from {wanted} on (Debian 12 has one: apt-get update)")
    })?;
    let lld = run::output(Command::new("apt-cache").args(["pkgnames", "lld-"]))?;
    let lld = newest_lld(&lld).context("apt knows no lld")?;
    let mut packages =
        BTreeSet::from(["rustc-web", "libstd-rust-web-dev", "rust-web-src"].map(str::to_owned));
    packages.extend([format!("libstd-rust-web-{release}"), lld]);
    let mut simulate = Command::new("apt-get");
    simulate
        .env("LC_ALL", "C")
        .args(["install", "--simulate", "--no-install-recommends"])
        .args(&packages);
    let simulated = run::output(&mut simulate)?;
    packages.extend(to_install(&simulated));
    Ok(packages)
}

/// The compiler's release (`1.96`), if apt has one of at least `wanted`.
fn candidate(wanted: &str) -> Option<String> {
    let policy =
        run::output(Command::new("apt-cache").env("LC_ALL", "C").args(["policy", "rustc-web"]))
            .ok()?;
    candidate_release(&policy).filter(|release| minor(release) >= minor(wanted))
}

/// `1.96` from the line `Candidate: 1.96.0+dfsg1-1~deb12u2`.
fn candidate_release(policy: &str) -> Option<String> {
    let version = policy.lines().find_map(|line| line.trim().strip_prefix("Candidate: "))?;
    let mut parts = version.split('.');
    let (major, minor): (u32, u32) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(format!("{major}.{minor}"))
}

fn minor(release: &str) -> Option<u32> {
    release.split('.').nth(1)?.parse().ok()
}

/// The `lld-N` with the highest N.
fn newest_lld(names: &str) -> Option<String> {
    let numbers =
        names.lines().filter_map(|name| name.trim().strip_prefix("lld-")?.parse::<u32>().ok());
    numbers.max().map(|number| format!("lld-{number}"))
}

/// Package names from the lines `Inst NAME (VERSION …)` of a simulated installation.
fn to_install(simulated: &str) -> impl Iterator<Item = String> + '_ {
    let lines = simulated.lines().filter_map(|line| line.strip_prefix("Inst "));
    lines.filter_map(|rest| rest.split_whitespace().next()).map(str::to_owned)
}

/// Only root can refresh apt's lists; nobody is asked for a password for this.
fn refresh() {
    let refreshed = run::works(Command::new("apt-get").args(["update", "-q"]))
        || run::works(Command::new("sudo").args(["-n", "apt-get", "update", "-q"]));
    if !refreshed {
        eprintln!("./x: apt's lists could not be refreshed");
    }
}

fn unpack(folder: &Path, packages: &BTreeSet<String>) -> Result<()> {
    let debs = folder.join("debs");
    fs::create_dir_all(&debs).with_context(|| format!("{} can't be made", debs.display()))?;
    let download = |refreshed: bool| {
        let mut download = Command::new("apt-get");
        // As root apt would change to a user who can't write here.
        download
            .current_dir(&debs)
            .args(["download", "-q", "-o", "APT::Sandbox::User=root"])
            .args(packages);
        if refreshed {
            refresh()
        }
        run::run(&mut download)
    };
    // Old lists name packages that the archive has replaced since.
    download(false).or_else(|_| download(true))?;
    for deb in fs::read_dir(&debs)? {
        run::output(Command::new("dpkg").arg("-x").arg(deb?.path()).arg(folder))?;
    }
    fs::remove_dir_all(&debs)?;
    Ok(())
}

/// Compiles the standard library by way of an empty crate and lays it where the compiler looks.
fn add_std(folder: &Path) -> Result<()> {
    let build = folder.join("std-build");
    fs::create_dir_all(build.join("src"))?;
    fs::write(build.join("src/lib.rs"), "")?;
    fs::write(
        build.join("Cargo.toml"),
        "[package]\nname = \"std-build\"\nedition = \"2024\"\n[workspace]\n",
    )?;
    let mut cargo = run::cargo([
        "build",
        "--release",
        "--target",
        TARGET,
        "-Zbuild-std=std,panic_abort",
        "--target-dir",
        "target",
    ])?;
    cargo.current_dir(&build);
    // The bootstrap switch allows -Zbuild-std; embedded bitcode is what lto = "thin" reads.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("RUSTFLAGS", "-Cembed-bitcode=yes");
    set(&mut cargo, folder)?;
    run::run(&mut cargo)?;
    let library = folder.join("usr/lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&library)?;
    for file in fs::read_dir(build.join("target").join(TARGET).join("release/deps"))? {
        let file = file?.path();
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstd_build-") {
            fs::copy(&file, library.join(name))?;
        }
    }
    fs::remove_dir_all(&build)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_candidate_is_read_from_apts_policy() {
        let policy = "rustc-web:\n  Installed: (none)\n  Candidate: 1.96.0+dfsg1-1~deb12u2\n  Version table:\n     1.85.0+dfsg3-1~deb12u3 500\n";
        assert_eq!(candidate_release(policy).as_deref(), Some("1.96"));
        assert_eq!(
            candidate_release("rustc-web:\n  Installed: (none)\n  Candidate: (none)\n"),
            None
        );
        assert_eq!(candidate_release("N: Unable to locate package rustc-web\n"), None);
    }

    #[test]
    fn releases_are_compared_as_numbers() {
        assert!(minor("1.100") > minor("1.95"));
        assert!(minor("1.85") < minor("1.95"));
    }

    #[test]
    fn the_newest_linker_is_the_highest_number() {
        assert_eq!(newest_lld("lld-9\nlld-22\nlld-14\nlld-22-dev\n").as_deref(), Some("lld-22"));
        assert_eq!(newest_lld("lld-tools\n"), None);
    }

    #[test]
    fn only_new_packages_of_a_simulation_are_taken() {
        let simulated = "NOTE: This is only a simulation!\nRemv rustup [1.2]\nInst libllvm22 (1:22.1.8-1~deb12u1 Debian-Security:12/oldstable-security [amd64])\n\
                         Inst lld-22 (1:22.1.8-1~deb12u1 Debian-Security [amd64]) []\nConf libllvm22 (1:22.1.8 [amd64])\n";
        assert_eq!(to_install(simulated).collect::<Vec<_>>(), ["libllvm22", "lld-22"]);
    }
}
