//! From what is recorded of a ticket to its token.

use kaisatsu_shared::{
    bundle::TicketType,
    id::{EventId, Generation, InstallationId, KeyId, Serial, TypeId},
    key::EventKey,
    time::UnixSeconds,
    token::{
        Body, ClockPart, DecodeError, Display, Fingerprint, Mode, ModePart, Secret, Shown, Token,
        encode,
    },
};

use crate::store::StoreError;

/// What is recorded of a ticket's newest generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketRecord {
    /// The event.
    pub event: EventId,
    /// Its number.
    pub serial: Serial,
    /// Its type.
    pub ticket_type: TypeId,
    /// Its newest generation.
    pub generation: Generation,
    /// The first second of validity.
    pub valid_from: UnixSeconds,
    /// The first second after it.
    pub valid_until: UnixSeconds,
    /// Admissions allowed; 0 is without limit.
    pub entries: u8,
    /// How a phone shows it.
    pub display: Mode,
    /// The key that was the current one when this generation was issued.
    pub key: KeyId,
    /// Its secret.
    pub secret: Secret,
}

impl TicketRecord {
    /// The token's body; a clock ticket's with `chain`.
    fn body(&self, key: KeyId, chain: Option<ClockPart>) -> Body {
        Body {
            key,
            event: self.event,
            serial: self.serial,
            secret: self.secret.clone(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
            ticket_type: self.ticket_type,
            entries: self.entries,
            generation: self.generation,
            mode: chain.map_or(ModePart::Static, ModePart::Clock),
        }
    }

    /// The ticket's fingerprint in the roster, as one of its type. It doesn't depend on the signing key, nor on a
    /// clock ticket's chain, which is made only when the ticket is first shown.
    ///
    /// # Errors
    /// [`StoreError::DisplayUnsupported`] and [`StoreError::EmptyValidity`]: no such token can be
    /// made.
    pub fn fingerprint(
        &self,
        installation: InstallationId,
        ticket_type: &TicketType,
    ) -> Result<Fingerprint, StoreError> {
        let body = self.body(KeyId(0), self.no_chain()?);
        body.check().map_err(|error| match error {
            DecodeError::EmptyValidity => StoreError::EmptyValidity,
            error => StoreError::Internal(error.to_string()),
        })?;
        Ok(ticket_type.fingerprint(installation, &body))
    }

    /// Stands for the chain of a ticket that nobody is shown.
    const fn no_chain(&self) -> Result<Option<ClockPart>, StoreError> {
        match self.display {
            Mode::Static => Ok(None),
            Mode::Clock => {
                Ok(Some(ClockPart { anchor: [0; 16], start: self.valid_from, steps: 1 }))
            }
            Mode::Device | Mode::Wallet => Err(StoreError::DisplayUnsupported),
        }
    }

    /// The ticket signed but without a display, to try rules on: no gate admits it.
    ///
    /// # Errors
    /// [`StoreError::DisplayUnsupported`].
    pub fn token(&self, installation: InstallationId, key: &EventKey) -> Result<Token, StoreError> {
        Ok(key.sign(installation, self.body(key.id(), self.no_chain()?)))
    }

    /// The text of the QR code, as `display` shows it.
    ///
    /// # Errors
    /// [`StoreError::DisplayUnsupported`] if `display` isn't of the ticket's mode.
    pub fn text(
        &self,
        installation: InstallationId,
        key: &EventKey,
        chain: Option<ClockPart>,
        display: Display,
    ) -> Result<String, StoreError> {
        if self.display != if chain.is_some() { Mode::Clock } else { Mode::Static } {
            return Err(StoreError::DisplayUnsupported);
        }
        let token = key.sign(installation, self.body(key.id(), chain));
        let shown = Shown::new(token, display).map_err(|_| StoreError::DisplayUnsupported)?;
        Ok(encode(&shown))
    }
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{key::KeyRing, key::ListedKey, token};

    use super::*;

    fn ticket_type() -> TicketType {
        TicketType {
            id: TypeId(1),
            name: Default::default(),
            entries: 1,
            display: Mode::Clock,
            gates: vec![],
            renewing: false,
            admission: Default::default(),
        }
    }

    #[test]
    fn the_fingerprint_is_the_shown_tokens() {
        let installation = InstallationId([3; 16]);
        let key = EventKey::from_seed(KeyId(2), [9; 32]);
        let mut ticket = TicketRecord {
            event: EventId(1),
            serial: Serial(7),
            ticket_type: TypeId(1),
            generation: Generation(1),
            valid_from: UnixSeconds(1_000),
            valid_until: UnixSeconds(2_000),
            entries: 1,
            display: Mode::Clock,
            key: KeyId(2),
            secret: Secret::from_bytes([5; 12]),
        };
        let part = ClockPart { anchor: [1; 16], start: UnixSeconds(990), steps: 50 };
        let display = Display::Clock { step: 3, link: [2; 16] };
        let text = ticket.text(installation, &key, Some(part), display.clone()).unwrap();
        let shown = token::decode(&text).unwrap();
        let print = shown.token.body.fingerprint(installation, false);
        let mut kind = ticket_type();
        assert_eq!(ticket.fingerprint(installation, &kind), Ok(print));
        kind.renewing = true;
        let print_of_pass = shown.token.body.fingerprint(installation, true);
        assert_eq!(ticket.fingerprint(installation, &kind), Ok(print_of_pass));
        kind.renewing = false;
        let listed = ListedKey { id: KeyId(2), public: key.public(), current: true };
        assert!(KeyRing::new([listed]).unwrap().verify(installation, &shown.token).is_ok());
        ticket.display = Mode::Static;
        assert_ne!(ticket.fingerprint(installation, &kind), Ok(print));
        assert_eq!(
            ticket.text(installation, &key, Some(part), display),
            Err(StoreError::DisplayUnsupported)
        );
        ticket.valid_until = ticket.valid_from;
        assert_eq!(ticket.fingerprint(installation, &kind), Err(StoreError::EmptyValidity));
    }
}
