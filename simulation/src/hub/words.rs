//! What gates and the venue's hub say to each other.

use kaisatsu_shared::{
    bundle::SignedRevocation,
    sync::{Claim, ClaimAnswer, GivenUp, HeardPage, JournalBatch},
};

/// What a gate asks of the hub.
#[derive(Clone, Debug)]
pub enum HubAsk {
    /// Whether it is there.
    Health,
    /// For what it heard, after so many batches of that run; the answer may be held so long, in microseconds.
    Heard(u64, u64, u64),
    /// For a right.
    Claim(Box<Claim>),
    /// To keep that a claim was given up.
    GivenUp(GivenUp),
    /// To pass on what this gate wrote.
    Journal(Box<JournalBatch>),
    /// To take a right that it asked for, by entries of the lane's journal.
    Transfer(Box<JournalBatch>),
}

/// How it answers.
#[derive(Clone, Debug)]
pub enum HubReply {
    /// It is there, in this run.
    Health(u64),
    /// What it heard.
    Heard(Box<HeardPage>),
    /// Its word on a claim; nothing where it can't say.
    Claim(Option<ClaimAnswer>),
    /// It is kept that a claim was given up.
    GivenUp,
    /// It has the asker's journal up to this number.
    Kept(u64),
    /// It heard that a right is its own.
    Taken,
    /// The asker was revoked, with the root key's word for it.
    Revoked(Box<SignedRevocation>),
}

impl HubAsk {
    /// Its part of the fingerprint.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Health => 1,
            Self::Heard(_, after, _) => 2 ^ (after << 8),
            Self::Claim(_) => 3,
            Self::GivenUp(_) => 4,
            Self::Journal(batch) => 5 ^ (batch.head.head.number << 8),
            Self::Transfer(batch) => 6 ^ (batch.head.head.number << 8),
        }
    }
}

impl HubReply {
    /// Its part of the fingerprint.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Health(run) => 1 ^ (run << 8),
            Self::Heard(page) => 2 ^ (page.next << 8),
            Self::Claim(None) => 3,
            Self::Claim(Some(ClaimAnswer::Granted { sequence })) => 4 ^ (sequence << 8),
            Self::Claim(Some(ClaimAnswer::Refused { refusal, .. })) => {
                5 ^ (u64::from(refusal.code().number()) << 8)
            }
            Self::GivenUp => 6,
            Self::Kept(number) => 7 ^ (number << 8),
            Self::Taken => 8,
            Self::Revoked(_) => 9,
        }
    }
}
