//! What the organiser does: tickets are voided and reissued, keys rotated, devices revoked.

use kaisatsu_server::leasing::{self, Lane};
use kaisatsu_shared::{
    id::{DeviceId, Generation, Serial},
    ledger::{IssuedTicket, Lease, LedgerBody, ReissueReason, UnpaidTickets, VoidReason},
};

use super::{Job, Server, Transaction};
use crate::{
    bugs::Adapter,
    check::Check,
    house::{self, Class, Issue},
    plan::DeedKind,
    stage::Stage,
};

impl Server {
    /// The organiser does something; nothing where the server is down.
    pub fn deed(&mut self, stage: &mut Stage, place: usize) {
        if let Some(running) = &mut self.running {
            running.inbox.push_back(Job::Deed(place));
            self.write(stage);
        }
    }

    pub(super) fn do_deed(
        &mut self,
        stage: &mut Stage,
        place: usize,
        transaction: &mut Transaction,
    ) {
        let Some(deed) = stage.plan.deeds.get(place).copied() else { return };
        let restoring = self.state().is_some_and(|state| state.restores().is_open());
        let promises =
            matches!(deed.kind, DeedKind::Sell(_) | DeedKind::Reissue(_) | DeedKind::Lease(_));
        if restoring && promises {
            return stage.tell(format_args!("organiser: not while restoring: {:?}", deed.kind));
        }
        stage.tell(format_args!("organiser: {:?}", deed.kind));
        match deed.kind {
            DeedKind::Void(serial) => {
                let issued = self.state().map_or(0, |state| state.roster().len());
                if serial.0 >= issued {
                    return;
                }
                let body = LedgerBody::Voided { serial, reason: VoidReason::Other };
                let _ = self.append(stage, body, transaction);
            }
            DeedKind::Sell(serial) => self.sell(stage, serial, transaction),
            DeedKind::Reissue(serial) => self.reissue(stage, serial, transaction),
            DeedKind::RotateKeys => transaction.log.rules = 2,
            DeedKind::Revoke(gate) => {
                let number = u32::try_from(gate).unwrap_or_default().saturating_add(1);
                transaction.log.revoked.insert(DeviceId(number));
                if stage.is_planted(Adapter::RevocationTransfers) {
                    self.take_from(stage, DeviceId(number), transaction);
                }
            }
            DeedKind::Lease(gate) => self.lease(stage, gate, transaction),
            DeedKind::Recall(gate) => {
                let device = gate.map(device_at);
                let asked = self.state().map(|state| leasing::recall(state, device));
                self.append_all(stage, asked.unwrap_or_default(), transaction);
            }
            DeedKind::WriteOff(gate) => {
                let device = device_at(gate);
                transaction.log.restoring.written_off.push(device);
                // After a restore nobody waits for what it knows.
                if stage.plan.is_restored() {
                    stage.record.written_off.insert(device);
                }
                self.settle(stage, transaction);
            }
            // The gate's own staff do it.
            DeedKind::CloseLane(_) => {}
        }
    }

    /// What nobody holds is leased to the entrances.
    fn lease(&mut self, stage: &mut Stage, gate: Option<usize>, transaction: &mut Transaction) {
        let gates = stage.plan.gates.iter().enumerate();
        let wanted = gates.filter(|(place, it)| !it.exit && gate.is_none_or(|gate| gate == *place));
        let lanes: Vec<_> = wanted
            .map(|(place, _)| device_at(place))
            .filter(|device| !self.log.revoked.contains(device))
            .filter_map(|device| Some(Lane { device, gate: *self.gates.get(&device)? }))
            .collect();
        let now = Self::time(stage).latest;
        let given =
            self.state().map(|state| leasing::share_out(state, &self.rules, &lanes, (now, None)));
        self.append_all(stage, given.unwrap_or_default(), transaction);
    }

    /// What somebody may think of: the leases of a device that was revoked or given up are the server's again.
    pub(super) fn take_from(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        transaction: &mut Transaction,
    ) {
        let held = self.state().map(|state| {
            let own = state.leases().held().filter(|(_, lease)| lease.device == device);
            let body = |(serials, lease): (_, &Lease)| LedgerBody::Transferred {
                lease: lease.id,
                serials,
                number: 0,
            };
            own.map(body).collect::<Vec<_>>()
        });
        self.append_all(stage, held.unwrap_or_default(), transaction);
    }

    fn append_all(
        &mut self,
        stage: &mut Stage,
        bodies: Vec<LedgerBody>,
        transaction: &mut Transaction,
    ) {
        for body in bodies {
            if self.append(stage, body, transaction).is_err() {
                stage.wrong(Check::StrictOnce, "a lease contradicts the ledger");
            }
        }
    }

    /// Sells the next ticket. Where an earlier sale came to nothing, this one does too.
    fn sell(&mut self, stage: &mut Stage, serial: Serial, transaction: &mut Transaction) {
        let class = Class::of(serial);
        let issue = Issue { rotated: self.log.rules > 1, ..Issue::FIRST };
        let fingerprint = house::right(serial, issue.generation).fingerprint;
        let body = LedgerBody::Issued {
            first: serial,
            ticket_type: class.type_id(),
            entries: class.allows(),
            fingerprints: vec![fingerprint],
            unpaid: UnpaidTickets::NONE,
        };
        let next = self.state().map(|state| state.roster().len());
        let sold_before = stage.issues.contains_key(&serial) && stage.record.put_back.is_some();
        if next == Some(serial.0) && sold_before && !stage.record.silent {
            stage.wrong(Check::SerialsGivenOnce, format!("ticket {serial} is sold twice"));
        }
        if next == Some(serial.0) && self.append(stage, body, transaction).is_ok() {
            if sold_before {
                stage.record.sold_again.insert(serial);
            }
            transaction.log.sold.insert(serial);
            transaction.issues.push((serial, issue));
        }
    }

    /// Reissues a ticket, unless its secret was lost when the database was put back.
    fn reissue(&mut self, stage: &mut Stage, serial: Serial, transaction: &mut Transaction) {
        let logs = [&self.log, &transaction.log];
        let sold = logs.iter().any(|log| log.sold.contains(&serial));
        if serial.0 >= stage.plan.tickets && !sold {
            return;
        }
        let newest = self.state().and_then(|state| state.roster().generation(serial));
        let Some(next) = newest.and_then(|newest| newest.0.checked_add(1)) else { return };
        let generation = Generation(next);
        let fingerprint = house::right(serial, generation).fingerprint;
        let reason = ReissueReason::Other;
        let ticket = IssuedTicket { serial, generation, fingerprint, reason };
        let rotated = self.log.rules > 1;
        if self.append(stage, LedgerBody::Reissued(ticket), transaction).is_ok() {
            transaction.issues.push((serial, Issue { generation, rotated }));
        }
    }
}

/// The device of a gate.
fn device_at(place: usize) -> DeviceId {
    DeviceId(u32::try_from(place).unwrap_or_default().saturating_add(1))
}
