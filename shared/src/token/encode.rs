//! From token to the text of a QR code.

use super::{Display, PREFIX, Shown, Token};
use crate::display::wallet;
use crate::wire::Writer;

/// The text of the QR code; [`decode()`](super::decode()) gives the same [`Shown`] back.
#[must_use]
pub fn encode(shown: &Shown) -> String {
    let mut out = Writer::with_capacity(204);
    shown.token.write(&mut out);
    match &shown.display {
        Display::Static | Display::Wallet { .. } => {}
        Display::Clock { step, link } => {
            out.u16(*step).bytes(link);
        }
        Display::Device { time, nonce, signature } => {
            out.u32(time.0).bytes(nonce).bytes(signature);
        }
    }
    let mut text = String::with_capacity(320);
    text.push_str(PREFIX);
    text.push_str(&base45::encode(out.finish()));
    if let Display::Wallet { time, value } = shown.display {
        text.push_str(&wallet::write(time, value));
    }
    text
}

impl Token {
    fn write(&self, out: &mut Writer) {
        self.body.write(out);
        out.bytes(&self.signature);
    }

    /// Body, then signature: the token without display, as the issuer stores it.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer::with_capacity(204);
        self.write(&mut out);
        out.finish()
    }
}
