//! What each entry does to the state.

use crate::{
    id::Serial,
    right::{Authority, Use, UseKind},
    roster::Roster,
};

use super::{
    Annulment, Answer, ClaimStanding, ClaimState, EventState, Grant, IssuedTicket, Lease,
    LedgerBody, LedgerEntry, Override, Passage, Redemption, ReissueReason,
};

impl EventState {
    /// Applies what the entry says; false, and nothing changed, if it contradicts the state.
    pub(super) fn fold(&mut self, entry: &LedgerEntry) -> bool {
        if !entry.body.moves_guests() {
            return self.record(entry);
        }
        let Some(serial) = entry.body.serial() else { return self.record(entry) };
        let (ticket_type, _) = self.roster.class(serial).unwrap_or_default();
        let before = self.passages(serial);
        let recorded = self.record(entry);
        if recorded {
            let after = self.passages(serial);
            self.occupancy.change(ticket_type, &before, &after);
        }
        recorded
    }

    fn passages(&self, serial: Serial) -> Vec<Passage> {
        self.rights.get(&serial).map(|right| right.passages(|_| true)).unwrap_or_default()
    }

    fn record(&mut self, entry: &LedgerEntry) -> bool {
        let sequence = entry.sequence;
        match &entry.body {
            LedgerBody::Issued { first, ticket_type, entries, fingerprints, unpaid } => {
                // While entries may be missing, those of the tickets before these may be among them.
                let issue = match self.restores.is_open() {
                    true => Roster::issue_beyond,
                    false => Roster::issue,
                };
                if !unpaid.fits(fingerprints.len())
                    || !issue(&mut self.roster, *first, *ticket_type, *entries, fingerprints)
                {
                    return false;
                }
                for serial in unpaid.serials(*first) {
                    self.rights.entry(serial).or_default().unpaid = true;
                }
            }
            LedgerBody::Reissued(ticket) => {
                let transferred = ticket.reason == ReissueReason::Transferred;
                let IssuedTicket { serial, generation, fingerprint, .. } = *ticket;
                return self.roster.reissue(serial, generation, fingerprint, transferred);
            }
            LedgerBody::Renewed { first, count, validity } => {
                return self.roster.renew(*first, *count, *validity);
            }
            LedgerBody::ShareLeased { lease, device, gate, place, persons } => {
                let lease = Lease { id: *lease, device: *device, gate: *gate, sequence };
                return self.leases.give_share(lease, *place, *persons);
            }
            LedgerBody::ShareRecalled { lease, persons } => {
                return self.leases.recall_share(*lease, *persons);
            }
            LedgerBody::ShareTransferred { lease, persons, .. } => {
                return self.leases.take_share_back(*lease, *persons);
            }
            LedgerBody::Restored => self.restores.begin(),
            LedgerBody::RollbackFound { lost } => self.restores.rollback_found(*lost),
            LedgerBody::Recovered { until, .. } => self.restores.offered(*until),
            LedgerBody::Settled { first_free } => {
                let mut restores = self.restores.clone();
                if !restores.end() || !self.roster.skip_to(*first_free) {
                    return false;
                }
                self.restores = restores;
            }
            body if body.serial().is_none_or(|serial| serial.0 >= self.roster.len()) => {
                return false;
            }
            LedgerBody::Leased { lease, device, gate, serials } => {
                // Whoever is being admitted on it at this moment is the server's to decide; but a lease that was lost
                // is the holder's, whatever the server granted since, not knowing of it.
                let range = serials.first()..=serials.last();
                let open = self.rights.range(range).any(|(_, right)| !right.grants.is_empty());
                let open = open && !self.restores.is_open();
                if open || serials.last().0 >= self.roster.len() {
                    return false;
                }
                let lease = Lease { id: *lease, device: *device, gate: *gate, sequence };
                return self.leases.give(lease, *serials);
            }
            LedgerBody::Recalled { lease, serials } => {
                return self.leases.recall(*lease, *serials);
            }
            LedgerBody::Transferred { lease, serials, .. } => {
                return self.leases.take_back(*lease, *serials);
            }
            LedgerBody::HandedOn { lease, serials, from, to, gate, number } => {
                let to = Lease { id: *lease, device: *to, gate: *gate, sequence };
                return self.leases.hand_on(*serials, (*from, *number), to);
            }
            LedgerBody::Received(receipt) => {
                return self.leases.note_receipt(*receipt);
            }
            LedgerBody::Voided { serial, reason } => {
                self.rights.entry(*serial).or_default().voided = Some(*reason);
            }
            LedgerBody::Blocked { serial, reason } => {
                self.rights.entry(*serial).or_default().blocked = Some(*reason);
            }
            LedgerBody::Unblocked { serial } => {
                self.rights.entry(*serial).or_default().blocked = None;
            }
            LedgerBody::Payment { serial, paid } => {
                self.rights.entry(*serial).or_default().unpaid = !paid;
            }
            LedgerBody::Granted(used) => {
                // The server lets nobody in on a right that it has leased, but for its holder, who
                // judges the right and asks for room only. The venue's hub may on what it holds.
                let holder = self.leases.holder(used.right.serial);
                let of_hub = used.authority == Authority::Hub;
                let may = of_hub || holder.is_none_or(|lease| lease.device == used.device);
                let by_lease = of_hub && holder.is_some();
                let before_restore = used.epoch < self.cursor().epoch;
                if self.claims.contains_key(&used.claim) || (!may && used.kind == UseKind::Entry) {
                    return false;
                }
                self.rights.entry(used.right.serial).or_default().grants.push(Grant {
                    sequence,
                    used: *used,
                    by_lease,
                    before_restore,
                });
                self.set_claim(used, ClaimStanding::Granted(sequence));
            }
            LedgerBody::Abandoned { serial, claim, device } => {
                let redeemed = |state: &ClaimState| {
                    matches!(state.standing, ClaimStanding::Redeemed(_)) || state.serial != *serial
                };
                if self.claims.get(claim).is_some_and(redeemed) {
                    return false;
                }
                if let Some(right) = self.rights.get_mut(serial) {
                    right.grants.retain(|grant| grant.used.claim != *claim);
                }
                let standing = ClaimStanding::Abandoned;
                self.claims
                    .insert(*claim, ClaimState { serial: *serial, device: *device, standing });
            }
            LedgerBody::Redeemed { used, number, by_hand } => {
                let right = self.rights.entry(used.right.serial).or_default();
                if right.redemption(used.device, *number).is_some() {
                    return false;
                }
                let (number, used, by_hand) = (*number, *used, *by_hand);
                right.grants.retain(|grant| {
                    (grant.used.claim, grant.used.device) != (used.claim, used.device)
                });
                right.redemptions.push(Redemption {
                    sequence,
                    number,
                    used,
                    by_hand,
                    annulled: None,
                });
                // A key means the ticket and the device that it was first used for; under a
                // foreign one it is a use like any other, and their claim stays as it is.
                let owner = (used.right.serial, used.device);
                let known = self.claims.get(&used.claim);
                if known.is_none_or(|known| (known.serial, known.device) == owner) {
                    self.set_claim(&used, ClaimStanding::Redeemed(sequence));
                }
            }
            LedgerBody::Interrupted { serial, device, number } => {
                let (right, light) = (self.rights.entry(*serial).or_default(), (*device, *number));
                if !right.interrupted.contains(&light) && !right.is_answered(light) {
                    right.interrupted.push(light);
                }
            }
            LedgerBody::Answered { serial, device, number, let_in, by } => {
                let (right, light) = (self.rights.entry(*serial).or_default(), (*device, *number));
                right.interrupted.retain(|open| *open != light);
                right.answers.push(Answer { sequence, light, let_in: *let_in, by: *by });
            }
            LedgerBody::Overridden { serial, count, code, reason, number, by } => {
                self.rights.entry(*serial).or_default().overrides.push(Override {
                    sequence,
                    number: *number,
                    count: *count,
                    code: *code,
                    reason: *reason,
                    by: *by,
                });
            }
            LedgerBody::Annulled { serial, device, number, by } => {
                let named = |known: &&mut Redemption| {
                    (known.used.device, known.number) == (*device, *number)
                };
                let Some(redemption) = self
                    .rights
                    .get_mut(serial)
                    .and_then(|right| right.redemptions.iter_mut().find(named))
                    .filter(|redemption| redemption.annulled.is_none())
                else {
                    return false;
                };
                redemption.annulled = Some(Annulment { sequence, by: *by });
            }
            LedgerBody::ConflictFound { serial, redemptions } => {
                self.rights.entry(*serial).or_default().conflict.clone_from(redemptions);
            }
        }
        true
    }

    fn set_claim(&mut self, used: &Use, standing: ClaimStanding) {
        let state = ClaimState { serial: used.right.serial, device: used.device, standing };
        self.claims.insert(used.claim, state);
    }
}
