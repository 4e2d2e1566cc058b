//! The writer: everything that waits goes into one transaction; what it says leaves once it is durable.

use kaisatsu_shared::{
    claims::{LaneState, check_claim, judge_claim},
    id::DeviceId,
    ledger::{ClaimStanding, FoldError, LedgerBody},
    right::{Authority, UseKind},
    sync::{Claim, ClaimAnswer},
};

use super::{
    Job, Server, Transaction,
    asked::{answer, revoked_reply},
};
use crate::{
    bugs::Adapter,
    check::Check,
    event::Event,
    house::{Class, EVENT},
    message::{Ask, Body, Message, Refused, Reply},
    plan::Moment,
    schedule::MILLI,
    stage::Stage,
};

impl Server {
    /// Starts a transaction, if something waits and none is under way.
    pub(super) fn write(&mut self, stage: &mut Stage) {
        let Some(running) = self.running.as_mut() else { return };
        if running.committing.is_some() || running.inbox.is_empty() {
            return;
        }
        let jobs = std::mem::take(&mut running.inbox);
        let mut transaction = Transaction::default();
        for job in jobs {
            match job {
                Job::Request(message) => {
                    let reply = self.carry_out(stage, &message, &mut transaction);
                    transaction.replies.push(answer(&message, reply));
                }
                Job::Deed(place) => self.do_deed(stage, place, &mut transaction),
                Job::End(end) => self.keep_end(stage, &end, &mut transaction),
                Job::Attend(given_up) => self.do_attend(stage, given_up, &mut transaction),
            }
        }
        if stage.is_planted(Adapter::AnswerBeforeFsync) {
            self.answer_all(stage, &mut transaction);
        }
        if self.dies.take_if(|moment| *moment == Moment::BeforeWrite).is_some() {
            return self.die(stage, "before a transaction is written");
        }
        if let Some(running) = &mut self.running {
            running.committing = Some(transaction);
        }
        let takes = stage.draw.between(MILLI, 8 * MILLI);
        stage.after(takes, Event::Committed { boot: self.boot });
    }

    /// The disk is done with the transaction.
    pub fn committed(&mut self, stage: &mut Stage, boot: u32) {
        let Some(running) = self.running.as_mut().filter(|_| boot == self.boot) else { return };
        let Some(mut transaction) = running.committing.take() else { return };
        if std::mem::take(&mut self.sync_fails) {
            if stage.draw.chance(500) {
                self.keep(transaction.log);
                self.note_delivered(stage);
            }
            return self.die(stage, "fsync failed");
        }
        if self.disk_full {
            return self.roll_back(stage, transaction);
        }
        for (serial, issue) in std::mem::take(&mut transaction.issues) {
            stage.issues.insert(serial, issue);
        }
        self.keep(std::mem::take(&mut transaction.log));
        self.note_delivered(stage);
        if self.dies.take_if(|moment| *moment == Moment::BeforeReport).is_some() {
            return self.die(stage, "after a transaction was written, before anybody hears of it");
        }
        self.answer_all(stage, &mut transaction);
        if self.dies.take().is_some() {
            return self.die(stage, "after its answers left");
        }
        self.push(stage);
        self.write(stage);
    }

    /// So much of each journal is durable here.
    fn note_delivered(&self, stage: &mut Stage) {
        for (device, entries) in &self.log.journals {
            let there = u64::try_from(entries.len()).unwrap_or(u64::MAX);
            let most = stage.record.delivered.entry(*device).or_default();
            *most = there.max(*most);
        }
    }

    fn answer_all(&self, stage: &mut Stage, transaction: &mut Transaction) {
        for reply in std::mem::take(&mut transaction.replies) {
            stage.send(reply);
        }
    }

    /// Nothing was written: memory goes back to what the log holds, and whoever asked hears nothing good.
    fn roll_back(&mut self, stage: &mut Stage, transaction: Transaction) {
        stage.tell(format_args!("the server can't write to its disk"));
        let waiting = self.running.take().map(|running| (running.inbox, running.holds));
        self.running = self.load(stage);
        if let (Some(running), Some((inbox, holds))) = (&mut self.running, waiting) {
            running.inbox = inbox;
            running.holds = holds;
        }
        for reply in transaction.replies {
            stage.send(Message { body: Body::Reply(Reply::Refused(Refused::Failing)), ..reply });
        }
        self.write(stage);
    }

    fn carry_out(
        &mut self,
        stage: &mut Stage,
        message: &Message,
        transaction: &mut Transaction,
    ) -> Reply {
        let Some(device) = stage.device(message.from) else {
            return Reply::Refused(Refused::Malformed);
        };
        match self.carry_out_of(stage, (device, &message.body), transaction) {
            Reply::Refused(Refused::Revoked) => revoked_reply(device),
            reply => reply,
        }
    }

