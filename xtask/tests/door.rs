//! `./x` on machines that lack something: what it names, what it runs, what it hands over.
//!
//! The script itself runs, with a search path on which only chosen programs stand. Installers are
//! stand-ins that write down their arguments and put down what they were asked for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

const RUST: &str = "echo 'rustc 1.95.0 (f2d3ce0bd 2026-03-21)'";
/// Puts a working program of that name onto the search path.
const PUT: &str =
    "put() { for name; do printf '#!/bin/sh\\n' > \"$BIN/$name\"; chmod +x \"$BIN/$name\"; done; }";

/// A Debian machine of user `root` that lacks nothing, until something is changed.
struct Machine {
    folder: TempDir,
}

struct Outcome {
    code: Option<i32>,
    said: String,
    printed: String,
    installed: String,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(machine.bin()).unwrap();
        for tool in ["sh", "sed", "dirname", "cat", "chmod", "mkdir"] {
            symlink(find(tool), machine.bin().join(tool)).unwrap();
        }
        machine
            .has("uname", "echo Linux")
            .has("id", "echo 0")
            .has("cc", "")
            .has("c++", "")
            .has("make", "")
            .has("cmake", "")
            .has("node", "")
            .has("npm", "")
            .has("chromium", "");
        machine.has("rustc", RUST).has("cargo", "for each; do printf '<%s>' \"$each\"; done");
        machine.has("apt-get", "log apt-get \"$@\"; case \"$*\" in *build-essential*) put cc c++ make ;; esac; case \"$*\" in *cmake*) put cmake ;; esac; case \"$*\" in *nodejs*) put node npm ;; esac; case \"$*\" in *chromium*) put chromium ;; esac");
        machine
    }

    fn bin(&self) -> PathBuf {
        self.folder.path().join("bin")
    }

    fn has(&self, program: &str, does: &str) -> &Self {
        let script = format!(
            "#!/bin/sh\nBIN={}\nlog() {{ echo \"$*\" >> \"$BIN/../log\"; }}\n{PUT}\n{does}\n",
            self.bin().display()
        );
        let path = self.bin().join(program);
        fs::write(&path, script).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn lacks(&self, programs: &[&str]) -> &Self {
        programs.iter().for_each(|program| fs::remove_file(self.bin().join(program)).unwrap());
        self
    }

    /// Starts the script from a folder that isn't the project's, without a terminal.
    fn run(&self, arguments: &[&str]) -> Outcome {
        let x = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("x");
        let mut command = Command::new(
            ["/bin/dash", "/bin/sh"].into_iter().find(|shell| Path::new(shell).exists()).unwrap(),
        );
        command
            .arg(x)
            .args(arguments)
            .env_clear()
            .env("PATH", self.bin())
            .env("HOME", self.folder.path());
        let output = command.current_dir(self.folder.path()).stdin(Stdio::null()).output().unwrap();
        Outcome {
            code: output.status.code(),
            said: String::from_utf8(output.stderr).unwrap(),
            printed: String::from_utf8(output.stdout).unwrap(),
            installed: fs::read_to_string(self.folder.path().join("log")).unwrap_or_default(),
        }
    }
}

fn find(tool: &str) -> PathBuf {
    ["/bin", "/usr/bin"]
        .iter()
        .map(|folder| Path::new(folder).join(tool))
        .find(|path| path.exists())
        .unwrap()
}

#[test]
fn a_complete_machine_goes_straight_to_xtask_with_its_arguments() {
    let outcome = Machine::new().run(&["test", "--yes", "-E", "test(two words)", ""]);
    assert_eq!(
        (outcome.code, outcome.said.as_str(), outcome.installed.as_str()),
        (Some(0), "", "")
    );
    assert_eq!(outcome.printed, "<xtask><test><-E><test(two words)><>");
}

#[test]
fn without_a_command_it_lists_them_and_installs_nothing() {
    let machine = Machine::new();
    machine.lacks(&["cc", "cmake", "cargo", "rustc"]);
    for arguments in [&[][..], &["help"], &["--help"]] {
        let outcome = machine.run(arguments);
        assert_eq!((outcome.code, outcome.installed.as_str()), (Some(0), ""));
        assert_eq!(outcome.printed, include_str!("../commands.txt"));
    }
}

