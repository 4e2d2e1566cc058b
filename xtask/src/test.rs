//! `./x test`: every test, the runner's own closing lines last.

use std::ffi::OsString;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{browser, run, simulate, wasm, web};

pub(crate) fn test(with_browser: bool, arguments: Vec<OsString>) -> Result<()> {
    let browser: &[&str] = if with_browser && browser::selected(&arguments) {
        browser::find()?;
        // First: whatever serves a page is built with it.
        web::build()?;
        &["--features", browser::FEATURE]
    } else {
        &[]
    };
    // The tests across packages start the real programs. A test build makes only those of packages
    // with integration tests of their own. Together, so that dependencies are compiled once.
    run::run(run::cargo(["build", "--workspace", "--bins", "--tests"])?.args(browser))?;
    run::run(run::cargo(["test", "--doc", "--workspace"])?.args(browser))?;

    simulate::catch()?;

    // Without the module its test fails and says how to build it: a third of the conformance suite
    // must not stay away unnoticed.
    let module = match wasm::find() {
        Ok(toolchain) => Some(wasm::build(&toolchain)?),
        Err(reason) => {
            println!("wasm: not built, {reason:#}");
            None
        }
    };

    match camera()? {
        Some(feature) => run::run(&mut run::cargo([
            "check",
            "--workspace",
            "--all-targets",
            "--features",
            feature,
        ])?)?,
        None => println!("camera: skipped, it needs Linux and libclang (Debian: libclang-dev)"),
    }

    if !with_browser {
        println!("browser: skipped");
    }

    // Without `-p` both take every member. `--tests` makes cargo's own choose as nextest does: no benches.
    let runner: &[&str] = if run::works(&mut run::cargo(["nextest", "--version"])?) {
        &["nextest", "run"]
    } else {
        &["test", "--tests"]
    };
    let module = module.map(|module| (wasm::CONFORMANCE, module));
    run::replace(run::cargo(runner)?.args(browser).envs(module).args(arguments))
}

/// The feature to add for the V4L2 camera, where its bindings can be made. The whole workspace is
/// checked with it, so that dependencies are compiled once for clippy and for this.
pub(crate) fn camera() -> Result<Option<&'static str>> {
    let metadata = run::output(&mut run::cargo(["metadata", "--no-deps", "--format-version=1"])?)?;
    let here = cfg!(target_os = "linux")
        && has_libclang()
        && has_feature(&metadata, "kaisatsu-gate", "camera")?;
    Ok(here.then_some("kaisatsu-gate/camera"))
}

fn has_feature(metadata: &str, package: &str, feature: &str) -> Result<bool> {
    let metadata: Value = serde_json::from_str(metadata)?;
    let packages = metadata
        .get("packages")
        .and_then(Value::as_array)
        .context("cargo metadata lists no packages")?;
    let package =
        packages.iter().find(|each| each.get("name").and_then(Value::as_str) == Some(package));
    Ok(package.and_then(|package| package.get("features")?.get(feature)).is_some())
}

/// Looks where bindgen looks: its variable, the system's library folders, LLVM's own below them.
fn has_libclang() -> bool {
    std::env::var_os("LIBCLANG_PATH").is_some()
        || ["/usr/lib", "/usr/lib64", "/usr/local/lib"].iter().any(|folder| {
            let folder = Path::new(folder);
            holds_libclang(folder)
                || entries(folder)
                    .any(|below| holds_libclang(&below) || holds_libclang(&below.join("lib")))
        })
}

fn holds_libclang(folder: &Path) -> bool {
    entries(folder)
        .any(|file| file.file_name().is_some_and(|name| is_libclang(&name.to_string_lossy())))
}

/// `libclang.so`, `libclang-14.so.1`: not `libclang-cpp` nor the sanitizers' `libclang_rt`.
fn is_libclang(name: &str) -> bool {
    name.strip_prefix("libclang").is_some_and(|rest| {
        let rest = rest
            .strip_prefix('-')
            .map_or(rest, |rest| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.'));
        rest == ".so" || rest == "so" || rest.starts_with(".so.") || rest.starts_with("so.")
    })
}

fn entries(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> + use<> {
    std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libclang_is_told_from_its_neighbours() {
        for name in [
            "libclang.so",
            "libclang.so.1",
            "libclang-14.so.1",
            "libclang-14.so.14.0.6",
            "libclang-22.so",
        ] {
            assert!(is_libclang(name), "{name}");
        }
        for name in
            ["libclang-cpp.so.14", "libclang_rt.asan-x86_64.so", "libclang.a", "libclangBasic.so"]
        {
            assert!(!is_libclang(name), "{name}");
        }
    }

    #[test]
    fn a_feature_is_found_in_its_own_package_only() {
        let metadata = r#"{"packages":[{"name":"a","features":{"camera":[]}},{"name":"b","features":{"default":["camera"]}}]}"#;
        assert!(has_feature(metadata, "a", "camera").unwrap());
        assert!(!has_feature(metadata, "b", "camera").unwrap());
        assert!(!has_feature(metadata, "c", "camera").unwrap());
    }
}
