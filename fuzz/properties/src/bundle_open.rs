//! Whatever stands in a bundle, with the root's signature or without: it is refused, or rules that
//! judge without a panic. Without the signature it is always refused.

use kaisatsu_shared::{
    bundle::SignedBundle,
    display::clock::LinkCache,
    hash::{Domain, Kind},
    id::{Epoch, GateId, TypeId},
    key::RootKey,
    ledger::EventState,
    rules::{Answers, Context, Direction, Knowledge, Reach, decide},
    time::{TimeInterval, UnixMillis},
};

use crate::house::{DOCUMENT, EVENT, INSTALLATION, house};

fn check(document: String, root: &RootKey, at: u64) {
    let domain = Domain::new(Kind::Bundle, INSTALLATION);
    let signature = root.sign(domain, document.as_bytes());
    let mut signed = SignedBundle { document, signature };
    if let Ok(open) = signed.open(&root.public(), INSTALLATION) {
        let _ = open.rules.check();
        let state = EventState::new(INSTALLATION, EVENT, Epoch(0));
        let knowledge = Knowledge { bundle: &open, roster: state.roster(), rights: &state };
        for ticket_type in [1, 2, 3, 4].map(TypeId) {
            let day = open.terms(ticket_type, 1).day(UnixMillis(at));
            assert!(day.begins <= day.ends);
        }
        let context = Context {
            gate: GateId(1),
            direction: Direction::Entry,
            reach: Reach::Nobody,
            now: TimeInterval::around(UnixMillis(at), 1_000),
            answers: Answers::NONE,
        };
        let decision = decide("KS1:", &knowledge, &context, &mut LinkCache::default());
        assert!(!decision.verdict.outcome().passes());
    }
    signed.document.push(' ');
    assert!(signed.open(&root.public(), INSTALLATION).is_err());
}

/// Plays the input: a time, a place and a piece of a document.
pub fn holds(data: &[u8]) {
    let root = &house().root;
    let Some((first, rest)) = data.split_at_checked(10) else { return };
    let at = u64::from_be_bytes([first[0], first[1], first[2], first[3], first[4], first[5], 0, 0])
        >> 16;
    if let Ok(text) = std::str::from_utf8(rest) {
        check(text.to_owned(), root, at);
        // A piece of a good document replaced, so that its fields are reached.
        let from = usize::from(u16::from_be_bytes([first[6], first[7]])) % DOCUMENT.len();
        let until = (from + usize::from(first[8])).min(DOCUMENT.len());
        if let (Some(before), Some(after)) = (DOCUMENT.get(..from), DOCUMENT.get(until..)) {
            check(format!("{before}{text}{after}"), root, at);
        }
    }
}
