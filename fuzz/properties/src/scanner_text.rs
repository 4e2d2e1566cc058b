//! Whatever a scanner sends: no panic, nobody admitted but on the one genuine ticket, and the next
//! scan still works.

use std::sync::OnceLock;

use kaisatsu_shared::{
    id::{Epoch, Generation, Serial, TypeId},
    ledger::{EventState, LedgerBody, UnpaidTickets},
    reason::{Outcome, ReasonCode},
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{PREFIX, decode},
};

use crate::{
    gate::Gate,
    house::{AT, EVENT, INSTALLATION, body, house, right, text},
};

/// The ledger in which ticket 0 was issued.
fn issued() -> &'static [Vec<u8>] {
    static ISSUED: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ISSUED.get_or_init(|| {
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(0));
        let (first, ticket_type, entries) = (Serial(0), TypeId(1), 1);
        let fingerprints = vec![right(0).fingerprint];
        let issued = LedgerBody::Issued {
            first,
            ticket_type,
            entries,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        };
        let at = TimeInterval::exact(UnixMillis(0));
        vec![state.append(issued, at).expect("an empty ledger takes it").1]
    })
}

fn check(text: &str) {
    let house = house();
    let mut gate = Gate::start(house, issued());
    let passed = gate.scan(text).outcome() == Outcome::Admit;
    if passed {
        assert_eq!(decode(text), decode(&house.genuine), "admitted on {text:?}");
    }
    let code = gate.scan(&house.genuine).code;
    assert_eq!(code, if passed { ReasonCode::AlreadyUsed } else { ReasonCode::Admitted });
}

/// Plays the input: a text, a token, a piece of the genuine text, or another ticket.
pub fn holds(data: &[u8]) {
    let text_of = String::from_utf8_lossy(data);
    check(&text_of);
    check(&format!("{PREFIX}{}", base45::encode(data)));
    // The genuine text with one piece replaced.
    if let Some(([from, length], rest)) = data.split_first_chunk() {
        let genuine = &house().genuine;
        let from = usize::from(*from) % genuine.len();
        let until = (from + usize::from(*length) % 8).min(genuine.len());
        let piece = String::from_utf8_lossy(rest);
        check(&format!("{}{piece}{}", &genuine[..from], &genuine[until..]));
    }
    // Any other ticket that the event's own key signed.
    if let Some((secret, rest)) = data.split_first_chunk::<12>() {
        let mut other = body(u32::from(rest.first().copied().unwrap_or(0) % 3), *secret);
        if let Some([entries, generation, kind, hour, ..]) = rest.get(1..) {
            other.entries = *entries;
            other.generation = Generation(*generation);
            other.ticket_type = TypeId(u16::from(*kind));
            other.valid_until = UnixSeconds(AT + u32::from(*hour) * 60);
        }
        // What can't be a token at all can't be written as one either.
        if let Some(text) = text(other) {
            check(&text);
        }
    }
}
