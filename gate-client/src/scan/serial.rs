//! Serial scanners: USB CDC-ACM and RS-232, 8 data bits, no parity, one stop bit.

use std::io;
use std::path::Path;
use std::time::Duration;

use serial2::SerialPort;

use super::pump::{Heard, WAIT_MS, Wire};

/// An open port.
pub(super) struct Port(SerialPort);

impl Port {
    pub(super) fn open(device: &Path, baud: u32) -> io::Result<Self> {
        let mut port = SerialPort::open(device, baud)?;
        port.set_read_timeout(Duration::from_millis(u64::from(WAIT_MS)))?;
        // What a scanner sent while nobody listened is no scan of now, and may be half of one.
        port.discard_input_buffer()?;
        Ok(Self(port))
    }
}

impl Wire for Port {
    fn hear(&mut self, into: &mut Vec<u8>) -> Heard {
        let mut buffer = [0; 1024];
        match self.0.read(&mut buffer) {
            Ok(0) => Heard::Gone,
            Ok(count) => {
                into.extend(buffer.iter().take(count));
                Heard::Bytes
            }
            Err(error) if error.kind() == io::ErrorKind::TimedOut => Heard::Silence,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Heard::Bytes,
            Err(_) => Heard::Gone,
        }
    }
}
