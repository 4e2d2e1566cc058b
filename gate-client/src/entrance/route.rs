//! Which of an entrance's events a code is for.

use kaisatsu_shared::{id::EventId, token::decode};

/// The place of the event that the code names; the first one for everything else, which says why it
/// admits nobody.
pub(super) fn route(text: &str, events: &[EventId]) -> usize {
    let named = decode(text).map(|shown| shown.token.body.event);
    named.ok().and_then(|event| events.iter().position(|known| *known == event)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use kaisatsu_shared::{
        id::{Generation, InstallationId, KeyId, Serial, TypeId},
        key::EventKey,
        time::UnixSeconds,
        token::{Body, Display, ModePart, Secret, Shown, encode},
    };

    use super::*;

    fn ticket(event: EventId) -> String {
        let key = EventKey::from_seed(KeyId(1), [1; 32]);
        let body = Body {
            key: key.id(),
            event,
            serial: Serial(0),
            secret: Secret::from_bytes([1; 12]),
            valid_from: UnixSeconds(0),
            valid_until: UnixSeconds(9),
            ticket_type: TypeId(1),
            entries: 1,
            generation: Generation::FIRST,
            mode: ModePart::Static,
        };
        let token = key.sign(InstallationId([1; 16]), body);
        encode(&Shown::new(token, Display::Static).unwrap())
    }

    #[test]
    fn a_code_goes_to_its_event_and_anything_else_to_the_first() {
        let events = [EventId(4), EventId(2), EventId(9)];
        for (place, event) in events.into_iter().enumerate() {
            assert_eq!(route(&ticket(event), &events), place);
        }
        let cut = ticket(EventId(9)).replace("KS1:", "KS1:0");
        for stranger in [&ticket(EventId(5)), &cut, "", "KS1:", "https://example.com"] {
            assert_eq!(route(stranger, &events), 0, "{stranger}");
        }
    }
}
