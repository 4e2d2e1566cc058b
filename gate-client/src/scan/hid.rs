//! Keyboard-mode scanners read directly from their input device (Linux evdev). The device is
//! grabbed, so that scans type nowhere else, and its keys are read as a US keyboard's.

use std::io;
use std::path::Path;

use evdev::raw_stream::RawDevice;
use evdev::{EventSummary, KeyCode, SynchronizationCode};
use nix::errno::Errno;

use super::keycode::KeyTranslator;
use super::pump::{Heard, Wire};
use super::stdin::ready;

/// A grabbed input device.
pub(super) struct Keys {
    device: RawDevice,
    keys: KeyTranslator,
    /// After lost events, those up to the next report belong to them.
    lost: bool,
}

impl Keys {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let mut device = RawDevice::open(path)?;
        let types = device.supported_keys().is_some_and(|keys| {
            [KeyCode::KEY_ENTER, KeyCode::KEY_K, KeyCode::KEY_1]
                .into_iter()
                .all(|key| keys.contains(key))
        });
        if !types {
            return Err(Errno::ENOTTY.into());
        }
        device.grab()?;
        Ok(Self { device, keys: KeyTranslator::new(), lost: false })
    }
}

impl Wire for Keys {
    fn hear(&mut self, into: &mut Vec<u8>) -> Heard {
        match ready(&self.device) {
            Ok(true) => {}
            Ok(false) => return Heard::Silence,
            Err(_) => return Heard::Gone,
        }
        let events = match self.device.fetch_events() {
            Ok(events) => events,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Heard::Bytes,
            Err(_) => return Heard::Gone,
        };
        let mut loss = false;
        for event in events {
            match event.destructure() {
                EventSummary::Synchronization(_, SynchronizationCode::SYN_DROPPED, _) => {
                    // The kernel's buffer overflowed: held keys are unknown, the scan is broken.
                    self.keys = KeyTranslator::new();
                    self.lost = true;
                    loss = true;
                    into.clear();
                }
                EventSummary::Synchronization(_, SynchronizationCode::SYN_REPORT, _) => {
                    self.lost = false
                }
                EventSummary::Key(_, key, value) if !self.lost => {
                    into.extend(self.keys.key(key.0, value))
                }
                _ => {}
            }
        }
        if loss { Heard::Loss } else { Heard::Bytes }
    }
}
