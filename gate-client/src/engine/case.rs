//! One guest on the way to an end: what was read and when, and what staff have answered.

use kaisatsu_shared::{
    id::{ClaimKey, Epoch},
    right::{Authority, RightRef, Use, UseKind},
    rules::{Answers, Verdict},
    time::TimeInterval,
};

use super::{Identity, Intent, Now, ScanId};

/// What a guest comes in on.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// A scanned code.
    Code(String),
    /// No code: staff found their ticket at the server and let them in by hand.
    Right(RightRef),
}

/// A guest's case. It is judged as of when the code was read: while staff ask the guest something, a
/// clock display doesn't get old.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) source: Source,
    pub(super) read: Now,
    pub(super) answers: Answers,
    /// Until when, by the monotonic clock, another lane is waited for, where one was asked.
    pub(super) patience: Option<u64>,
}

impl Case {
    /// A code read now.
    pub(super) const fn read(text: String, now: Now) -> Self {
        Self { source: Source::Code(text), read: now, answers: Answers::NONE, patience: None }
    }

    /// Whether the guest shows no code.
    pub(super) const fn is_by_hand(&self) -> bool {
        matches!(self.source, Source::Right(_))
    }
}

/// A verdict that staff may answer or overrule, until the next one.
#[derive(Clone, Debug)]
pub(super) struct Open {
    pub(super) case: Case,
    pub(super) verdict: Verdict,
    pub(super) right: RightRef,
}

/// A scan under way.
#[derive(Debug)]
pub(super) struct Pending {
    pub(super) scan: ScanId,
    pub(super) case: Case,
    pub(super) stage: Stage,
}

/// Who is asked for a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whom {
    /// The server.
    Server,
    /// The venue's hub.
    Hub,
}

/// How far a scan has come.
#[derive(Debug)]
pub(super) enum Stage {
    /// The intent is being written; then the claim is made.
    Intending { verdict: Verdict, whom: Whom },
    /// The server, or the venue's hub, was asked.
    Claiming { intent: Intent, verdict: Verdict, deadline: u64, whom: Whom },
    /// Another lane was asked for the right. Where the hub did, it is asked again at a monotonic time.
    Recalling { intent: Intent, verdict: Verdict, until: u64, again: Option<u64> },
    /// What lets the guest pass is being written: a redemption, an answer, an override.
    Recording { verdict: Verdict, authority: Option<Authority> },
}

impl Pending {
    /// The claim that is under way, and who was asked.
    pub(super) const fn asked(&self) -> Option<(ClaimKey, Whom)> {
        match self.stage {
            Stage::Claiming { intent, whom, .. } => Some((intent.key, whom)),
            _ => None,
        }
    }

    pub(super) const fn verdict(&self) -> Verdict {
        match self.stage {
            Stage::Intending { verdict, .. }
            | Stage::Claiming { verdict, .. }
            | Stage::Recalling { verdict, .. }
            | Stage::Recording { verdict, .. } => verdict,
        }
    }
}

impl Stage {
    /// The claim that is under way, or about to be made.
    pub(super) const fn intent(&self) -> Option<Intent> {
        match *self {
            Self::Claiming { intent, .. } | Self::Recalling { intent, .. } => Some(intent),
            Self::Intending { .. } | Self::Recording { .. } => None,
        }
    }
}

impl Intent {
    /// The use that is claimed, by this gate client.
    pub(super) const fn by(&self, identity: &Identity, epoch: Epoch, at: TimeInterval) -> Use {
        let Self { key, right, kind, count } = *self;
        let Identity { gate, device, operator, .. } = *identity;
        let (claim, authority) = (key, Authority::Server);
        Use { right, kind, count, claim, gate, device, operator, epoch, at, authority }
    }

    /// Whether a later scan would claim the same: it then goes on under the same key.
    pub(super) fn is_for(&self, right: Option<RightRef>, kind: UseKind, count: u8) -> bool {
        (Some(self.right), self.kind, self.count) == (right, kind, count)
    }
}
