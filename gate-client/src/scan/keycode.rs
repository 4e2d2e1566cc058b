//! Translates the key events of a keyboard-mode scanner as a US keyboard does, so that the host's
//! layout doesn't matter. Pure; codes are those of Linux `input-event-codes.h`.

/// Consecutive key codes and their characters, plain and with Shift.
const RUNS: [(u16, &[u8], &[u8]); 10] = [
    (2, b"1234567890-=", b"!@#$%^&*()_+"),
    (16, b"qwertyuiop[]", b"QWERTYUIOP{}"),
    (30, b"asdfghjkl;'`", b"ASDFGHJKL:\"~"),
    (43, b"\\zxcvbnm,./", b"|ZXCVBNM<>?"),
    (57, b" ", b" "),
    // The keypad.
    (55, b"*", b"*"),
    (71, b"789-456+1230.", b"789-456+1230."),
    (98, b"/", b"/"),
    // Enter, the keypad's Enter and Tab end a scan.
    (28, b"\r", b"\r"),
    (96, b"\r", b"\r"),
];
const TAB: u16 = 15;
const LEFT_CTRL: u16 = 29;
const RIGHT_CTRL: u16 = 97;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const LEFT_ALT: u16 = 56;
const CAPS_LOCK: u16 = 58;

/// The modifier state of one scanner.
#[derive(Debug, Clone, Default)]
pub struct KeyTranslator {
    left_shift: bool,
    right_shift: bool,
    ctrl: bool,
    caps: bool,
    /// Digits typed on the keypad while Alt is held: some scanners send every character so.
    alt_code: Option<u32>,
}

impl KeyTranslator {
    /// No key held, Caps Lock off.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one key event (`value` 1 = pressed, 0 = released; 2 = repeated by the kernel, which
    /// no scanner means) and gives the byte it types, if any.
    pub fn key(&mut self, code: u16, value: i32) -> Option<u8> {
        let down = match value {
            0 => false,
            1 => true,
            _ => return None,
        };
        match code {
            LEFT_SHIFT => self.left_shift = down,
            RIGHT_SHIFT => self.right_shift = down,
            LEFT_CTRL | RIGHT_CTRL => self.ctrl = down,
            CAPS_LOCK => self.caps ^= down,
            LEFT_ALT if down => self.alt_code = Some(0),
            LEFT_ALT => {
                return self
                    .alt_code
                    .take()
                    .and_then(|code| u8::try_from(code).ok())
                    .filter(|byte| *byte > 0);
            }
            _ if down => return self.press(code),
            _ => {}
        }
        None
    }

    fn press(&mut self, code: u16) -> Option<u8> {
        let (plain, shifted) = characters(code)?;
        if let Some(held) = &mut self.alt_code {
            let digit = char::from(plain).to_digit(10).filter(|_| (71..=82).contains(&code))?;
            *held = held.saturating_mul(10).saturating_add(digit);
            return None;
        }
        let shift =
            (self.left_shift || self.right_shift) ^ (self.caps && plain.is_ascii_alphabetic());
        let byte = if shift { shifted } else { plain };
        // Ctrl+M, Ctrl+J and Ctrl+I are how some scanners send CR, LF and Tab.
        Some(if self.ctrl && (b'@'..=b'~').contains(&byte) { byte & 0x1f } else { byte })
    }
}

fn characters(code: u16) -> Option<(u8, u8)> {
    if code == TAB {
        return Some((b'\t', b'\t'));
    }
    RUNS.iter().find_map(|(first, plain, shifted)| {
        let key = usize::from(code.checked_sub(*first)?);
        Some((*plain.get(key)?, *shifted.get(key)?))
    })
}