    fn carry_out_of(
        &mut self,
        stage: &mut Stage,
        (device, asked): (DeviceId, &Body),
        transaction: &mut Transaction,
    ) -> Reply {
        match asked {
            Body::Ask(Ask::Claim(claim)) => {
                let claim = Claim::clone(claim);
                match self.claim(stage, device, claim, transaction) {
                    Ok(answer) => Reply::Claim(answer),
                    Err(refused) => Reply::Refused(refused),
                }
            }
            Body::Ask(Ask::Journal(batch)) => {
                // The hub brings others' entries: their own key vouches for them.
                let whose = batch.head.device;
                if whose != device && self.log.revoked.contains(&device) {
                    return Reply::Refused(Refused::Revoked);
                }
                self.take_in(stage, whose, batch, transaction)
            }
            Body::Ask(_) if self.log.revoked.contains(&device) => Reply::Refused(Refused::Revoked),
            Body::Ask(Ask::Locate(asked)) => {
                self.locate(stage, asked, transaction).unwrap_or_else(Reply::Refused)
            }
            Body::Ask(Ask::Offer(after, page)) => {
                self.offer(stage, (*after, page), transaction).unwrap_or_else(Reply::Refused)
            }
            Body::Ask(Ask::Offered(offered)) => {
                self.offered(stage, device, offered, transaction).unwrap_or_else(Reply::Refused)
            }
            Body::Ask(Ask::Ends(heard)) => self.keep_ends(stage, heard, transaction),
            _ => Reply::Refused(Refused::Malformed),
        }
    }

    fn claim(
        &mut self,
        stage: &mut Stage,
        device: DeviceId,
        mut claim: Claim,
        transaction: &mut Transaction,
    ) -> Result<ClaimAnswer, Refused> {
        if self.log.revoked.contains(&device) {
            return Err(Refused::Revoked);
        }
        check_claim(&claim).map_err(|_| Refused::Malformed)?;
        claim.used.device = device;
        claim.used.gate = self.gates.get(&device).copied().ok_or(Refused::Malformed)?;
        let Some(running) = &self.running else { return Err(Refused::Failing) };
        let known = running.state.claim(&claim.used.claim).map(|known| known.standing);
        let now = Self::time(stage);
        let heard = self.lanes.heard(EVENT, now.earliest);
        let outcome = judge_claim(&running.state, &self.rules, &claim, now, &|lease| match lease {
            lost if self.log.revoked.contains(&lost.device) => LaneState::Lost,
            lane if heard.contains(&lane.gate) => LaneState::Heard,
            _ => LaneState::Silent,
        });
        if outcome.is_suspicious() {
            stage.wrong(Check::KeysMeanOneClaim, format!("key {} came again", claim.used.claim));
        }
        let mut last = 0;
        for body in outcome.append.iter().cloned() {
            last = self.append(stage, body, transaction)?;
        }
        let answer = outcome.answer_at(last);
        let granted = matches!(answer, ClaimAnswer::Granted { .. });
        if granted && known == Some(ClaimStanding::Abandoned) {
            stage.wrong(Check::GivenUpStaysSo, format!("key {} is granted", claim.used.claim));
        }
        if granted {
            let persons = u32::from(claim.used.count);
            stage.record.granted = stage.record.granted.saturating_add(persons);
        }
        // What is said again was looked at when it was granted: a copy of the gate may have let somebody in since.
        if granted && known.is_none() && claim.used.kind == UseKind::Entry {
            self.check_grant(stage, &claim);
        }
        stage.tell(format_args!(
            "server: device {device} claims ticket {}: {}",
            claim.used.right.serial,
            match answer {
                ClaimAnswer::Granted { .. } => "granted",
                ClaimAnswer::Refused { refusal, .. } => refusal.name(),
            }
        ));
        Ok(answer)
    }

    /// While no gate has decided alone on a ticket, no more is granted than it allows.
    fn check_grant(&self, stage: &mut Stage, claim: &Claim) {
        let serial = claim.used.right.serial;
        let class = Class::of(serial);
        let Some(right) = self.state().and_then(|state| state.right(serial)) else { return };
        let recorded = right.redemptions.iter().map(|it| it.used.authority);
        let mut known = recorded.chain(right.grants.iter().map(|it| it.used.authority));
        let alone = known.any(|by| matches!(by, Authority::Alone | Authority::Hub));
        let claimed = if class == Class::Pass { 0 } else { right.claimed() };
        if !alone && claimed > u32::from(class.allows()) {
            let what = format!("{claimed} persons are let in on ticket {serial}");
            stage.wrong(Check::OnlineOnce, what);
        }
    }

    /// Appends to the ledger in memory; it is durable with the transaction.
    pub(super) fn append(
        &mut self,
        stage: &mut Stage,
        body: LedgerBody,
        transaction: &mut Transaction,
    ) -> Result<u64, Refused> {
        self.try_append(stage, body, transaction)?.map_err(|error| {
            stage.wrong(Check::ServerRestarts, format!("what was judged doesn't fit: {error}"));
            Refused::Failing
        })
    }

    /// The same of what may contradict the ledger; nothing is changed then.
    pub(super) fn try_append(
        &mut self,
        stage: &mut Stage,
        body: LedgerBody,
        transaction: &mut Transaction,
    ) -> Result<Result<u64, FoldError>, Refused> {
        let time = Self::time(stage);
        let Some(running) = &mut self.running else { return Err(Refused::Failing) };
        Ok(running.state.append(body, time).map(|(entry, bytes)| {
            Self::readable(stage, &entry, &bytes);
            transaction.log.ledger.push(bytes);
            entry.sequence
        }))
    }
}
