//! A ticket's personal link: whoever has it sees the ticket and can enter on it. Its secret stands behind the `#` of an
//! address, which browsers send to nobody, and is an authentication code by a key that the database doesn't hold: it
//! needs no table, and a reissued ticket's older link opens nothing.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use kaisatsu_shared::{
    id::{EventId, Generation, Serial},
    wire::{Reader, Writer},
};

/// Where the page is, below the server's own address.
pub const PAGE: &str = "/t/";
/// Event 4, serial 4, generation 1, authentication code 16.
const BYTES: usize = 25;

/// What a link says: which ticket, and that it may.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// The event.
    pub event: EventId,
    /// The ticket.
    pub serial: Serial,
    /// Its issue.
    pub generation: Generation,
    /// By the vault's key for links, over all of these.
    pub mac: [u8; 16],
}

impl Link {
    /// The secret: 34 characters that an address may hold.
    #[must_use]
    pub fn secret(&self) -> String {
        let mut out = Writer::with_capacity(BYTES);
        out.u32(self.event.0).u32(self.serial.0).u8(self.generation.0).bytes(&self.mac);
        BASE64_URL_SAFE_NO_PAD.encode(out.finish())
    }

    /// Reads a secret; none if it isn't as [`Link::secret`] writes it.
    #[must_use]
    pub fn parse(secret: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(secret).ok()?;
        let mut reader = Reader::new(&bytes);
        let link = Self {
            event: EventId(reader.u32().ok()?),
            serial: Serial(reader.u32().ok()?),
            generation: Generation(reader.u8().ok()?),
            mac: reader.array().ok()?,
        };
        (bytes.len() == BYTES).then_some(link)
    }
}

impl core::fmt::Debug for Link {
    // Without the code, which admits.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { event, serial, generation, .. } = self;
        write!(f, "Link({event}, {serial}, {generation:?}, …)")
    }
}

/// The address that opens tickets: several, of a group, in one. `base` is the server's own.
#[must_use]
pub fn address(base: &str, links: &[Link]) -> String {
    let secrets: Vec<_> = links.iter().map(Link::secret).collect();
    format!("{}{PAGE}#{}", base.trim_end_matches('/'), secrets.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: Link =
        Link { event: EventId(1), serial: Serial(17), generation: Generation(1), mac: [0xfb; 16] };

    #[test]
    fn a_secret_is_read_back_and_nothing_else_is() {
        let secret = LINK.secret();
        assert_eq!(secret, "AAAAAQAAABEB-_v7-_v7-_v7-_v7-_v7-w");
        assert_eq!(Link::parse(&secret), Some(LINK));
        let (longer, shorter) = (format!("{secret}AAAA"), secret.split_at(30).0.to_owned());
        for bad in ["", "=", "17", &longer, &shorter, &secret.replace('-', "+")] {
            assert_eq!(Link::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn the_secrets_are_behind_the_hash_only() {
        let address = address("https://tickets.example/", &[LINK, LINK]);
        let (sent, kept) = address.split_once('#').unwrap();
        assert_eq!(sent, "https://tickets.example/t/");
        assert_eq!(kept.split('.').filter_map(Link::parse).count(), 2);
    }

    #[test]
    fn debug_does_not_show_the_secret() {
        let shown = format!("{LINK:?}");
        assert!(shown.contains("17") && !shown.contains("251") && !shown.contains("fb"), "{shown}");
    }
}
