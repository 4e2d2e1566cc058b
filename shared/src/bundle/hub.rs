//! A gate client that other gates may ask while the server can't be asked.

use serde::{Deserialize, Serialize};

use crate::{id::DeviceId, key::DevicePublic};

/// Most addresses of a hub.
pub const MAX_HUB_ADDRESSES: usize = 4;

/// The venue's hub: a gate client of the event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// The device.
    pub device: DeviceId,
    /// Its public key: whoever answers must hold the other half.
    pub public: DevicePublic,
    /// Where it is found in the venue's network: `HOST:PORT`, the first that answers.
    pub addresses: Vec<String>,
}

/// Whether a text is an address at which a hub can be asked: a name or an IP address (IPv6 in brackets)
/// and a port.
#[must_use]
pub fn is_hub_address(text: &str) -> bool {
    if text.len() > 255 {
        return false;
    }
    if let Ok(address) = text.parse::<core::net::SocketAddr>() {
        return address.port() > 0;
    }
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.');
    // What looks like an IPv4 address and isn't one is no name either.
    let name =
        host.chars().all(letter) && host.starts_with(|first: char| first.is_ascii_alphabetic());
    name && port.parse::<u16>().is_ok_and(|port| port > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_host_and_port() {
        for good in ["192.168.1.20:7443", "[fd00::1]:7443", "hub.local:7443", "hub-1:1"] {
            assert!(is_hub_address(good), "{good}");
        }
        let long = format!("{}:1", "a".repeat(300));
        for bad in [
            "",
            "hub",
            "hub:",
            "hub:0",
            "hub:70000",
            ":7443",
            "192.168.1:7443",
            "a/b:1",
            "a@b:1",
            "http://hub:1",
            "1.2.3.4:0",
            "fd00::1:7443",
            &long,
        ] {
            assert!(!is_hub_address(bad), "{bad}");
        }
    }
}
