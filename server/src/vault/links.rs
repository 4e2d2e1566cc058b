//! Tickets' personal links: made and known again by a key, so that no table of them can be lost or stolen.

use kaisatsu_shared::{
    hash::{Domain, Kind, hmac, truncate},
    id::{EventId, Generation, Serial},
};
use subtle::ConstantTimeEq as _;

use super::{Purpose, Vault};
use crate::link::Link;

impl Vault {
    /// The link of a ticket's issue.
    #[must_use]
    pub fn link(&self, event: EventId, serial: Serial, generation: Generation) -> Link {
        let prefix = Domain::new(Kind::TicketLink, self.installation).prefix();
        let parts: [&[u8]; 4] =
            [&prefix, &event.0.to_be_bytes(), &serial.0.to_be_bytes(), &[generation.0]];
        let mac = truncate(&hmac(self.subkey(Purpose::TicketLink), &parts));
        Link { event, serial, generation, mac }
    }

    /// Whether a link was made here. Takes as long for one that wasn't, and looks nothing up: nobody learns from it
    /// which tickets there are.
    #[must_use]
    pub fn is_link(&self, link: &Link) -> bool {
        let true_link = self.link(link.event, link.serial, link.generation);
        true_link.mac.ct_eq(&link.mac).into()
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::id::InstallationId;

    use super::*;
    use crate::vault::MasterKey;

    #[test]
    fn a_link_is_known_for_its_ticket_issue_key_and_installation_only() {
        let vault = |master, installation| {
            Vault::new(&MasterKey::from_bytes([master; 32]), InstallationId([installation; 16]))
        };
        let ours = vault(1, 1);
        let link = ours.link(EventId(1), Serial(17), Generation(1));
        assert!(ours.is_link(&link));
        for other in [
            Link { event: EventId(2), ..link },
            Link { serial: Serial(16), ..link },
            Link { generation: Generation(2), ..link },
            Link { mac: [0; 16], ..link },
        ] {
            assert!(!ours.is_link(&other), "{other:?}");
        }
        assert!(!vault(2, 1).is_link(&link) && !vault(1, 2).is_link(&link));
    }
}
