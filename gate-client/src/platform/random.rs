//! The randomness adapter: the one place of the gate that draws from the system.

/// The system gives no randomness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers: restart the device")]
pub(crate) struct NoEntropy;

/// Fresh random bytes.
///
/// # Errors
/// [`NoEntropy`].
#[expect(clippy::disallowed_methods, reason = "the randomness adapter")]
pub(crate) fn random<const N: usize>() -> Result<[u8; N], NoEntropy> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| NoEntropy)?;
    Ok(bytes)
}
