//! Messages that participants exchange over links.

use kaisatsu_shared::{
    bundle::SignedRevocation,
    id::{DeviceId, Epoch},
    journal::{JournalHead, SignedJournalHead, SignedReceipt},
    ledger::{Cursor, SignedCursor},
    sync::{
        BatchAnswer, Claim, ClaimAnswer, FeedPage, HeardHead, JournalBatch, Locate, Located,
        OfferAnswer, Offered, SignedTime, TimeRequest,
    },
};

use crate::hub::{HubAsk, HubReply};

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
    /// Where the asker's journal ends, as it signed it; where the plan has gates tell it.
    pub end: Option<SignedJournalHead>,
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
    /// Where the two ledgers part.
    Locate(Box<Locate>),
    /// To take back a page that follows this position.
    Offer(Cursor, Box<FeedPage>),
    /// To note that everything was offered.
    Offered(Box<Offered>),
    /// To note where others' journals end.
    Ends(Vec<HeardHead>),
    /// Something of the venue's hub.
    Hub(HubAsk),
}

/// Entries of the ledger, and their end as it is signed where gates keep that.
pub type Page = (Vec<Vec<u8>>, Option<SignedCursor>);

/// How a gate is answered.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A session began; the server has the device's journal up to there. Of a revoked one it comes with the root
    /// key's words.
    Session(JournalHead, Option<Box<Words>>),
    /// The newest rules' version, and who is revoked by them.
    Rules(u64, Vec<RevokedDevice>),
    /// A page of the ledger.
    Feed(Page),
    /// The word on a claim.
    Claim(ClaimAnswer),
    /// What became of journal entries.
    Batch(Box<BatchAnswer>),
    /// The time.
    Time(Box<SignedTime>),
    /// A request that isn't carried out.
    Refused(Refused),
    /// The same, because the device was revoked, with the root key's word for it.
    Revoked(Box<SignedRevocation>),
    /// Where the two ledgers part.
    Located(Located),
    /// What became of a page that was offered.
    Offer(OfferAnswer),
    /// The epoch in which everything was offered.
    Offered(Epoch),
    /// It is noted where others' journals end.
    Ends,
    /// The venue's hub answers.
    Hub(Box<HubReply>),
}

/// What the root key says to a revoked device.
#[derive(Clone, Debug)]
pub struct Words {
    /// That it is revoked.
    pub revocation: SignedRevocation,
    /// That the server has its journal up to there.
    pub receipt: Option<SignedReceipt>,
}

/// A revoked device, with the root key's word for it.
pub type RevokedDevice = (DeviceId, SignedRevocation);

/// Why a request isn't carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The device was revoked, as anybody could say.
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
    /// No session was begun in this epoch.
    NoSession,
    /// What is offered, or said to be, can't be taken in yet.
    OfferGap,
}

impl Body {
    /// Its part of the fingerprint.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Ask(Ask::Session) => 1,
            Self::Ask(Ask::Rules(_)) => 2,
            Self::Ask(Ask::Feed(cursor, _)) => 3 ^ (cursor.sequence << 8),
            Self::Ask(Ask::Claim(_)) => 4,
            Self::Ask(Ask::Journal(batch)) => 5 ^ (batch.head.head.number << 8),
            Self::Ask(Ask::Time(_)) => 6,
            Self::Reply(Reply::Session(head, _)) => 7 ^ (head.number << 8),
            Self::Reply(Reply::Rules(version, _)) => 8 ^ (version << 8),
            Self::Reply(Reply::Feed((entries, _))) => {
                9 ^ (u64::try_from(entries.len()).unwrap_or_default() << 8)
            }
            Self::Reply(Reply::Claim(ClaimAnswer::Granted { sequence })) => 10 ^ (sequence << 8),
            Self::Reply(Reply::Claim(ClaimAnswer::Refused { refusal, .. })) => {
                11 ^ (u64::from(refusal.code().number()) << 8)
            }
            Self::Reply(Reply::Batch(answer)) => 12 ^ (answer.acknowledged << 8),
            Self::Reply(Reply::Time(_)) => 13,
            Self::Reply(Reply::Refused(_)) => 14,
            Self::Ask(Ask::Locate(_)) => 15,
            Self::Ask(Ask::Offer(after, _)) => 16 ^ (after.sequence << 8),
            Self::Ask(Ask::Offered(_)) => 17,
            Self::Reply(Reply::Located(located)) => 18 ^ (located.common.sequence << 8),
            Self::Reply(Reply::Offer(answer)) => 19 ^ (u64::from(answer.restated) << 8),
            Self::Reply(Reply::Offered(_)) => 20,
            Self::Reply(Reply::Revoked(_)) => 23,
            Self::Ask(Ask::Ends(_)) => 24,
            Self::Reply(Reply::Ends) => 25,
            Self::Ask(Ask::Hub(ask)) => 21 ^ (ask.number() << 16),
            Self::Reply(Reply::Hub(reply)) => 22 ^ (reply.number() << 16),
        }
    }
}
