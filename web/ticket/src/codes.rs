//! The texts of a ticket's codes.

use kaisatsu_shared::{
    display::clock::{Chain, ChainId},
    id::InstallationId,
    time::UnixSeconds,
    token::{self, DecodeError, Display, ModePart, Shown, Token},
};

/// Why a ticket can't be shown from what the server gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CodesError {
    /// The code isn't one.
    #[error("the code can't be read: {0}")]
    Code(#[from] DecodeError),
    /// The installation isn't 16 bytes in hexadecimal.
    #[error("the installation is malformed")]
    Installation,
    /// The page can't show a ticket of this kind.
    #[error("this page doesn't show such a ticket")]
    Mode,
    /// The code isn't the last of its chain, or the chain isn't the ticket's.
    #[error("the code isn't the last of the ticket's chain")]
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
    /// From a code that never changes, or the code of a clock display's last step: all others follow from it.
    ///
    /// # Errors
    /// [`CodesError`]: only a chain that ends at the signed anchor is taken.
    pub fn new(installation: &str, text: &str) -> Result<Self, CodesError> {
        let Shown { token, display, .. } = token::decode(text)?;
        match (&token.body.mode, display, ChainId::of(&token.body)) {
            (ModePart::Static, ..) => Ok(Self::Still(text.to_owned())),
            (ModePart::Clock(part), Display::Clock { step, link }, Some(id)) => {
                let installation: InstallationId =
                    installation.parse().map_err(|_| CodesError::Installation)?;
                let chain = Chain::from_last(link, installation, id);
                if step != part.steps || chain.anchor() != part.anchor {
                    return Err(CodesError::Chain);
                }
                Ok(Self::Clock { token, id, chain })
            }
            _ => Err(CodesError::Mode),
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
