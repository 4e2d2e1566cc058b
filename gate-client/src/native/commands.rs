//! Where staff's commands come from: the terminal, or buttons through a named pipe. Never the source
//! of codes: a QR code can hold any text.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, IsTerminal as _, Read, stdin},
    os::unix::fs::FileTypeExt as _,
    path::Path,
    thread,
};

use anyhow::{Context as _, ensure};
use tokio::sync::mpsc;

use crate::entrance::Command;

/// Commands are short; longer lines are none.
const MAX_LINE: u64 = 256;

/// Reads commands: from the named pipe if one is given, else from the terminal if it is free.
///
/// # Errors
/// If the pipe can't be read.
pub(super) fn start(
    pipe: Option<&Path>,
    source_takes_stdin: bool,
    to: mpsc::Sender<Command>,
) -> anyhow::Result<()> {
    if let Some(path) = pipe {
        let pipe = open(path)?;
        thread::spawn(move || forward(pipe, &to));
    } else if !source_takes_stdin && stdin().is_terminal() {
        thread::spawn(move || forward(stdin(), &to));
    }
    Ok(())
}

/// Opened for writing too, it neither waits for a writer nor ends with one.
fn open(path: &Path) -> anyhow::Result<File> {
    let shown = path.display();
    let kind = path
        .metadata()
        .with_context(|| format!("{shown} can't be read: make it with `mkfifo {shown}`"))?
        .file_type();
    ensure!(kind.is_fifo(), "{shown} is not a named pipe: make one with `mkfifo`");
    File::options()
        .read(true)
        .write(true)
        .open(path)
        .with_context(|| format!("{shown} may not be opened: let this user read and write it"))
}

/// Reads on whatever comes: bytes that aren't text, or lines without end, are no commands.
fn forward(lines: impl Read, to: &mpsc::Sender<Command>) {
    let mut lines = BufReader::new(lines);
    let mut line = Vec::new();
    // Whether the line's beginning was too long and is gone.
    let mut cut = false;
    loop {
        line.clear();
        match lines.by_ref().take(MAX_LINE).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                return tracing::error!(%error, "commands can't be read any more: restart the gate");
            }
        }
        let whole = !core::mem::replace(&mut cut, line.last() != Some(&b'\n'));
        let command = core::str::from_utf8(&line).ok().and_then(Command::read);
        if let Some(command) = command.filter(|_| whole)
            && to.blocking_send(command).is_err()
        {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use nix::{sys::stat::Mode, unistd::mkfifo};

    use super::*;
    use crate::engine::Answer;

    const YES: Command = Command::Answer(Answer::Yes);
    const NO: Command = Command::Answer(Answer::No);

    #[test]
    fn a_pipe_gives_commands_and_survives_its_writers() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("answers");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        let (sender, mut commands) = mpsc::channel(4);
        start(Some(&path), true, sender).unwrap();
        for (line, expected) in [("let-in\n", YES), ("perhaps\nnot-let-in\n", NO)] {
            let mut writer = File::options().write(true).open(&path).unwrap();
            writer.write_all(line.as_bytes()).unwrap();
            drop(writer);
            assert_eq!(commands.blocking_recv(), Some(expected), "{line}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_passed_over() {
        let long = "x".repeat(256) + "y\n";
        let mut bytes = b"\xff\xfe\nlet-in\xff\n".to_vec();
        bytes.extend_from_slice(long.as_bytes());
        bytes.extend_from_slice(b"\0\nnot-let-in\n\n let-in \nn");
        let (sender, mut commands) = mpsc::channel(8);
        forward(bytes.as_slice(), &sender);
        drop(sender);
        let got: Vec<_> = std::iter::from_fn(|| commands.blocking_recv()).collect();
        assert_eq!(got, [NO, YES, NO]);
    }

    #[test]
    fn only_a_pipe_will_do() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("answers");
        let start = |path: &Path| start(Some(path), true, mpsc::channel(4).0);
        assert!(start(&missing).unwrap_err().to_string().contains("mkfifo"));
        assert!(start(folder.path()).unwrap_err().to_string().contains("mkfifo"));
    }
}
