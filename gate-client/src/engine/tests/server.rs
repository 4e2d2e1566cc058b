//! The server's word in the tests: on claims, and on what a gate delivers.

use kaisatsu_shared::{
    claims::may_abandon,
    id::{LeaseId, Serial, TypeId},
    journal::{JournalBody, JournalEntry},
    lease::{Recipient, Serials},
    ledger::{AfterReceipt, AskedAt, LedgerBody, Receipt, UnpaidTickets},
    right::UseKind,
    rules::Facts,
    sync::{BatchAnswer, Claim, ClaimAnswer, ClaimRefusal, EntryAnswer, EntryFate},
};

use super::{
    event::Event,
    gate::gate_of,
    world::{ENTRIES, INSTALLATION},
};

impl Event {
    /// The server's word on a claim, as far as these tests need it: grants while uses are left.
    pub(super) fn answer(&mut self, claim: &Claim) -> ClaimAnswer {
        let serial = claim.used.right.serial;
        let allowed = u32::from(ENTRIES[serial.0 as usize]);
        for &key in &claim.abandons {
            if !matches!(
                self.state.claim(&key).map(|known| known.standing),
                Some(kaisatsu_shared::ledger::ClaimStanding::Redeemed(_))
            ) {
                let device = claim.used.device;
                self.append(LedgerBody::Abandoned { serial, claim: key, device });
            }
        }
        if let Some(known) = self.state.claim(&claim.used.claim) {
            return match known.standing {
                kaisatsu_shared::ledger::ClaimStanding::Granted(sequence)
                | kaisatsu_shared::ledger::ClaimStanding::Redeemed(sequence) => {
                    ClaimAnswer::Granted { sequence }
                }
                kaisatsu_shared::ledger::ClaimStanding::Abandoned => {
                    ClaimAnswer::Refused { refusal: ClaimRefusal::Abandoned, facts: Facts::EMPTY }
                }
            };
        }
        if let Some(lease) = self.state.leases().holder(serial).copied() {
            if !self.state.leases().is_recalled(serial) {
                let serials = Serials::one(serial);
                self.append(LedgerBody::Recalled { lease: lease.id, serials });
            }
            let facts = Facts { lane: Some(lease.gate), ..Facts::EMPTY };
            return ClaimAnswer::Refused { refusal: ClaimRefusal::Recalling, facts };
        }
        let right = self.state.right(serial);
        let enters = claim.used.kind == UseKind::Entry;
        if enters && right.is_some_and(|right| right.claimed() >= allowed) {
            return ClaimAnswer::Refused {
                refusal: ClaimRefusal::AlreadyUsed,
                facts: Facts::EMPTY,
            };
        }
        let sequence = self.append(LedgerBody::Granted(claim.used));
        ClaimAnswer::Granted { sequence }
    }

    /// Issues ticket 3 if the batch speaks of it.
    pub(super) fn issue_the_fourth(&mut self, entries: &[Vec<u8>]) {
        let spoken_of = entries.iter().any(|bytes| {
            matches!(
                JournalEntry::decode(bytes).unwrap().body,
                JournalBody::Redeemed { right, .. }
                | JournalBody::Abandoned { right, .. }
                | JournalBody::Interrupted { right, .. }
                | JournalBody::Overridden { right, .. }
                | JournalBody::Answered { right, .. } if right.serial == Serial(3)
            )
        });
        if spoken_of && self.state.roster().len() == 3 {
            let fingerprints = vec![self.body(3).fingerprint(INSTALLATION, false)];
            let (first, ticket_type) = (Serial(3), TypeId(1));
            self.append(LedgerBody::Issued {
                first,
                ticket_type,
                entries: 1,
                fingerprints,
                unpaid: UnpaidTickets::NONE,
            });
        }
    }

