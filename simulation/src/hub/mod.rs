//! The venue's hub: a gate that other gates ask over links of its own while they can't ask the server. What it
//! decides is its engine's; here is who waits for what, as the native hub keeps it: in memory only.

mod words;

use std::collections::{BTreeMap, VecDeque};

use kaisatsu_gate::lan::{Ends, Told};
use kaisatsu_shared::{
    id::{ClaimKey, DeviceId},
    sync::{JournalBatch, Recall},
};

pub use words::{HubAsk, HubReply};

use crate::message::Message;

/// Questions that wait for the engine's word, by device and claim.
pub(crate) type Desk = BTreeMap<(DeviceId, ClaimKey), Vec<Message>>;

/// A question for what was heard that waits for something new.
#[derive(Debug)]
pub(crate) struct Hold {
    /// Numbers them.
    pub(crate) number: u64,
    /// So many batches the asker has.
    pub(crate) after: u64,
    /// The question.
    pub(crate) message: Message,
}

/// What a hub's process has in memory.
#[derive(Debug)]
pub(crate) struct Hub {
    /// Whether it told the others what the server doesn't have of its own.
    pub(crate) told_own: bool,
    /// What gates told it.
    pub(crate) told: Told,
    /// Who waits for the word on a claim.
    pub(crate) claims: Desk,
    /// Who waits to hear that giving up is kept.
    pub(crate) given_up: Desk,
    /// Who waits for something new.
    pub(crate) holds: Vec<Hold>,
    /// Numbers the next one who waits.
    pub(crate) next_hold: u64,
    /// Whether a page will be sent soon.
    pub(crate) gathers: bool,
    /// Rights that are wanted from lanes, and since when.
    pub(crate) wanted: Vec<(DeviceId, Recall, u64)>,
    /// The way to the server.
    pub(crate) relay: Relay,
    /// Where other gates' journals end.
    pub(crate) ends: Ends,
    /// Of these, so many the server knows.
    pub(crate) ends_passed_on: u64,
    /// Whether they will be passed on soon, or are on their way.
    pub(crate) passes_on: bool,
}

/// Others' batches on their way to the server.
#[derive(Debug, Default)]
pub(crate) struct Relay {
    /// So many batches were taken up.
    pub(crate) after: u64,
    /// What of them isn't delivered.
    pub(crate) waits: VecDeque<JournalBatch>,
    /// Whether one is on its way, or is to be sent again.
    pub(crate) under_way: bool,
    /// Whether it went unanswered, and a pause is made.
    pub(crate) rests: bool,
}

impl Hub {
    /// A hub that just started.
    pub(crate) fn new(run: u64) -> Self {
        Self {
            told_own: false,
            told: Told::new(run),
            claims: Desk::new(),
            given_up: Desk::new(),
            holds: Vec::new(),
            next_hold: 0,
            gathers: false,
            wanted: Vec::new(),
            relay: Relay::default(),
            ends: Ends::default(),
            ends_passed_on: 0,
            passes_on: false,
        }
    }
}
