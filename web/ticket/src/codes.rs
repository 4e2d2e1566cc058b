//! The texts of a ticket's codes.

use kaisatsu_shared::{
    display::clock::{Chain, ChainId},
    id::InstallationId,
    time::UnixSeconds,
    token::{self, DecodeError, Display, Shown, Token},
};

/// Why a ticket can't be shown from what the server gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodesError {
    /// The code isn't one.
    #[error("the code can't be read: {0}")]
    Code(#[from] DecodeError),
    /// Installation or last link aren't 16 bytes in hexadecimal.
    #[error("the installation or the chain's last link is malformed")]
    Malformed,
    /// The chain is missing, or it isn't this ticket's.
    #[error("the chain isn't the ticket's own")]
    Chain,
}

/// A ticket's codes.
pub enum Codes {
    /// One code that never changes.
    Still(String),
    /// A code for each step of a chain.
    Clock {
        /// The signed part, the same in all of them.
        token: Token,
        /// Which chain.
        id: ChainId,
        /// Its links.
        chain: Chain,
    },
}

impl Codes {
    /// From a code of the ticket, and for a clock display the last link of its chain.
    ///
    /// # Errors
    /// [`CodesError`]: only a chain that ends at the signed anchor is taken.
    pub fn new(installation: &str, text: &str, last: Option<&str>) -> Result<Self, CodesError> {
        let Shown { token, display, .. } = token::decode(text)?;
        let Some(id) = ChainId::of(&token.body) else {
            return match display {
                Display::Static => Ok(Self::Still(text.to_owned())),
                _ => Err(CodesError::Malformed),
            };
        };
        let installation = InstallationId(bytes(installation)?);
        let chain = Chain::from_last(bytes(last.ok_or(CodesError::Chain)?)?, installation, id);
        match &token.body.mode {
            token::ModePart::Clock(part) if part.anchor == chain.anchor() => {
                Ok(Self::Clock { token, id, chain })
            }
            _ => Err(CodesError::Chain),
        }
    }

    /// The text to show at `at`; none where the chain doesn't reach.
    #[must_use]
    pub fn at(&self, at: UnixSeconds) -> Option<String> {
        match self {
            Self::Still(text) => Some(text.clone()),
            Self::Clock { token, id, chain } => {
                let step = id.step_at(at)?;
                let display = Display::Clock { step, link: chain.link(step)? };
                Some(token::encode(&Shown::new(token.clone(), display).ok()?))
            }
        }
    }
}

impl core::fmt::Debug for Codes {
    // Tokens and chains admit.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Codes(…)")
    }
}

fn bytes(text: &str) -> Result<[u8; 16], CodesError> {
    let mut bytes = [0; 16];
    hex::decode_to_slice(text, &mut bytes).map_err(|_| CodesError::Malformed)?;
    Ok(bytes)
}