    /// Takes a batch as the server would: everything is recorded, conflicts are told.
    pub(super) fn take(&mut self, entries: &[Vec<u8>]) -> BatchAnswer {
        let mut answer =
            BatchAnswer { acknowledged: 0, entries: Vec::new(), suspicious_times: Vec::new() };
        for bytes in entries {
            let entry = JournalEntry::decode(bytes).unwrap();
            let mut fate = EntryFate::Accepted;
            match entry.body {
                JournalBody::Redeemed { right, by_hand, .. } => {
                    let known = self.state.right(right.serial).is_some_and(|right| {
                        right.redemptions.iter().any(|old| {
                            (old.used.device, old.number) == (entry.device, entry.number)
                        })
                    });
                    if known {
                        fate = EntryFate::AlreadyKnown;
                    } else {
                        let used = entry.redeemed().unwrap();
                        let number = entry.number;
                        self.append(LedgerBody::Redeemed { used, number, by_hand });
                        let allowed = u32::from(ENTRIES[right.serial.0 as usize]);
                        if self.state.right(right.serial).unwrap().entered() > allowed {
                            fate = EntryFate::Conflict { with: Vec::new() };
                        }
                    }
                }
                JournalBody::Abandoned { claim, right }
                    if !matches!(
                        self.state.claim(&claim).map(|known| known.standing),
                        Some(kaisatsu_shared::ledger::ClaimStanding::Redeemed(_))
                    ) =>
                {
                    let (serial, device) = (right.serial, entry.device);
                    self.append(LedgerBody::Abandoned { serial, claim, device });
                }
                JournalBody::GaveUp { device, claim, right }
                    if may_abandon(&self.state, claim, right.serial, device) =>
                {
                    let serial = right.serial;
                    self.append(LedgerBody::Abandoned { serial, claim, device });
                }
                JournalBody::Granted { claim, .. } if self.state.claim(&claim).is_none() => {
                    self.append(LedgerBody::Granted(entry.granted().unwrap()));
                }
                JournalBody::Interrupted { number, right } => {
                    let at = (entry.device, number);
                    let answered =
                        self.state.right(right.serial).is_some_and(|right| right.is_answered(at));
                    if !answered {
                        let (serial, device) = (right.serial, entry.device);
                        self.append(LedgerBody::Interrupted { serial, device, number });
                    }
                }
                JournalBody::Answered { device, number, right, let_in } => {
                    let serial = right.serial;
                    let by = asked_at(&entry);
                    self.append(LedgerBody::Answered { serial, device, number, let_in, by });
                }
                JournalBody::Annulled { device, number, right } => {
                    let (serial, by) = (right.serial, asked_at(&entry));
                    let known = self.state.right(serial).unwrap().redemption(device, number);
                    if known.unwrap().annulled.is_none() {
                        self.append(LedgerBody::Annulled { serial, device, number, by });
                    }
                }
                JournalBody::Transferred { lease, serials, to } => {
                    self.transferred(&entry, (lease, serials), to);
                }
                JournalBody::Received { lease, serial, from, number }
                    if !self.state.leases().was_handed_on(from, number) =>
                {
                    let (device, then) = (entry.device, AfterReceipt::Held);
                    let receipt = Receipt { lease, serial, device, from, number, then };
                    self.append(LedgerBody::Received(receipt));
                }
                JournalBody::Overridden { right, count, code, reason } => {
                    let (serial, number, by) = (right.serial, entry.number, asked_at(&entry));
                    let body = LedgerBody::Overridden { serial, count, code, reason, number, by };
                    self.append(body);
                }
                _ => {}
            }
            answer.acknowledged = entry.number;
            answer.entries.push(EntryAnswer { number: entry.number, fate });
        }
        answer
    }
}

impl Event {
    /// Whoever holds them gives rights away. Who only says so waits for the giver's journal.
    fn transferred(
        &mut self,
        entry: &JournalEntry,
        (lease, serials): (LeaseId, Serials),
        to: Recipient,
    ) {
        let (from, number) = (entry.device, entry.number);
        for serials in self.state.leases().held_by(lease, from, serials) {
            match to {
                Recipient::Server => {
                    self.append(LedgerBody::Transferred { lease, serials, number });
                }
                Recipient::Device(to) => {
                    let receipt = self.state.leases().receipt(serials.first(), to).copied();
                    let gate = gate_of(to);
                    self.append(LedgerBody::HandedOn { lease, serials, from, to, gate, number });
                    if let Some(AfterReceipt::Gave { to: Recipient::Server, number }) =
                        receipt.map(|receipt| receipt.then)
                    {
                        self.append(LedgerBody::Transferred { lease, serials, number });
                    }
                }
            }
        }
        if let Some(receipt) = self.state.leases().receipt(serials.first(), from).copied() {
            let then = AfterReceipt::Gave { to, number };
            self.append(LedgerBody::Received(Receipt { then, ..receipt }));
        }
    }
}

const fn asked_at(entry: &JournalEntry) -> AskedAt {
    AskedAt { device: entry.device, gate: entry.gate, operator: entry.operator, at: entry.at }
}
