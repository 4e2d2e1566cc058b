//! Tickets: what their codes say. Each is signed once a thread.

use std::{cell::RefCell, collections::BTreeMap};

use kaisatsu_shared::{
    display::clock::{Chain, ChainId},
    id::{Generation, Serial},
    right::RightRef,
    time::{UnixMillis, UnixSeconds},
    token::{Body, ClockPart, Display, ModePart, Secret, Shown, Token, encode},
};

use super::{Class, EVENT, INSTALLATION, KEYS, OPENING, house};

/// Steps of a clock chain: ten hours.
const STEPS: u16 = 3_600;

/// A ticket's right.
#[must_use]
pub fn right(serial: Serial, generation: Generation) -> RightRef {
    let fingerprint = body(serial, generation, [0; 16]).fingerprint(INSTALLATION, false);
    RightRef { event: EVENT, serial, generation, fingerprint }
}

fn body(serial: Serial, generation: Generation, anchor: [u8; 16]) -> Body {
    let class = Class::of(serial);
    let mut secret = [generation.0; 12];
    for (to, from) in secret.iter_mut().zip(serial.0.to_be_bytes()) {
        *to = from;
    }
    let mode = match class {
        Class::Clock => ModePart::Clock(ClockPart { anchor, start: OPENING, steps: STEPS }),
        _ => ModePart::Static,
    };
    Body {
        key: KEYS[0],
        event: EVENT,
        serial,
        secret: Secret::from_bytes(secret),
        valid_from: UnixSeconds(OPENING.0.saturating_sub(3_600)),
        valid_until: UnixSeconds(OPENING.0.saturating_add(86_400)),
        ticket_type: class.type_id(),
        entries: class.allows(),
        generation,
        mode,
    }
}

/// A ticket that was signed once.
struct Signed {
    token: Token,
    chain: Option<Chain>,
}

thread_local! {
    static SIGNED: RefCell<BTreeMap<(Serial, Issue), Signed>> = const { RefCell::new(BTreeMap::new()) };
}

/// Which issue of a ticket somebody holds, and whether it was signed after the keys were rotated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issue {
    /// The issue.
    pub generation: Generation,
    /// Whether the second key signed it.
    pub rotated: bool,
}

impl Issue {
    /// As it was issued at first.
    pub const FIRST: Self = Self { generation: Generation::FIRST, rotated: false };
}

/// What a ticket's code says at `at`.
#[must_use]
pub fn text(serial: Serial, issue: Issue, at: UnixMillis) -> String {
    SIGNED.with_borrow_mut(|known| {
        let ticket = known.entry((serial, issue)).or_insert_with(|| sign(serial, issue));
        let step = at.to_seconds().0.saturating_sub(OPENING.0) / 10;
        let step = u16::try_from(step).unwrap_or(STEPS).min(STEPS);
        let link = ticket.chain.as_ref().and_then(|chain| chain.link(step));
        let display = link.map_or(Display::Static, |link| Display::Clock { step, link });
        let shown = Shown::new(ticket.token.clone(), display);
        shown.map(|shown| encode(&shown)).unwrap_or_default()
    })
}

fn sign(serial: Serial, issue: Issue) -> Signed {
    let Issue { generation, rotated } = issue;
    let [first, second] = &house().keys;
    let key = if rotated { second } else { first };
    let unsigned = body(serial, generation, [0; 16]);
    let display_key = key.display_key(INSTALLATION);
    let chain = ChainId::of(&unsigned).map(|id| Chain::new(&display_key, INSTALLATION, id));
    let anchor = chain.as_ref().map(Chain::anchor).unwrap_or_default();
    Signed { token: key.sign(INSTALLATION, body(serial, generation, anchor)), chain }
}
