//! Starting other programs: each is shown as a shell line first, and its exit code is ours.

use std::ffi::OsStr;
use std::fmt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result};

/// A program ended with another code than 0; it has said why itself.
#[derive(Debug)]
pub(crate) struct Failed {
    line: String,
    /// Its exit code, or 128 + signal as shells have it.
    pub(crate) code: u8,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ended with {}", self.line, self.code)
    }
}

impl std::error::Error for Failed {}

/// The workspace's root folder.
pub(crate) fn root() -> Result<PathBuf> {
    let own = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    Ok(own.parent().context("xtask does not lie inside the workspace")?.to_path_buf())
}

/// A call of the cargo that runs us, from the workspace's root.
pub(crate) fn cargo<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) -> Result<Command> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root()?);
    Ok(command)
}

/// Runs to the end.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let status = command.status().with_context(|| not_started(command))?;
    checked(command, status)
}

/// Becomes that program: signals and exit code are its own. Returns only when it can't be started.
pub(crate) fn replace(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let error = command.exec();
    Err(error).with_context(|| not_started(command))
}

/// Runs to the end and returns what it printed; its messages go where ours go.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.stderr(Stdio::inherit()).output().with_context(|| not_started(command))?;
    checked(command, output.status)?;
    String::from_utf8(output.stdout)
        .with_context(|| format!("`{}` printed something that is not text", line(command)))
}

/// Whether it runs and ends well; nothing is shown.
pub(crate) fn works(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn checked(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    let number = status.code().or_else(|| status.signal().map(|signal| signal + 128));
    let code = number.and_then(|number| u8::try_from(number).ok()).unwrap_or(1);
    Err(Failed { line: line(command), code }.into())
}

fn not_started(command: &Command) -> String {
    format!("`{}` can't be started; is it installed?", command.get_program().display())
}

/// The call as one would type it.
fn line(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    command.get_args().fold(name, |line, argument| {
        let argument = argument.to_string_lossy();
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@%".contains(c);
        if !argument.is_empty() && argument.chars().all(plain) {
            format!("{line} {argument}")
        } else {
            format!("{line} '{}'", argument.replace('\'', r"'\''"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", script]);
        command
    }

    fn code(result: &Result<()>) -> Option<u8> {
        result.as_ref().err()?.downcast_ref::<Failed>().map(|failed| failed.code)
    }

    #[test]
    fn exit_codes_and_signals_are_passed_on() {
        assert!(run(&mut shell("exit 0")).is_ok());
        assert_eq!(code(&run(&mut shell("exit 7"))), Some(7));
        assert_eq!(code(&run(&mut shell("kill -TERM $$"))), Some(128 + 15));
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = run(&mut Command::new("/nowhere/kaisatsu")).unwrap_err();
        assert!(error.to_string().contains("/nowhere/kaisatsu"), "{error}");
    }

    #[test]
    fn the_shown_line_can_be_typed_again() {
        assert_eq!(line(&shell("echo it's")), r"sh -c 'echo it'\''s'");
        assert_eq!(output(&mut shell("printf 改札")).unwrap(), "改札");
    }
}
