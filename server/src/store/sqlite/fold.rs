//! The readers' own fold of each event's ledger. Numbers and conflicts are asked again and again,
//! and must neither wait for the writer nor hold up claims.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use kaisatsu_shared::{
    bundle::EventRules,
    calendar::UnknownZone,
    id::{Epoch, EventId},
    ledger::{Conflict, Crowd, EventState},
    right::UseKind,
    rules::{Filling, fillings, persons_inside},
    time::UnixMillis,
};
use rusqlite::params;

use super::{device::devices, event::event_info, readers::Reading, value::Big};
use crate::store::{StoreError, types::EventStats};

/// One event's fold; absent before it is first asked for.
type Fold = Arc<Mutex<Option<EventState>>>;

/// What was folded so far, to go on from there.
#[derive(Default)]
pub(super) struct Folds(Mutex<BTreeMap<EventId, Fold>>);

impl Folds {
    fn of(&self, event: EventId) -> Fold {
        let mut folds = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(folds.entry(event).or_default())
    }
}

impl Reading {
    /// What happened at an event so far.
    pub(super) fn stats(&self, event: EventId) -> Result<EventStats, StoreError> {
        let now = self.world.clock.now();
        let rules = EventRules::new(event_info(&self.connection, event)?.rules(), Vec::new())
            .map_err(|UnknownZone(name)| StoreError::UnknownZone(name))?;
        let mut stats = self.folded(event, |state| count(state, &rules, now))?;
        for device in devices(&self.connection, event)? {
            let missing = device.undelivered.map_or(0, |missing| missing.count());
            let sum = match device.written_off_at {
                Some(_) => &mut stats.lost,
                None => &mut stats.undelivered,
            };
            *sum = sum.saturating_add(missing);
        }
        Ok(stats)
    }

    /// Every conflict of an event.
    pub(super) fn conflicts(&self, event: EventId) -> Result<Vec<Conflict>, StoreError> {
        self.folded(event, |state| state.conflicts().collect())
    }

    /// Looks at the fold of an event's ledger, with everything committed before this reading.
    pub(super) fn folded<T>(
        &self,
        event: EventId,
        look: impl FnOnce(&EventState) -> T,
    ) -> Result<T, StoreError> {
        self.check_event(event)?;
        let fold = self.folds.of(event);
        let mut slot = fold.lock().unwrap_or_else(PoisonError::into_inner);
        let known = slot.take();
        let fresh = || EventState::new(self.installation.id, event, Epoch::default());
        let state = match known.map(|state| self.follow(event, state)) {
            Some(Ok(state)) => state,
            // A ledger that doesn't go on from here was replaced: it is folded afresh.
            Some(Err(_)) | None => self.follow(event, fresh())?,
        };
        let seen = look(&state);
        *slot = Some(state);
        Ok(seen)
    }

    fn follow(&self, event: EventId, mut state: EventState) -> Result<EventState, StoreError> {
        let mut rows = self.connection.prepare_cached(
            "SELECT bytes FROM ledger WHERE event_id = ?1 AND sequence > ?2 ORDER BY sequence",
        )?;
        let mut rows = rows.query(params![event.0, Big(state.cursor().sequence)])?;
        while let Some(row) = rows.next()? {
            let bytes = row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?;
            state.apply(bytes).map_err(|error| StoreError::LedgerBroken(error.to_string()))?;
        }
        Ok(state)
    }
}

fn count(state: &EventState, rules: &EventRules, now: UnixMillis) -> EventStats {
    let crowd = Crowd::of(state, |_| false);
    // Whoever asks stands at no gate.
    let filled = fillings(rules, &crowd, now).into_iter();
    let mut stats = EventStats {
        inside: persons_inside(rules, &crowd, now),
        capacities: filled.map(|filling| Filling { here: None, ..filling }).collect(),
        issued: state.roster().len(),
        head: state.cursor().sequence,
        ..EventStats::default()
    };
    for (_, right) in state.rights() {
        let entered = right.entered();
        stats.voided += u32::from(right.voided.is_some());
        stats.used += u32::from(entered > 0);
        stats.entered += u64::from(entered);
        stats.conflicts += u32::from(!right.conflict.is_empty());
        let grants = right.grants.iter().filter(|grant| grant.used.kind == UseKind::Entry);
        stats.being_admitted += grants.fold(0, |sum, _| sum + 1);
    }
    stats
}
