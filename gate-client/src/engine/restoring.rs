//! The start, with what the store kept. A gate that stopped can't know whether its last light was
//! seen or its last claim granted; it says so in the journal and lets nothing light up by itself.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use kaisatsu_shared::{
    bundle::OpenBundle,
    display::clock::LinkCache,
    id::{ClaimKey, Epoch, Serial},
    journal::{JournalBody, JournalEntry},
    ledger::{EventState, FoldError},
    right::{RightRef, UseKind},
    rules::Direction,
};

use kaisatsu_shared::planted::{Fault, is_planted};

use super::{
    Effect, Engine, Fetching, Identity, LinkState, Now, Restored, Then, granted::Granted,
    granting::Waiting, heard::Heard, holdings::Holdings, hub_link::HubLink, outbox::Outbox,
    overlay::Overlay, writing::Writing,
};

impl Engine {
    /// Starts with what the store kept, and the ledger's entries in order. The effects are to be
    /// carried out like those of [`Engine::handle`].
    ///
    /// # Errors
    /// [`FoldError`] if the stored ledger is damaged: the gate must be set up again, its journal
    /// delivered first.
    pub fn start<'a>(
        identity: Identity,
        restored: Restored,
        ledger: impl IntoIterator<Item = &'a [u8]>,
        now: Now,
    ) -> Result<(Self, Vec<Effect>), FoldError> {
        let state = folded(&identity, ledger)?;
        let overlay = overlay_of(Overlay::new(identity.device), &restored.journal, &state);
        let mut holdings = Holdings::default();
        let mut granted = Granted::default();
        for entry in &restored.journal {
            let forgotten = match entry.body {
                JournalBody::Granted { .. } => is_planted(Fault::HubGrantForgotten),
                JournalBody::GaveUp { .. } => is_planted(Fault::HubGaveUpForgotten),
                _ => false,
            };
            if !forgotten {
                granted.note(entry);
            }
            if !is_planted(Fault::TransferForgotten) {
                holdings.note(&entry.body);
            }
        }
        granted.settle_all(&state);
        let hub = HubLink::restored(&restored.journal, restored.acknowledged, &restored.intents);
        let mut engine = Self {
            identity,
            bundle: restored.bundle.map(|(_, open): (_, OpenBundle)| open),
            state,
            overlay,
            holdings,
            granted,
            waiting: Waiting::default(),
            fetching: Fetching::default(),
            heard: Heard::default(),
            links: LinkCache::default(),
            writing: Writing::new(restored.head),
            opening: false,
            outbox: Outbox::new(identity.installation, restored.acknowledged, restored.outbox),
            intents: BTreeMap::new(),
            abandoned: abandonments(&restored.journal),
            link: LinkState::Alone,
            revoked: false,
            hub,
            direction: Direction::Entry,
            suspect: false,
            pending: None,
            queue: VecDeque::new(),
            next_scan: 0,
            open: None,
            newest: None,
        };
        restored.journal.iter().for_each(|entry| engine.note_handed(entry));
        for intent in restored.intents {
            engine.abandon(&intent, now.time);
        }
        let mut unseen = unseen_lights(&restored.journal);
        unseen.retain(|_| !is_planted(Fault::InterruptionNotAsked));
        engine.opening = !unseen.is_empty();
        for (number, right) in unseen {
            // Known at once, so that no scan comes before the question.
            engine.overlay.interrupt(right.serial, number);
            let body = JournalBody::Interrupted { number, right };
            engine.push_entry(body, now.time, Then::MustFollow);
        }
        engine.hand_over(now);
        let mut effects = Vec::new();
        engine.advance(now, &mut effects);
        Ok((engine, effects))
    }
}

/// What a ledger adds up to, from its first entry on.
pub(super) fn folded<'a>(
    identity: &Identity,
    ledger: impl IntoIterator<Item = &'a [u8]>,
) -> Result<EventState, FoldError> {
    // A ledger says itself in which epoch it begins.
    let mut state = EventState::new(identity.installation, identity.event, Epoch::default());
    for bytes in ledger {
        state.apply(bytes)?;
    }
    Ok(state)
}

/// What the journal says beyond the ledger.
pub(super) fn overlay_of(
    mut overlay: Overlay,
    journal: &[JournalEntry],
    state: &EventState,
) -> Overlay {
    for entry in journal {
        overlay.note(entry);
    }
    for right in journal.iter().filter_map(|entry| entry.body.right()) {
        overlay.settle(right.serial, state.right(right.serial));
    }
    overlay
}

/// Admissions whose light may not have been seen: recorded, neither marked as shown nor as
/// interrupted before.
fn unseen_lights(journal: &[JournalEntry]) -> Vec<(u64, RightRef)> {
    let mut seen = BTreeSet::new();
    let mut lights = Vec::new();
    for entry in journal {
        match entry.body {
            JournalBody::Redeemed { right, kind: UseKind::Entry, .. }
            | JournalBody::Answered { right, let_in: false, .. } => {
                lights.push((entry.number, right));
            }
            JournalBody::Shown { number } | JournalBody::Interrupted { number, .. } => {
                seen.insert(number);
            }
            _ => {}
        }
    }
    lights.retain(|(number, _)| !seen.contains(number));
    lights
}

fn abandonments(journal: &[JournalEntry]) -> BTreeMap<Serial, Vec<(u64, ClaimKey)>> {
    let mut abandoned: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for entry in journal {
        if let JournalBody::Abandoned { claim, right } = entry.body {
            abandoned.entry(right.serial).or_default().push((entry.number, claim));
        }
    }
    abandoned
}