#[test]
fn root_on_debian_gets_everything_in_one_shown_command() {
    let machine = Machine::new();
    machine.lacks(&["c++", "cmake"]);
    let outcome = machine.run(&["setup"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
    assert!(outcome.said.contains("missing: C and C++ compiler, cmake\n"), "{}", outcome.said);
    assert!(outcome.said.contains("    apt-get update && apt-get install -y --no-install-recommends build-essential cmake\n"), "{}", outcome.said);
    assert_eq!(
        outcome.installed,
        "apt-get update\napt-get install -y --no-install-recommends build-essential cmake\n"
    );
}

#[test]
fn only_what_builds_pages_needs_node() {
    for (arguments, needs) in [
        (&["web"][..], true),
        (&["test"], true),
        (&["test", "-p", "kaisatsu-shared"], true),
        (&["test", "-p", "kaisatsu-shared", "--no-browser"], false),
        (&["demo"], false),
        (&["setup"], true),
        (&["setup", "--no-browser"], false),
    ] {
        let machine = Machine::new();
        machine.lacks(&["npm"]);
        let outcome = machine.run(arguments);
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.said);
        let installed = outcome.installed.contains("--no-install-recommends nodejs npm\n");
        assert_eq!(installed, needs, "{arguments:?}: {}", outcome.said);
    }
}

#[test]
fn a_user_installs_by_sudo_and_without_it_is_told_whom_to_ask() {
    let machine = Machine::new();
    machine.lacks(&["cmake"]).has("id", "echo 1000");
    let outcome = machine.run(&["demo"]);
    assert_eq!((outcome.code, outcome.installed.as_str()), (Some(1), ""));
    assert!(
        outcome.said.contains("ask an administrator for: apt-get install cmake"),
        "{}",
        outcome.said
    );

    machine.has("sudo", "log sudo \"$@\"; \"$@\"");
    let outcome = machine.run(&["demo"]);
    assert_eq!(
        (outcome.code, outcome.printed.as_str()),
        (Some(0), "<xtask><demo>"),
        "{}",
        outcome.said
    );
    assert!(
        outcome.installed.contains("sudo apt-get install -y --no-install-recommends cmake\n"),
        "{}",
        outcome.installed
    );
}

#[test]
fn a_bare_machine_gets_curl_and_then_rustup() {
    let machine = Machine::new();
    machine.lacks(&["cargo", "rustc"]);
    // The stand-in for rustup's installer, as curl would print it.
    let installer = format!(
        "mkdir -p $HOME/.cargo/bin; for name in cargo rustc; do printf '#!/bin/sh\\n%s\\n' \"{RUST}\" > $HOME/.cargo/bin/$name; chmod +x $HOME/.cargo/bin/$name; done; echo rustup \"$@\" >> $HOME/log"
    );
    fs::write(machine.folder.path().join("installer"), installer).unwrap();
    machine.has("apt-get", "log apt-get \"$@\"; case \"$*\" in *curl*) printf '#!/bin/sh\\necho curl \"$@\" >> \"$HOME/log\"; cat \"$HOME/installer\"\\n' > \"$BIN/curl\"; chmod +x \"$BIN/curl\" ;; esac");
    let outcome = machine.run(&["setup"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.said);
    assert!(
        outcome
            .said
            .contains("curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y\n"),
        "{}",
        outcome.said
    );
    let expected = "apt-get update\napt-get install -y --no-install-recommends curl ca-certificates\ncurl --proto =https --tlsv1.2 -sSf https://sh.rustup.rs\nrustup -y\n";
    assert_eq!(outcome.installed, expected);
}

#[test]
fn an_old_rust_is_updated_and_a_failed_update_stops() {
    let machine = Machine::new();
    machine
        .has("rustc", "echo 'rustc 1.94.1 (0000000 2026-01-01)'")
        .has("rustup", "log rustup \"$@\"");
    let outcome = machine.run(&["demo"]);
    assert_eq!((outcome.code, outcome.printed.as_str()), (Some(1), ""), "{}", outcome.said);
    assert!(outcome.said.contains("still missing: Rust 1.95 or newer"), "{}", outcome.said);

    machine.has(
        "rustup",
        "log rustup \"$@\"; printf '#!/bin/sh\\necho rustc 1.100.0\\n' > \"$BIN/rustc\"",
    );
    let outcome = machine.run(&["demo"]);
    assert_eq!(
        (outcome.code, outcome.printed.as_str()),
        (Some(0), "<xtask><demo>"),
        "{}",
        outcome.said
    );
    assert!(outcome.installed.ends_with("rustup update\n"), "{}", outcome.installed);
}

#[test]
fn a_rustup_without_a_toolchain_gets_stable() {
    let machine = Machine::new();
    machine.has("rustc", "exit 1").has(
        "rustup",
        &format!("log rustup \"$@\"; printf '#!/bin/sh\\n%s\\n' \"{RUST}\" > \"$BIN/rustc\""),
    );
    let outcome = machine.run(&["setup"]);
    assert_eq!(
        (outcome.code, outcome.installed.as_str()),
        (Some(0), "rustup default stable\n"),
        "{}",
        outcome.said
    );
}

#[test]
fn a_mac_uses_apples_tools_and_homebrew() {
    let machine = Machine::new();
    machine.lacks(&["apt-get", "cmake"]).has("uname", "echo Darwin");
    machine.has("xcode-select", "if [ $1 = -p ]; then [ -e \"$BIN/../tools\" ]; else log xcode-select \"$@\"; : > \"$BIN/../tools\"; fi");
    let outcome = machine.run(&["setup"]);
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.said.contains("https://brew.sh"), "{}", outcome.said);

    machine.has("brew", "log brew \"$@\"; put cmake");
    let outcome = machine.run(&["setup"]);
    assert_eq!(
        (outcome.code, outcome.installed.as_str()),
        (Some(0), "xcode-select --install\nbrew install cmake\n"),
        "{}",
        outcome.said
    );
    machine.lacks(&["chromium"]).has("brew", "log brew \"$@\"; put google-chrome");
    let outcome = machine.run(&["test"]);
    assert!(outcome.installed.ends_with("brew install --cask google-chrome\n"), "{}", outcome.said);
    assert_eq!(outcome.printed, "<xtask><test>");
}

#[test]
fn another_system_is_told_the_names() {
    let machine = Machine::new();
    machine.lacks(&["apt-get", "make", "cmake"]);
    let outcome = machine.run(&["demo"]);
    assert_eq!((outcome.code, outcome.installed.as_str()), (Some(1), ""));
    assert!(outcome.said.contains("what Debian calls: build-essential cmake"), "{}", outcome.said);
}

#[test]
fn a_browser_is_for_tests_alone() {
    let machine = Machine::new();
    machine.lacks(&["chromium"]);
    for others in [&["demo"][..], &["ci"], &["test", "--no-browser"], &["setup", "--no-browser"]] {
        let outcome = machine.run(others);
        let seen = (outcome.code, outcome.installed.as_str());
        assert_eq!(seen, (Some(0), ""), "{others:?}: {}", outcome.said);
    }
    let outcome = machine.run(&["test", "--no-browser", "-E", "all()"]);
    assert_eq!(outcome.printed, "<xtask><test><--no-browser><-E><all()>");
    for named in ["chromium-browser", "google-chrome"] {
        machine.has(named, "");
        assert_eq!(machine.run(&["test"]).installed, "", "{named}");
        machine.lacks(&[named]);
    }
    for needs in ["test", "setup"] {
        let outcome = machine.run(&[needs]);
        assert_eq!(outcome.code, Some(0), "{}", outcome.said);
        assert!(outcome.said.contains("missing: Chromium\n"), "{}", outcome.said);
        let install = "apt-get install -y --no-install-recommends chromium fonts-noto-cjk\n";
        assert!(outcome.installed.ends_with(install), "{}", outcome.installed);
        machine.lacks(&["chromium"]);
    }
}

#[test]
fn where_only_a_browser_cannot_be_had_xtask_says_what_becomes_of_the_tests() {
    let machine = Machine::new();
    machine.lacks(&["chromium"]).has("apt-get", "echo 'E: no network' >&2; exit 100");
    let outcome = machine.run(&["test"]);
    assert_eq!((outcome.code, outcome.printed.as_str()), (Some(0), "<xtask><test>"));
    assert!(outcome.said.contains("E: no network\n./x: that did not work"), "{}", outcome.said);
    assert_eq!(machine.run(&["setup"]).code, Some(1));
    machine.lacks(&["cmake"]);
    assert_eq!(machine.run(&["test"]).code, Some(1), "that is more than a browser");

    // Ubuntu has no Chromium to install, but everything else.
    let ubuntu = Machine::new();
    let sed = find("sed").display().to_string();
    let sed = format!("case \"$*\" in *os-release*) echo ubuntu ;; *) exec {sed} \"$@\" ;; esac");
    ubuntu.lacks(&["chromium", "sed", "cmake"]).has("sed", &sed);
    let outcome = ubuntu.run(&["test"]);
    assert_eq!(outcome.printed, "<xtask><test>", "{}", outcome.said);
    assert!(outcome.installed.ends_with("no-install-recommends cmake\n"), "{}", outcome.installed);
}

#[test]
fn a_failing_installer_is_not_passed_over() {
    let machine = Machine::new();
    machine.lacks(&["cmake"]).has("apt-get", "echo 'E: no network' >&2; exit 100");
    let outcome = machine.run(&["demo"]);
    assert_eq!((outcome.code, outcome.printed.as_str()), (Some(1), ""));
    assert!(outcome.said.contains("E: no network\n./x: that did not work"), "{}", outcome.said);
}
