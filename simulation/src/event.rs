//! What can happen, and the messages that participants exchange over links.

use kaisatsu_gate::engine::StoreId;
use kaisatsu_shared::{
    journal::JournalHead,
    ledger::Cursor,
    sync::{BatchAnswer, Claim, ClaimAnswer, JournalBatch, SignedTime, TimeRequest},
};

/// A participant of the venue. Gates are named by their place in the venue: a clone is one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// The server.
    Server,
    /// A gate.
    Gate(usize),
}

/// A message on a link.
#[derive(Clone, Debug)]
pub struct Message {
    /// Who sent it.
    pub from: Address,
    /// Whom it is for.
    pub to: Address,
    /// The run of the gate's process that asks, or that asked.
    pub boot: u32,
    /// The request that is asked or answered.
    pub request: u64,
    /// What it says.
    pub body: Body,
}

/// What a message says.
#[derive(Clone, Debug)]
pub enum Body {
    /// A gate asks.
    Ask(Ask),
    /// A gate is answered.
    Reply(Reply),
}

/// What a gate asks of the authority it is linked to.
#[derive(Clone, Debug)]
pub enum Ask {
    /// To begin a session.
    Session,
    /// For rules newer than this version.
    Rules(u64),
    /// For the ledger after this position; the answer may be held so long, in microseconds.
    Feed(Cursor, u64),
    /// For a right.
    Claim(Box<Claim>),
    /// To take journal entries in.
    Journal(Box<JournalBatch>),
    /// For the time.
    Time(TimeRequest),
}

/// How a gate is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A session began; the server has the device's journal up to there.
    Session(JournalHead),
    /// The newest rules' version.
    Rules(u64),
    /// A page of the ledger.
    Feed(Vec<Vec<u8>>),
    /// The word on a claim.
    Claim(ClaimAnswer),
    /// What became of journal entries.
    Batch(Box<BatchAnswer>),
    /// The time.
    Time(Box<SignedTime>),
    /// A request that isn't carried out.
    Refused(Refused),
}

/// Why a request isn't carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The device was revoked.
    Revoked,
    /// The position isn't one of this ledger.
    OtherHistory,
    /// Journal entries are missing.
    Gap,
    /// A journal entry differs from the one delivered before.
    Fork,
    /// The request can't be read.
    Malformed,
    /// The server fails, which counts as silence.
    Failing,
}

/// What the staff at a gate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StaffAct {
    /// Says how many of a group enter.
    Count(u8),
    /// Says whether the guest of an interrupted admission had been let in.
    LetIn(bool),
    /// Takes the last use back.
    Annul,
    /// A lead signs in and lets the guest in against the rules.
    Override,
    /// The lead signs out.
    SignOut,
    /// Nothing came of it: the guest goes.
    GiveUp,
}

/// What can happen.
#[derive(Clone, Debug)]
pub enum Event {
    /// A message arrives.
    Arrives(Box<Message>),
    /// A gate's disk has carried a write out.
    Stored {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// The write.
        id: StoreId,
    },
    /// A gate's engine has something to do.
    Tick {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
    },
    /// A gate tries the link again.
    Follow {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// Which attempt.
        round: u64,
    },
    /// A request went unanswered.
    TimedOut {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// The request.
        request: u64,
    },
    /// A claim that nobody answered is sent once more.
    AskAgain {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// The request.
        request: u64,
    },
    /// The server's disk has carried a transaction out.
    Committed {
        /// The run of its process.
        boot: u32,
    },
    /// The server has held an answer long enough.
    HeldLong {
        /// The run of its process.
        boot: u32,
        /// Which answer.
        hold: u64,
    },
    /// A guest comes to a gate, for the so manieth time in this visit.
    Visits {
        /// The visit.
        visit: usize,
        /// How often it was tried before.
        attempt: u8,
    },
    /// Staff act on a guest's verdict.
    Staff {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// The visit.
        visit: usize,
        /// What they do.
        act: StaffAct,
    },
    /// A guest who saw a green light is inside, or one who saw a light to leave is out.
    Walks {
        /// The light.
        light: usize,
    },
    /// The organiser does something.
    Deed(usize),
    /// Something breaks.
    Breaks(usize),
    /// It works again.
    Mends(usize),
    /// A gate's process starts.
    GateStarts(usize),
    /// The server's process starts.
    ServerStarts,
    /// Everything that can work again works again.
    Heals,
    /// Everything must have arrived.
    Ends,
}

impl Event {
    /// Its part of the fingerprint.
    pub(crate) fn number(&self) -> u64 {
        let wide = |place: usize| u64::try_from(place).unwrap_or(u64::MAX);
        let (kind, what) = match self {
            Self::Arrives(message) => (1, message.request.wrapping_mul(8) ^ message.body.number()),
            Self::Stored { gate, id, .. } => (2, wide(*gate) ^ (id.0 << 8)),
            Self::Tick { gate, .. } => (3, wide(*gate)),
            Self::Follow { gate, round, .. } => (4, wide(*gate) ^ (round << 8)),
            Self::TimedOut { gate, request, .. } => (5, wide(*gate) ^ (request << 8)),
            Self::AskAgain { gate, request, .. } => (6, wide(*gate) ^ (request << 8)),
            Self::Committed { boot } => (7, u64::from(*boot)),
            Self::HeldLong { hold, .. } => (8, *hold),
            Self::Visits { visit, attempt } => (9, wide(*visit) ^ (u64::from(*attempt) << 32)),
            Self::Staff { visit, .. } => (10, wide(*visit)),
            Self::Walks { light } => (11, wide(*light)),
            Self::Deed(place) => (12, wide(*place)),
            Self::Breaks(place) => (13, wide(*place)),
            Self::Mends(place) => (14, wide(*place)),
            Self::GateStarts(gate) => (15, wide(*gate)),
            Self::ServerStarts => (16, 0),
            Self::Heals => (17, 0),
            Self::Ends => (18, 0),
        };
        (kind << 56) ^ what
    }
}

impl Body {
    fn number(&self) -> u64 {
        match self {
            Self::Ask(Ask::Session) => 1,
            Self::Ask(Ask::Rules(_)) => 2,
            Self::Ask(Ask::Feed(cursor, _)) => 3 ^ (cursor.sequence << 8),
            Self::Ask(Ask::Claim(_)) => 4,
            Self::Ask(Ask::Journal(batch)) => 5 ^ (batch.head.head.number << 8),
            Self::Ask(Ask::Time(_)) => 6,
            Self::Reply(Reply::Session(head)) => 7 ^ (head.number << 8),
            Self::Reply(Reply::Rules(version)) => 8 ^ (version << 8),
            Self::Reply(Reply::Feed(entries)) => {
                9 ^ (u64::try_from(entries.len()).unwrap_or_default() << 8)
            }
            Self::Reply(Reply::Claim(ClaimAnswer::Granted { sequence })) => 10 ^ (sequence << 8),
            Self::Reply(Reply::Claim(ClaimAnswer::Refused { refusal, .. })) => {
                11 ^ (u64::from(refusal.code().number()) << 8)
            }
            Self::Reply(Reply::Batch(answer)) => 12 ^ (answer.acknowledged << 8),
            Self::Reply(Reply::Time(_)) => 13,
            Self::Reply(Reply::Refused(_)) => 14,
        }
    }
}
