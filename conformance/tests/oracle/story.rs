//! A generated event, what happened to one ticket in it, and a scan: all of it plain lists.

use kaisatsu_shared::{
    bundle::{Bundle, TicketType},
    id::{GateId, TypeId},
    right::UseKind,
    rules::Answers,
    time::TimeInterval,
};

#[derive(Clone, Debug)]
pub(crate) struct Story {
    pub(crate) bundle: Bundle,
    pub(crate) ticket: Ticket,
    pub(crate) flaw: Flaw,
    /// The generation that the guest shows.
    pub(crate) generation: u8,
    /// The step that the guest's clock display shows.
    pub(crate) step: u16,
    /// Who passed the gates on other tickets; everybody has heard of it.
    pub(crate) crowd: Vec<Passer>,
    pub(crate) past: Vec<Past>,
    /// How many of `past` the gate has heard of.
    pub(crate) heard: usize,
    pub(crate) gate: GateId,
    pub(crate) exit: bool,
    pub(crate) online: bool,
    pub(crate) now: TimeInterval,
    pub(crate) answers: Answers,
}

#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub(crate) ticket_type: TypeId,
    pub(crate) entries: u8,
    /// Seconds: valid from, and until before, as it is signed.
    pub(crate) valid: (u32, u32),
    /// Whether the ledger says the same when a ticket that renews is issued.
    pub(crate) dated: bool,
    pub(crate) key: u8,
    /// Where it is shown with a clock: the chain's start in seconds, and its steps.
    pub(crate) clock: Option<(u32, u16)>,
}

/// What is wrong with the shown code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    /// Signed by somebody else under a listed key's number.
    Stranger,
    UnlistedKey,
    SignatureChanged,
    ChangedAfterSigning,
    /// Signed by the event's own key, but never issued.
    OtherSecret,
    /// Signed by the event's own key with a longer validity than it was issued with.
    Lengthened,
    PastTheRoster,
    OtherEvent,
    OtherInstallation,
    Cut,
    /// The display doesn't belong to the ticket.
    WrongLink,
    /// Only the static part of it is shown.
    Stripped,
}

/// One thing that happened to the ticket, at the place in the list that is its number.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    pub(crate) what: What,
    pub(crate) count: u8,
    pub(crate) at: TimeInterval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Used(UseKind),
    Granted,
    /// The grant of this place is journalled.
    Completed(usize),
    Abandoned(usize),
    Annulled(usize),
    Interrupted(usize),
    Answered(usize),
    Voided,
    Blocked,
    Unblocked,
    Payment {
        paid: bool,
    },
    Reissued,
    /// From then on it is valid from and until before these seconds.
    Renewed(u32, u32),
}

/// Somebody who passed a gate.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Passer {
    /// The ticket's serial.
    pub(crate) ticket: u8,
    pub(crate) way: Way,
    pub(crate) count: u8,
    pub(crate) gate: GateId,
    pub(crate) at: TimeInterval,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    In,
    /// Let in against the rules.
    LetIn,
    Out,
}

impl From<UseKind> for Way {
    fn from(kind: UseKind) -> Self {
        match kind {
            UseKind::Entry => Self::In,
            UseKind::Exit => Self::Out,
        }
    }
}

impl Story {
    /// The ticket's type, where the bundle knows it.
    pub(crate) fn kind(&self) -> Option<&TicketType> {
        self.bundle.rules.types.iter().find(|known| known.id == self.ticket.ticket_type)
    }

    /// Whether the ledger alone says how long it is valid.
    pub(crate) fn renews(&self) -> bool {
        self.kind().is_some_and(|kind| kind.renewing)
    }
}
