//! Requests: those that only read are answered at once from what is durable, the others wait for the
//! writer.

use kaisatsu_shared::{
    id::DeviceId,
    journal::{JournalHead, SignedReceipt},
    ledger::{Cursor, LedgerEntry},
    sync::{SignedTime, TimeDocument, TimeRequest},
};

use super::{Hold, Job, Server};
use crate::{
    bugs::Adapter,
    check::Check,
    event::Event,
    house::{self, EVENT, INSTALLATION},
    message::{Address, Ask, Body, Message, Page, Refused, Reply, Words},
    stage::Stage,
};

/// Entries of a page of the feed at most.
const PAGE: usize = 64;

impl Server {
    /// A message arrives.
    pub fn receive(&mut self, stage: &mut Stage, message: Message) {
        if self.running.is_none() {
            return;
        }
        let Body::Ask(ask) = &message.body else { return };
        let Some(device) = stage.device(message.from) else { return };
        let revoked = self.log.revoked.contains(&device);
        if let Some(gate) = self.gates.get(&device) {
            self.lanes.hear(EVENT, *gate, Self::time(stage).earliest);
        }
        if !self.sessions.contains(&message.from) && !matches!(ask, Ask::Session) {
            return stage.send(answer(&message, Reply::Refused(Refused::NoSession)));
        }
        if let Some(end) = &message.end {
            self.hear_end(stage, device, end);
        }
        let reply = match ask {
            Ask::Session => {
                self.sessions.insert(message.from);
                let known = self.log.journals.get(&device);
                let head = known.and_then(|entries| {
                    let (hash, _) = entries.last()?;
                    let number = u64::try_from(entries.len()).ok()?;
                    Some(JournalHead { number, hash: *hash })
                });
                let head = head.unwrap_or_default();
                Reply::Session(head, self.words(stage, device, head).map(Box::new))
            }
            Ask::Claim(_)
            | Ask::Journal(_)
            | Ask::Locate(_)
            | Ask::Offer(..)
            | Ask::Offered(_)
            | Ask::Ends(_) => {
                if let Some(running) = &mut self.running {
                    running.inbox.push_back(Job::Request(Box::new(message)));
                }
                return self.write(stage);
            }
            _ if revoked => revoked_reply(device),
            Ask::Rules(_) => {
                let revoked = self.log.revoked.iter();
                let signed = revoked.filter_map(|it| Some((*it, house::revocation(*it)?.clone())));
                Reply::Rules(self.log.rules, signed.collect())
            }
            Ask::Feed(cursor, hold) => match self.page(*cursor, stage) {
                Err(refused) => Reply::Refused(refused),
                Ok(page) if page.0.is_empty() && *hold > 0 => {
                    return self.hold(stage, (cursor.sequence, *hold), message);
                }
                Ok(page) => Reply::Feed(page),
            },
            // It is no hub.
            Ask::Hub(_) => return,
            Ask::Time(request) => match Self::signed_time(stage, *request) {
                Some(signed) => Reply::Time(Box::new(signed)),
                None => Reply::Refused(Refused::Failing),
            },
        };
        stage.send(answer(&message, reply));
    }

    /// What the root key says to a device, if it is revoked; of the journal what is durable.
    fn words(&self, stage: &mut Stage, device: DeviceId, head: JournalHead) -> Option<Words> {
        let revoked = self.log.revoked.contains(&device);
        let revocation = house::revocation(device).filter(|_| revoked)?.clone();
        stage.record.receipts.insert(device, stage.now());
        let receipt = SignedReceipt::sign(INSTALLATION, device, head, house::root());
        Some(Words { revocation, receipt: Some(receipt) })
    }

    fn hold(&mut self, stage: &mut Stage, (after, long): (u64, u64), message: Message) {
        let number = self.next_hold;
        self.next_hold = self.next_hold.saturating_add(1);
        stage.after(long, Event::HeldLong { boot: self.boot, hold: number });
        if let Some(running) = &mut self.running {
            running.holds.push(Hold { number, after, message });
        }
    }

    /// A request for the feed has waited long enough.
    pub fn held_long(&mut self, stage: &mut Stage, boot: u32, number: u64) {
        let Some(running) = self.running.as_mut().filter(|_| boot == self.boot) else { return };
        let Some(place) = running.holds.iter().position(|hold| hold.number == number) else {
            return;
        };
        let hold = running.holds.swap_remove(place);
        stage.send(answer(&hold.message, Reply::Feed((Vec::new(), None))));
    }

    /// Answers whoever waits for what is durable now.
    pub(super) fn push(&mut self, stage: &mut Stage) {
        let durable = u64::try_from(self.log.ledger.len()).unwrap_or(u64::MAX);
        let Some(running) = &mut self.running else { return };
        let waiting = std::mem::take(&mut running.holds);
        let (ready, rest) = waiting.into_iter().partition(|hold| hold.after < durable);
        running.holds = rest;
        let ready: Vec<Hold> = ready;
        for hold in ready {
            self.receive(stage, hold.message);
        }
    }

    fn page(&mut self, cursor: Cursor, stage: &mut Stage) -> Result<Page, Refused> {
        let after = usize::try_from(cursor.sequence).unwrap_or(usize::MAX);
        let known = match after.checked_sub(1) {
            None => Some([0; 32]),
            Some(last) => {
                self.log.ledger.get(last).map(|bytes| Cursor::hash_of(INSTALLATION, bytes))
            }
        };
        if known != Some(cursor.hash) {
            return Err(Refused::OtherHistory);
        }
        let skip = stage.is_planted(Adapter::CursorSkip) && stage.draw.chance(200);
        let entries = self.log.ledger.iter().skip(after).skip(usize::from(skip)).take(PAGE);
        let entries: Vec<_> = entries.cloned().collect();
        // Only a gate that may have to offer it keeps a page's end.
        let signed = stage.plan.is_restored().then(|| {
            let end = entries.last().map_or(cursor, |bytes| position(bytes));
            self.page_end(end)
        });
        Ok((entries, signed))
    }

    fn signed_time(stage: &Stage, request: TimeRequest) -> Option<SignedTime> {
        let document = TimeDocument {
            installation: INSTALLATION,
            event: EVENT,
            device: request.device,
            nonce: request.nonce,
            at: Self::time(stage).earliest,
            version: 0,
        };
        SignedTime::sign(&document, house::root()).ok()
    }

    /// Checks that what was written can be read.
    pub(super) fn readable(stage: &mut Stage, entry: &LedgerEntry, bytes: &[u8]) {
        if LedgerEntry::decode(bytes).as_ref() != Ok(entry) {
            let what = format!("ledger entry {} reads differently than written", entry.sequence);
            stage.wrong(Check::ServerRestarts, what);
        }
    }
}

/// The position of an entry.
pub(super) fn position(bytes: &[u8]) -> Cursor {
    let (epoch, sequence) =
        LedgerEntry::decode(bytes).map(|entry| (entry.epoch, entry.sequence)).unwrap_or_default();
    Cursor { epoch, sequence, hash: Cursor::hash_of(INSTALLATION, bytes) }
}

/// What a revoked device is told.
pub(super) fn revoked_reply(device: DeviceId) -> Reply {
    let word = house::revocation(device).cloned().map(Box::new);
    word.map_or(Reply::Refused(Refused::Revoked), Reply::Revoked)
}

/// The answer to a message.
pub(super) const fn answer(message: &Message, reply: Reply) -> Message {
    Message {
        from: Address::Server,
        to: message.from,
        boot: message.boot,
        request: message.request,
        end: None,
        body: Body::Reply(reply),
    }
}
