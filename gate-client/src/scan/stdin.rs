//! Lines of standard input: a pipe, a file, or a terminal that a keyboard-mode scanner types into.

use std::io;
use std::os::fd::AsFd;

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::pump::{Heard, WAIT_MS, Wire};

/// Standard input, read without Rust's buffer so that waiting can be bounded.
pub(super) struct Stdin;

impl Wire for Stdin {
    fn hear(&mut self, into: &mut Vec<u8>) -> Heard {
        read_some(&io::stdin(), into)
    }
}

/// Waits for bytes and reads them once.
pub(super) fn read_some(from: &impl AsFd, into: &mut Vec<u8>) -> Heard {
    match ready(from) {
        Ok(true) => {}
        Ok(false) => return Heard::Silence,
        Err(_) => return Heard::End,
    }
    let mut buffer = [0; 4096];
    match nix::unistd::read(from, &mut buffer) {
        Ok(0) => Heard::End,
        Ok(count) => {
            into.extend(buffer.iter().take(count));
            Heard::Bytes
        }
        Err(Errno::EINTR | Errno::EAGAIN) => Heard::Bytes,
        Err(_) => Heard::End,
    }
}

/// Waits up to [`WAIT_MS`] until a read won't block (there are bytes, an end or an error).
pub(super) fn ready(from: &impl AsFd) -> Result<bool, Errno> {
    let mut waiting = [PollFd::new(from.as_fd(), PollFlags::POLLIN)];
    match poll(&mut waiting, PollTimeout::from(WAIT_MS)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::EINTR) => Ok(false),
        Err(error) => Err(error),
    }
}
