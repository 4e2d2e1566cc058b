//! Where the server listens.

use std::net::{SocketAddr, ToSocketAddrs};

/// An address whose use was checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Listen(SocketAddr);

/// Why an address is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListenError {
    /// Not an address.
    #[error("--listen `{0}` is not an address and port; give one like 127.0.0.1:8080")]
    Malformed(String),
    /// Readable by others on the network.
    #[error(
        "--listen {0} is reachable from other machines, and HTTP without TLS lets them read tokens; listen on 127.0.0.1 behind a TLS proxy, or add --insecure-http on a network you trust"
    )]
    Insecure(SocketAddr),
}

impl Listen {
    /// Takes `ADDRESS:PORT` or `HOST:PORT`; port 0 is any free one. Other machines may only reach
    /// it if `insecure_http` says so.
    ///
    /// # Errors
    /// [`ListenError`].
    pub fn new(text: &str, insecure_http: bool) -> Result<Self, ListenError> {
        let address = text
            .to_socket_addrs()
            .ok()
            .and_then(|mut addresses| addresses.next())
            .ok_or_else(|| ListenError::Malformed(text.to_owned()))?;
        if !address.ip().to_canonical().is_loopback() && !insecure_http {
            return Err(ListenError::Insecure(address));
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub const fn address(self) -> SocketAddr {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_machines_are_kept_out_unless_told_otherwise() {
        for own in ["127.0.0.1:8080", "[::1]:0", "127.9.9.9:1", "[::ffff:127.0.0.1]:80"] {
            assert!(Listen::new(own, false).is_ok(), "{own}");
        }
        for open in ["0.0.0.0:8080", "[::]:8080", "192.0.2.1:80"] {
            assert!(matches!(Listen::new(open, false), Err(ListenError::Insecure(_))), "{open}");
            assert!(Listen::new(open, true).is_ok(), "{open}");
        }
        for bad in ["", "8080", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:x"] {
            let refused = Err(ListenError::Malformed(bad.to_owned()));
            assert_eq!(Listen::new(bad, true), refused);
        }
    }
}
