//! Draws QR codes: PNG and SVG files for print and screen, block characters for a terminal.

mod caption;
mod png;
mod svg;
mod terminal;

pub use png::{MIN_SCALE, PRINT_SCALE};

use fast_qr::{ECL, Mode, QRBuilder, QRCode};

use caption::Caption;

/// Light modules around the symbol (ISO/IEC 18004 §9.1 asks for four).
pub const QUIET_ZONE: usize = 4;

/// How much damage the code must bear.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Paper gets creased and stained: error correction level Q.
    Print,
    /// Screens are clean but small: error correction level M.
    Screen,
}

/// Why a text can't be drawn.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// More than a QR code holds.
    #[error("the text is too long for a QR code ({0} characters); shorten it")]
    TooLong(usize),
    /// Fewer pixels a module than cameras can tell apart.
    #[error("{0} pixels a module can't be scanned; use at least {MIN_SCALE}")]
    TooSmall(u8),
    /// The PNG encoder failed.
    #[error("the PNG file can't be made: {0}")]
    Png(#[from] image::ImageError),
}

/// A QR code, ready to be drawn.
pub struct Code {
    symbol: QRCode,
    /// Lines under it.
    caption: Vec<String>,
}

impl core::fmt::Debug for Code {
    // The symbol holds the token.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "Code({} modules)", self.symbol.size)
    }
}

impl Code {
    /// Encodes `text`: in alphanumeric mode where its characters allow, so that tokens stay small.
    ///
    /// # Errors
    /// [`RenderError::TooLong`].
    pub fn new(text: &str, purpose: Purpose) -> Result<Self, RenderError> {
        let level = match purpose {
            Purpose::Print => ECL::Q,
            Purpose::Screen => ECL::M,
        };
        let mode = if text.bytes().all(is_alphanumeric) { Mode::Alphanumeric } else { Mode::Byte };
        let symbol = QRBuilder::new(text)
            .ecl(level)
            .mode(mode)
            .build()
            .map_err(|_| RenderError::TooLong(text.len()))?;
        Ok(Self { symbol, caption: Vec::new() })
    }

    /// The same code with lines of text under it, outside the quiet zone. They are in its pictures, not on
    /// a terminal.
    #[must_use]
    pub fn with_caption<'a>(self, lines: impl IntoIterator<Item = &'a str>) -> Self {
        Self { caption: lines.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// The lines under a picture of `scale` pixels a module, as wide as the symbol at most.
    fn caption(&self, scale: usize) -> Caption {
        let lines: Vec<_> = self.caption.iter().map(String::as_str).collect();
        Caption::new(&lines, self.modules() * scale, scale * 3 / 8)
    }

    /// Modules along one side, without the quiet zone.
    #[must_use]
    pub const fn modules(&self) -> usize {
        self.symbol.size
    }

    /// Whether the module is dark; outside the symbol none is.
    fn is_dark(&self, row: usize, column: usize) -> bool {
        column < self.symbol.size
            && self
                .symbol
                .data
                .get(row * self.symbol.size + column)
                .is_some_and(|module| module.value())
    }
}

/// The 45 characters of a QR code's alphanumeric mode (ISO/IEC 18004 §7.4.4).
const fn is_alphanumeric(byte: u8) -> bool {
    byte.is_ascii_digit()
        || byte.is_ascii_uppercase()
        || matches!(byte, b' ' | b'$' | b'%' | b'*' | b'+' | b'-' | b'.' | b'/' | b':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_have_the_sizes_of_the_design() {
        let size = |length: usize, purpose| {
            let code = Code::new(&"A".repeat(length), purpose).unwrap();
            (code.modules() - 17) / 4
        };
        assert_eq!(size(151, Purpose::Screen), 6, "static on a screen");
        assert_eq!(size(151, Purpose::Print), 8, "static in print");
        assert_eq!(size(211, Purpose::Screen), 8, "clock on a screen");
        assert_eq!(size(309, Purpose::Screen), 10, "device on a screen");
    }

    #[test]
    fn what_is_too_long_is_refused() {
        assert!(matches!(
            Code::new(&"A".repeat(5_000), Purpose::Print),
            Err(RenderError::TooLong(5_000))
        ));
    }

    #[test]
    fn debug_does_not_show_the_text() {
        let code = Code::new("KS1:SECRET", Purpose::Print).unwrap();
        assert!(!format!("{code:?}").contains("SECRET"));
    }
}
