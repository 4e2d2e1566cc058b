//! Whatever a server, or who claims to be one, sends as a page of the feed: only what the root key
//! signed is believed, and the gate follows it up to the first entry that it can't follow. Its cursor
//! never goes back, what it stores is what it followed, and the honest ledger is followed afterwards.

mod bend;
mod history;

use kaisatsu_gate::engine::Input;
use kaisatsu_shared::{
    id::Epoch,
    ledger::{EventState, FoldError},
    sync::{FeedError, FeedPage},
};

use self::{
    bend::{bend_bytes, bend_end, bend_entries, chain},
    history::{History, history},
};
use crate::{
    draw::Draw,
    gate::Gate,
    house::{EVENT, INSTALLATION, house},
};

/// Plays the input: as a page itself, and as a script that bends an honest one.
pub fn holds(data: &[u8]) {
    if let Some(page) = read(data) {
        let mut gate = Gate::start(house(), &[]);
        let believed = offer(&mut gate, &page);
        assert!(believed.is_err() || page == history().page(0, gate.ledger.len()));
        // An engine that is handed them all the same still takes only what it can follow.
        hand_over(&mut Gate::start(house(), &[]), page.entries);
    }
    script(&mut Draw::new(data));
}

fn script(draw: &mut Draw<'_>) {
    let history = history();
    let last = history.entries.len();
    // Where the gate is, and which page is sent: not always the one it asked for.
    let at = draw.below(last + 1);
    let after = if draw.byte() < 192 { at } else { draw.below(last + 1) };
    let until = after + draw.below(last + 1 - after);
    let mut gate = Gate::start(house(), &history.entries[..at]);
    let scans = draw.byte();
    if scans & 1 == 1 {
        // An entry of its own, which the ledger doesn't know yet.
        let _ = gate.scan(&house().genuine);
    }
    gate.disk_full = scans & 6 == 6;

    let mut page = history.page(after, until);
    for _ in 0..draw.below(4) {
        bend_entries(draw, &mut page.entries, history);
    }
    let (from, epoch) = (history.cursors[at], Epoch(u32::from(draw.byte() / 128)));
    let chained =
        if draw.byte() < 128 { chain(&mut page.entries, from, epoch) } else { page.end.cursor };
    let signed_anew = bend_end(draw, &mut page, chained);
    let mut bytes = page.encode();
    for _ in 0..draw.below(8).saturating_sub(5) {
        bend_bytes(draw, &mut bytes);
    }

    let Some(page) = read(&bytes) else { return follow_honestly(&mut gate, history, at) };
    let before = gate.engine.state().cursor();
    let believed = offer(&mut gate, &page);
    if believed.is_ok() && !signed_anew {
        // Only what the server has was believed, and all of it was followed.
        let followed = gate.engine.state().cursor();
        let reached = history.cursors.iter().position(|cursor| *cursor == followed);
        let reached = reached.expect("the cursor is one of the server's");
        assert_eq!(page.entries, history.entries[at..reached]);
        assert_eq!(followed, page.end.cursor);
    }
    if gate.engine.state().cursor() == before {
        hand_over(&mut gate, page.entries);
    }
    let cursor = gate.engine.state().cursor();
    match history.cursors.iter().position(|known| *known == cursor) {
        Some(reached) => follow_honestly(&mut gate, history, reached),
        // The root key vouched for another history: this one isn't mixed into it.
        None => assert!(offer(&mut gate, &history.page(at, last)).is_err()),
    }
    let _ = gate.scan(&house().genuine);
}

/// The page in bytes, which are its one spelling, and no larger in memory than they allow.
fn read(bytes: &[u8]) -> Option<FeedPage> {
    let page = FeedPage::decode(bytes).ok()?;
    assert_eq!(page.encode(), bytes);
    let size: usize = page.entries.iter().map(|entry| entry.len() + 4).sum();
    assert!(size <= bytes.len());
    Some(page)
}

/// Gives the gate a page as its link does: what isn't believed doesn't reach the engine.
fn offer(gate: &mut Gate, page: &FeedPage) -> Result<(), FeedError> {
    let cursor = gate.engine.state().cursor();
    page.verify(cursor, INSTALLATION, EVENT, &house().root.public())?;
    let broken = hand_over(gate, page.entries.clone());
    let followed = gate.engine.state().cursor();
    let end = page.end.cursor;
    // The chain holds: it is followed to its end, or to where it contradicts itself.
    assert_eq!(
        broken.is_none(),
        (followed.sequence, followed.hash) == (end.sequence, end.hash),
        "{broken:?}"
    );
    assert!(
        matches!(broken, None | Some(FoldError::Contradiction(_) | FoldError::Broken(_))),
        "{broken:?}"
    );
    Ok(())
}

/// Hands entries to the engine; gives why it can't follow all of them.
fn hand_over(gate: &mut Gate, entries: Vec<Vec<u8>>) -> Option<FoldError> {
    let (expected, taken, broken) = followed(gate.engine.state(), &entries);
    let before = gate.engine.state().cursor();
    let (stored, told) = (gate.ledger.len(), gate.broken);
    gate.handle(Input::Feed { entries, end: None });
    assert_eq!(*gate.engine.state(), expected);
    assert!(expected.cursor().sequence >= before.sequence);
    assert!(expected.cursor().epoch >= before.epoch);
    assert_eq!(gate.broken - told, usize::from(broken.is_some()), "it is told once");
    if gate.disk_full {
        assert_eq!(gate.ledger.len(), stored);
        gate.disk_full = false;
        gate.handle(Input::Tick);
    }
    assert_eq!(gate.ledger[stored..], taken, "what was followed is stored, in order");
    let last = gate.ledger.last().map_or(0, |(sequence, _)| *sequence);
    assert_eq!(last, expected.cursor().sequence, "nothing of it is missing");
    broken
}

/// An entry that was followed: its number and its bytes.
type Taken = (u64, Vec<u8>);

/// The state after as many of the entries as follow, those entries, and why the next one doesn't.
/// Entries that are known are passed over.
fn followed(
    state: &EventState,
    entries: &[Vec<u8>],
) -> (EventState, Vec<Taken>, Option<FoldError>) {
    let (mut state, mut taken) = (state.clone(), Vec::new());
    for bytes in entries {
        let before = state.clone();
        match state.apply(bytes) {
            Ok(entry) => {
                assert_eq!(entry.encode(), *bytes);
                assert_eq!(entry.previous, before.cursor().hash);
                taken.push((entry.sequence, bytes.clone()));
            }
            Err(error) => {
                assert_eq!(state, before, "a refused entry changes nothing");
                match error {
                    FoldError::Gap { expected, found } if found < expected => {}
                    error => return (state, taken, Some(error)),
                }
            }
        }
    }
    (state, taken, None)
}

/// The honest server's page is taken whole, and a restart comes to the same state.
fn follow_honestly(gate: &mut Gate, history: &History, at: usize) {
    let page = history.page(at, history.entries.len());
    assert_eq!(offer(gate, &page), Ok(()));
    assert_eq!(*gate.engine.state(), history.state);
    let stored: Vec<_> = gate.ledger.iter().map(|(_, bytes)| bytes.clone()).collect();
    assert_eq!(stored, history.entries);
    assert_eq!(*Gate::start(house(), &stored).engine.state(), history.state);
}
