//! What can happen.

use kaisatsu_gate::engine::StoreId;
use kaisatsu_shared::journal::SignedJournalHead;

use crate::message::Message;

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
    /// Ask why no verdict comes for this scan.
    Wonder(u64),
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
    /// An admin attends to what the server says of its restore; `impatient` if they give up gates that they can't
    /// reach.
    Attends {
        /// Whether they give up gates that are only silent.
        impatient: bool,
    },
    /// A gate looks whether the hub is there.
    LooksForHub {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// Which attempt.
        round: u64,
    },
    /// A gate asks the hub what the others tell.
    ListensToHub {
        /// The gate.
        gate: usize,
        /// The run of its process.
        boot: u32,
    },
    /// The hub passes on what it heard.
    HubPage {
        /// The hub.
        gate: usize,
        /// The run of its process.
        boot: u32,
        /// To somebody who waited long enough, or to all for whom there is something.
        hold: Option<u64>,
    },
    /// The hub passes on where others' journals end.
    PassesEndsOn {
        /// The hub.
        gate: usize,
        /// The run of its process.
        boot: u32,
    },
    /// The server notes where a journal ends.
    NotesEnd {
        /// The run of its process.
        boot: u32,
        /// The end.
        end: Box<SignedJournalHead>,
    },
    /// The hub tries anew to bring others' entries to the server.
    Relays {
        /// The hub.
        gate: usize,
        /// The run of its process.
        boot: u32,
    },
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
            Self::Attends { .. } => (19, 0),
            Self::LooksForHub { gate, round, .. } => (24, wide(*gate) ^ (round << 8)),
            Self::ListensToHub { gate, .. } => (25, wide(*gate)),
            Self::HubPage { hold, .. } => (26, hold.unwrap_or(u64::MAX >> 8)),
            Self::PassesEndsOn { gate, .. } => (28, wide(*gate)),
            Self::NotesEnd { end, .. } => (29, end.head.number),
            Self::Relays { gate, .. } => (27, wide(*gate)),
        };
        (kind << 56) ^ what
    }
}
