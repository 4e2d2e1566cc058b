//! What a renewal writes into the ledger.

use kaisatsu_shared::{
    bundle::EventRules,
    id::Serial,
    ledger::{EventState, LedgerBody},
    time::UnixSeconds,
};

use crate::store::{
    StoreError,
    types::{RenewTickets, RenewedTickets, Validity},
};

/// The entries that renew tickets, one for each run of serials that get the same validity, and what
/// comes of it. Nothing is renewed where one ticket can't be.
///
/// # Errors
/// [`StoreError::TicketUnknown`], [`StoreError::TicketVoided`] for a ticket named alone,
/// [`StoreError::TicketFixed`], [`StoreError::EmptyValidity`] and [`StoreError::RenewalShortens`].
pub fn renew(
    state: &EventState,
    rules: &EventRules,
    request: &RenewTickets,
    now: UnixSeconds,
) -> Result<(Vec<LedgerBody>, RenewedTickets), StoreError> {
    let RenewTickets { first, count, from, until, shorten } = *request;
    let mut runs = Runs::default();
    let mut outcome = RenewedTickets::default();
    let end = first.0.checked_add(count).ok_or(StoreError::TicketUnknown(first))?;
    for serial in (first.0..end).map(Serial) {
        let class = state.roster().class(serial);
        let (ticket_type, entries) = class.ok_or(StoreError::TicketUnknown(serial))?;
        if state.right(serial).is_some_and(|right| right.voided.is_some()) {
            if count == 1 {
                return Err(StoreError::TicketVoided(serial));
            }
            outcome.voided.push(serial);
            continue;
        }
        if !rules.terms(ticket_type, entries).renewing {
            return Err(StoreError::TicketFixed(serial, ticket_type));
        }
        let known = state.roster().validity(serial).ok_or_else(|| no_validity(serial))?;
        let wanted = Validity { from: from.unwrap_or(known.from), until };
        if wanted.is_empty() {
            return Err(StoreError::EmptyValidity);
        }
        if wanted == known {
            outcome.unchanged += 1;
            continue;
        }
        if !shorten && shortens(known, wanted, now) {
            return Err(StoreError::RenewalShortens(serial));
        }
        outcome.renewed += 1;
        runs.add(serial, wanted);
    }
    Ok((runs.0, outcome))
}

/// The entries that say how long newly issued tickets of a renewing type are valid.
pub fn first_validities(
    first: Serial,
    validities: impl Iterator<Item = Validity>,
) -> Vec<LedgerBody> {
    let mut runs = Runs::default();
    for (serial, validity) in (first.0..).zip(validities) {
        runs.add(Serial(serial), validity);
    }
    runs.0
}

/// A renewing ticket gets its validity in the transaction that issues it.
pub(crate) fn no_validity(serial: Serial) -> StoreError {
    StoreError::LedgerBroken(format!("it doesn't say how long ticket {serial} is valid"))
}

/// Whether a ticket would lose time that is still to come.
fn shortens(known: Validity, wanted: Validity, now: UnixSeconds) -> bool {
    let later = wanted.from > known.from.max(now) && known.until > now;
    later || wanted.until < known.until
}

/// Entries, one for each run of consecutive serials with the same validity.
#[derive(Default)]
struct Runs(Vec<LedgerBody>);

impl Runs {
    fn add(&mut self, serial: Serial, wanted: Validity) {
        if let Some(LedgerBody::Renewed { first, count, validity }) = self.0.last_mut()
            && first.0.checked_add(u32::from(*count)) == Some(serial.0)
            && *validity == wanted
            && usize::from(*count) < kaisatsu_shared::ledger::MAX_ISSUED
        {
            *count += 1;
            return;
        }
        self.0.push(LedgerBody::Renewed { first: serial, count: 1, validity: wanted });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn valid(from: u32, until: u32) -> Validity {
        Validity { from: UnixSeconds(from), until: UnixSeconds(until) }
    }

    #[test]
    fn time_to_come_is_taken_away_only_when_asked_for() {
        for (known, wanted, now, expected) in [
            ((10, 20), (10, 30), 15, false),
            ((10, 20), (10, 19), 15, true),
            // Renewed from a later day on: what lies between is lost, unless it is over.
            ((10, 20), (20, 30), 15, true),
            ((10, 20), (15, 30), 15, false),
            ((10, 20), (16, 30), 15, true),
            ((10, 20), (25, 30), 20, false),
            ((10, 20), (25, 30), 19, true),
            // A pass that is over is not renewed into the past by mistake.
            ((10, 20), (10, 15), 25, true),
            ((10, 20), (11, 20), 5, true),
            ((10, 20), (9, 20), 5, false),
        ] {
            let (known, wanted) = (valid(known.0, known.1), valid(wanted.0, wanted.1));
            let found = shortens(known, wanted, UnixSeconds(now));
            assert_eq!(found, expected, "{known:?} {wanted:?} {now}");
        }
    }

    #[test]
    fn runs_end_where_the_validity_the_serial_or_the_entry_does() {
        let validities = (0..1_030).map(|n| if n == 1 { valid(1, 3) } else { valid(1, 2) });
        let runs = first_validities(Serial(5), validities);
        let runs: Vec<_> = runs
            .iter()
            .map(|run| match run {
                LedgerBody::Renewed { first, count, validity } => {
                    (first.0, *count, validity.until.0)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(runs, [(5, 1, 2), (6, 1, 3), (7, 1_024, 2), (1_031, 4, 2)]);
    }
}
