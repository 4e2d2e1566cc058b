//! What the organiser does: tickets are voided and reissued, keys rotated, devices revoked.

use kaisatsu_shared::{
    id::{DeviceId, Generation, Serial},
    ledger::{IssuedTicket, LedgerBody, ReissueReason, VoidReason},
};

use super::{Job, Server, Transaction};
use crate::{
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
        };
        let next = self.state().map(|state| state.roster().len());
        if next == Some(serial.0) && self.append(stage, body, transaction).is_ok() {
            transaction.issues.push((serial, issue));
        }
    }

    fn reissue(&mut self, stage: &mut Stage, serial: Serial, transaction: &mut Transaction) {
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
