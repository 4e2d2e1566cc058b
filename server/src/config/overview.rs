//! Whether the page at `/` shows numbers to everybody.

use std::net::SocketAddr;

use super::Listen;

/// Whether everybody who can ask sees every event's numbers. Closed unless told otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOverview(bool);

/// Others could see the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "--open-overview shows every event's numbers to whoever asks, and --listen {0} is reachable from other machines; listen on 127.0.0.1, or leave --open-overview out and ask /api/v1/events/N/stats with an API token"
)]
pub struct OverviewError(SocketAddr);

impl OpenOverview {
    /// Opens the overview if `asked`, where only this machine can ask for it.
    ///
    /// # Errors
    /// [`OverviewError`].
    pub fn new(asked: bool, listen: Listen) -> Result<Self, OverviewError> {
        let address = listen.address();
        if asked && !address.ip().to_canonical().is_loopback() {
            return Err(OverviewError(address));
        }
        Ok(Self(asked))
    }

    /// Whether it is open.
    #[must_use]
    pub const fn is_open(self) -> bool {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_open_to_this_machine_alone() {
        let listen = |text| Listen::new(text, true).unwrap();
        for own in ["127.0.0.1:0", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
            assert_eq!(OpenOverview::new(true, listen(own)), Ok(OpenOverview(true)));
        }
        for open in ["0.0.0.0:80", "[::]:80", "192.0.2.1:80"] {
            let error = OpenOverview::new(true, listen(open)).unwrap_err().to_string();
            assert!(error.contains(open) && error.contains("leave --open-overview out"), "{error}");
            assert_eq!(OpenOverview::new(false, listen(open)), Ok(OpenOverview::default()));
        }
    }
}
