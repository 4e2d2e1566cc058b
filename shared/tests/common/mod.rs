//! Tokens for tests.
#![allow(dead_code, unreachable_pub)] // Each test program uses its part.
#![allow(clippy::unwrap_used)]

use kaisatsu_shared::display::clock::{Chain, ChainId};
use kaisatsu_shared::id::{EventId, Generation, InstallationId, KeyId, Serial, TypeId};
use kaisatsu_shared::key::EventKey;
use kaisatsu_shared::time::UnixSeconds;
use kaisatsu_shared::token::{Body, ClockPart, Display, ModePart, Secret, Shown};

pub const INSTALLATION: InstallationId = InstallationId([0x5a; 16]);

pub fn key() -> EventKey {
    EventKey::from_seed(KeyId(3), [7; 32])
}

pub fn body(mode: ModePart) -> Body {
    Body {
        key: KeyId(3),
        event: EventId(20_261_122),
        serial: Serial(41),
        secret: Secret::from_bytes(*b"not so secre"),
        valid_from: UnixSeconds(1_795_000_000),
        valid_until: UnixSeconds(1_795_050_000),
        ticket_type: TypeId(2),
        entries: 1,
        generation: Generation(1),
        mode,
    }
}

pub fn clock_id(steps: u16) -> ChainId {
    ChainId {
        event: EventId(20_261_122),
        serial: Serial(41),
        generation: Generation(1),
        start: UnixSeconds(1_795_000_000),
        steps,
    }
}

pub fn phone_key() -> [u8; 33] {
    let mut point = [0x17; 33];
    point[0] = 3;
    point
}

/// One shown token of each mode.
pub fn shown() -> Vec<Shown> {
    let key = key();
    let id = clock_id(360);
    let chain = Chain::new(&key.display_key(INSTALLATION), INSTALLATION, id);
    let clock = ClockPart { anchor: chain.anchor(), start: id.start, steps: id.steps };
    let time = UnixSeconds(1_795_000_123);
    [
        (ModePart::Static, Display::Static),
        (ModePart::Clock(clock), Display::Clock { step: 12, link: chain.link(12).unwrap() }),
        (
            ModePart::Device { public_key: phone_key() },
            Display::Device { time, nonce: *b"lane", signature: [0x42; 64] },
        ),
        (ModePart::Wallet, Display::Wallet { time, value: 1_234_567 }),
    ]
    .into_iter()
    .map(|(mode, display)| Shown::new(key.sign(INSTALLATION, body(mode)), display).unwrap())
    .collect()
}
