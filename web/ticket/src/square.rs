//! A code's modules.

use fast_qr::{ECL, Mode, QRBuilder};
use wasm_bindgen::prelude::*;

/// A QR code without its quiet zone.
#[wasm_bindgen]
#[derive(Clone, PartialEq, Eq)]
pub struct Square {
    size: u32,
    dark: Vec<u8>,
}

impl Square {
    /// Encodes a token's text, which is alphanumeric, at the level for screens (M); nothing where it isn't, as the
    /// encoder panics on such.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        if !text.bytes().all(is_alphanumeric) {
            return None;
        }
        let code = QRBuilder::new(text).ecl(ECL::M).mode(Mode::Alphanumeric).build().ok()?;
        let modules = code.data.get(..code.size * code.size)?;
        Some(Self {
            size: u32::try_from(code.size).ok()?,
            dark: modules.iter().map(|module| u8::from(module.value())).collect(),
        })
    }
}

/// ISO/IEC 18004, table 5.
const fn is_alphanumeric(byte: u8) -> bool {
    matches!(byte, b'0'..=b'9' | b'A'..=b'Z' | b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':')
}

#[wasm_bindgen]
impl Square {
    /// Modules along one side.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Row by row, 1 where a module is dark.
    #[must_use]
    #[wasm_bindgen(getter)]
    pub fn dark(&self) -> Vec<u8> {
        self.dark.clone()
    }
}

impl core::fmt::Debug for Square {
    // It is the token.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Square({})", self.size)
    }
}
