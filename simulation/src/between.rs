//! Somebody between gates and the server who wants a revoked gate to delete its journal: they take its entries in, pass
//! none on, and say that the server has all of them. They have heard what the root key said, and don't have its key.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use kaisatsu_shared::{
    bundle::SignedRevocation,
    journal::{JournalHead, SignedReceipt},
    key::RootKey,
    sync::BatchAnswer,
};

use crate::{
    house::INSTALLATION,
    hub::HubAsk,
    message::{Address, Ask, Body, Message, Reply, Words},
    plan::Lie,
    stage::Stage,
};

/// What they heard and do, by the gates' places in the venue.
#[derive(Debug, Default)]
pub struct Between {
    lies: BTreeMap<usize, Lie>,
    words: BTreeMap<usize, SignedRevocation>,
    /// The first that the server gave, for the least.
    receipts: BTreeMap<usize, SignedReceipt>,
    /// Where journals end, by the entries that they took.
    heads: BTreeMap<usize, JournalHead>,
    /// Gates whose entries get lost.
    swallowed: BTreeSet<usize>,
}

fn other_root() -> &'static RootKey {
    static KEY: OnceLock<RootKey> = OnceLock::new();
    KEY.get_or_init(|| RootKey::from_seed([8; 32]))
}

impl Between {
    /// From now on they answer a gate.
    pub fn begin(&mut self, gate: usize, lie: Lie) {
        self.lies.insert(gate, lie);
    }

    /// Not any more.
    pub fn end(&mut self, gate: usize) {
        self.lies.remove(&gate);
    }

    /// From now on, or not any more, a gate's entries get lost, to the hub too.
    pub fn swallow(&mut self, gate: usize, begins: bool) {
        if begins {
            self.swallowed.insert(gate)
        } else {
            self.swallowed.remove(&gate)
        };
    }

    /// Whether a message gets lost.
    #[must_use]
    pub fn swallows(&self, message: &Message) -> bool {
        let Address::Gate(gate) = message.from else { return false };
        let entries = matches!(
            message.body,
            Body::Ask(Ask::Journal(_) | Ask::Hub(HubAsk::Journal(_) | HubAsk::Transfer(_)))
        );
        entries && self.swallowed.contains(&gate)
    }

    /// They hear what a gate is told.
    pub fn overhear(&mut self, message: &Message) {
        let (Address::Gate(gate), Body::Reply(reply)) = (message.to, &message.body) else { return };
        match reply {
            Reply::Revoked(word) => {
                self.words.insert(gate, SignedRevocation::clone(word));
            }
            Reply::Session(_, Some(words)) => {
                self.words.insert(gate, words.revocation.clone());
                if let Some(receipt) = words.receipt {
                    self.receipts.entry(gate).or_insert(receipt);
                }
            }
            _ => {}
        }
    }

    /// Their answer, if they have one; else the message goes on to the server.
    pub fn answer(&mut self, stage: &Stage, message: &Message) -> Option<Message> {
        let (Address::Gate(gate), Body::Ask(ask)) = (message.from, &message.body) else {
            return None;
        };
        let lie = *self.lies.get(&gate)?;
        let revocation = self.words.get(&gate)?.clone();
        let device = stage.device(message.from)?;
        let reply = match ask {
            Ask::Journal(batch) if batch.head.device == device => {
                let head = batch.head.head;
                self.heads.insert(gate, head);
                let (entries, suspicious_times) = (Vec::new(), Vec::new());
                let acknowledged = head.number;
                Reply::Batch(Box::new(BatchAnswer { acknowledged, entries, suspicious_times }))
            }
            Ask::Session => {
                let head = *self.heads.get(&gate)?;
                let receipt = match lie {
                    Lie::OtherKey => SignedReceipt::sign(INSTALLATION, device, head, other_root()),
                    Lie::Older => *self.receipts.get(&gate)?,
                };
                let receipt = Some(receipt);
                Reply::Session(head, Some(Box::new(Words { revocation, receipt })))
            }
            _ => return None,
        };
        let body = Body::Reply(reply);
        let (boot, request) = (message.boot, message.request);
        let (from, to) = (Address::Server, message.from);
        Some(Message { from, to, boot, request, end: None, body })
    }
}
