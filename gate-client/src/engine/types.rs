//! What goes into the engine and what comes out.

use kaisatsu_shared::{
    bundle::{OpenBundle, SignedBundle},
    id::{ClaimKey, DeviceId, EventId, GateId, InstallationId, OperatorId},
    journal::{JournalEntry, JournalHead},
    ledger::SignedCursor,
    right::{Authority, OverrideReason, RightRef, UseKind},
    rules::{Direction, Verdict},
    sync::{BatchAnswer, Claim, ClaimAnswer, Recall},
    time::{TimeInterval, UnixMillis},
};

use super::Replacement;

/// The moment an input happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds of a clock that never jumps; deadlines are measured by it.
    pub monotonic: u64,
    /// The time of day, as far as it is known.
    pub time: TimeInterval,
}

/// Who this gate client is: from its credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The installation.
    pub installation: InstallationId,
    /// The event.
    pub event: EventId,
    /// The gate.
    pub gate: GateId,
    /// The device.
    pub device: DeviceId,
    /// Who stands there; 0 where nobody signed in.
    pub operator: OperatorId,
}

/// Numbers the scans since the engine started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanId(pub u64);

/// Numbers the store effects since the engine started.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StoreId(pub u64);

/// Something that happened.
#[derive(Debug)]
pub enum Input {
    /// A code was scanned.
    Scan {
        /// Its text.
        text: String,
        /// 16 fresh random bytes, used if the scan needs a claim key.
        key: ClaimKey,
    },
    /// Which way the guests of the next scans go. In, until this is said.
    Direction(Direction),
    /// Staff answered the question of the verdict shown last.
    Answer {
        /// What they said.
        answer: Answer,
        /// 16 fresh random bytes, used if an admission follows that needs a claim key.
        key: ClaimKey,
    },
    /// Staff picked the ticket of a guest who can't show it, among those that the server found.
    AdmitByHand {
        /// Its right.
        right: RightRef,
        /// 16 fresh random bytes, used if an admission follows.
        key: ClaimKey,
    },
    /// Staff let the guest of the verdict shown last in against the rules.
    Override {
        /// Why.
        reason: OverrideReason,
    },
    /// Staff take back the use that the verdict shown last tells of, or else the own last scan.
    Annul,
    /// An operator signed in; their PIN was checked.
    SignIn {
        /// Who.
        operator: OperatorId,
    },
    /// The operator signed out.
    SignOut,
    /// Somebody gave a wrong PIN.
    PinRefused {
        /// As whom.
        operator: OperatorId,
    },
    /// This lane closes: its leases go back to the server.
    ReturnLeases,
    /// A lead set the gate's clock.
    TimeSet {
        /// To when.
        at: UnixMillis,
    },
    /// A store effect ended. `Ok` means that all its records are durable, `Err` that none is.
    Stored {
        /// The effect.
        id: StoreId,
        /// How it ended.
        result: Result<(), StoreFailed>,
    },
    /// The server answered a claim.
    Claimed {
        /// The claim.
        key: ClaimKey,
        /// The answer.
        answer: ClaimAnswer,
    },
    /// A claim could not be delivered, or no answer came: the link counts as down.
    ClaimFailed {
        /// The claim.
        key: ClaimKey,
    },
    /// The server answered, but refused the request (not the ticket), or its answer was not
    /// understood. It is no reason to decide alone.
    ClaimRejected {
        /// The claim.
        key: ClaimKey,
    },
    /// The next entries of the ledger, in canonical bytes; the page's end was verified.
    Feed {
        /// The entries.
        entries: Vec<Vec<u8>>,
        /// The page's end as the server signed it: kept as proof that the server had them.
        end: Option<SignedCursor>,
    },
    /// The server was restored: its ledger goes on differently. Everything was verified.
    Replaced(Box<Replacement>),
    /// A bundle whose signature was checked.
    Bundle {
        /// As it travels; kept for the next start.
        signed: SignedBundle,
        /// Ready for use.
        open: Box<OpenBundle>,
    },
    /// The server answered a journal batch.
    Uploaded(BatchAnswer),
    /// The server says how much of the journal it has, up to an entry that is the same here. Where that is
    /// less than it acknowledged (it was restored), or more (the journal was carried there), delivery goes
    /// on from there.
    ServerHas {
        /// The number of the last entry it has.
        number: u64,
        /// All entries after it, in canonical bytes.
        entries: Vec<Vec<u8>>,
    },
    /// A journal batch could not be delivered.
    UploadFailed,
    /// The server refused a journal batch, or its answer was not understood.
    UploadRefused,
    /// The link to the server came up or went down.
    Link(LinkState),
    /// The venue's hub can be asked, or can't.
    HubLink {
        /// Whether it answers.
        up: bool,
    },
    /// The venue's hub answered a claim.
    HubAnswered {
        /// The claim.
        key: ClaimKey,
        /// The answer.
        answer: ClaimAnswer,
    },
    /// The venue's hub didn't answer a claim, or can't say.
    HubFailed {
        /// The claim.
        key: ClaimKey,
    },
    /// The venue's hub was told that a claim was given up.
    HubTold {
        /// The claim.
        claim: ClaimKey,
        /// Whether it has kept that.
        heard: bool,
    },
    /// The venue's hub keeps this journal up to this number; nothing if it didn't say.
    HubKept {
        /// The number.
        number: Option<u64>,
    },
    /// What other gates told through the venue's hub: entries whose signature and chain were checked.
    Heard {
        /// The entries.
        entries: Vec<JournalEntry>,
    },
    /// This gate is the venue's hub, and another gate claims. Who it is was checked.
    HubClaim {
        /// The device.
        device: DeviceId,
        /// The gate that it was enrolled for.
        gate: GateId,
        /// The claim.
        claim: Claim,
    },
    /// This gate is the venue's hub, and another gate gave a claim up.
    HubGiveUp {
        /// The device.
        device: DeviceId,
        /// The claim.
        claim: ClaimKey,
        /// The right it was for.
        right: RightRef,
    },
    /// This gate is the venue's hub, and another gate is there: it asked something, if only for news.
    HubSees {
        /// The device.
        device: DeviceId,
    },
    /// The venue's hub asks this gate for a right. The hub has proven the key that the bundle names for it.
    HubRecall {
        /// The hub.
        hub: DeviceId,
        /// What it asks for.
        recall: Recall,
    },
    /// This gate is the venue's hub, and another gate gives it a right. Signature and chain were checked, and that
    /// the device itself says so.
    HubTransfer {
        /// The device.
        device: DeviceId,
        /// Consecutive entries of its journal.
        entries: Vec<JournalEntry>,
    },
    /// The root key says that this device is revoked; the adapter has checked it, and keeps it so.
    Revoked,
    /// Time passed. Sent at [`super::Engine::next_tick`], and each second or so besides.
    Tick,
}

/// What staff say to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The guest had been let in already; the ID fits; they are the ticket's holder.
    Yes,
    /// They hadn't; it doesn't; they aren't the ticket's holder.
    No,
    /// So many persons; the answer at this place, from 1.
    Number(u8),
}

/// Why something that staff wanted isn't done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declined {
    /// Nothing that could be overruled is on the screen.
    NothingToOverrule,
    /// There is no scan to take back.
    NothingToAnnul,
    /// It is being taken back already.
    AlreadyAnnulled,
    /// It needs a lead who has signed in.
    NeedsLead,
    /// The server refused this gate: nobody is admitted here.
    GateRefused,
    /// This gate scans guests out.
    ScansOut,
}

/// What staff wanted, once it is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Done {
    /// That the guest had been let in is recorded.
    Answered,
    /// A use was taken back.
    Annulled,
    /// The operator is signed in.
    SignedIn,
    /// The operator is signed out.
    SignedOut,
    /// The gate's clock was set.
    TimeSet,
    /// Nothing is leased to this gate any more, as far as it knows.
    LeasesReturned,
}

/// Whether the server can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkState {
    /// It answers.
    Online,
    /// It doesn't, and the venue's hub does.
    Hub,
    /// Neither answers; the gate decides alone.
    Alone,
    /// It answers, but refuses this gate: revoked, or of another version. Nobody is admitted here.
    Refused,
}

/// A store effect that failed: the disk is full or broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the gate can't write to its disk")]
pub struct StoreFailed;

/// Something to keep. All records of one store effect become durable together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A journal entry, in canonical bytes.
    Journal {
        /// Its number.
        number: u64,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A claim is about to be made.
    Intent(Intent),
    /// A claim's outcome is journalled.
    IntentDone(ClaimKey),
    /// An entry of the ledger, in canonical bytes.
    Ledger {
        /// Its number.
        sequence: u64,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// Up to here the ledger's entries are as the server signed them.
    PageEnd(SignedCursor),
    /// The ledger's entries after this number are no longer the ledger's.
    LedgerCut(u64),
    /// The bundle in use.
    Bundle(SignedBundle),
    /// The server has the journal up to this number.
    Acknowledged(u64),
}

/// A claim that may have reached the server, and has no outcome in the journal yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Intent {
    /// The key.
    pub key: ClaimKey,
    /// The right.
    pub right: RightRef,
    /// In or out.
    pub kind: UseKind,
    /// How many persons.
    pub count: u8,
}

/// Something to do, in this order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Make records durable, then report [`Input::Stored`].
    Store {
        /// Names the effect.
        id: StoreId,
        /// The records.
        records: Vec<Record>,
    },
    /// Ask the server, then report [`Input::Claimed`] or [`Input::ClaimFailed`].
    Claim(Claim),
    /// Ask the venue's hub, then report [`Input::HubAnswered`] or [`Input::HubFailed`].
    AskHub(Claim),
    /// Tell the venue's hub that a claim was given up, then report [`Input::HubTold`].
    TellHub {
        /// The claim.
        claim: ClaimKey,
        /// The right it was for.
        right: RightRef,
    },
    /// Tell the venue's other gates what the server doesn't have yet, through the hub, then report
    /// [`Input::HubKept`].
    OfferHub {
        /// Consecutive entries, in canonical bytes.
        entries: Vec<Vec<u8>>,
        /// The head after the last of them, to be signed.
        head: JournalHead,
    },
    /// As the venue's hub: answer another gate's claim.
    HubAnswer {
        /// The device.
        device: DeviceId,
        /// The claim.
        claim: ClaimKey,
        /// The answer; nothing where this gate can't say.
        answer: Option<ClaimAnswer>,
    },
    /// As the venue's hub: it is kept that another gate gave a claim up.
    HubHeard {
        /// The device.
        device: DeviceId,
        /// The claim.
        claim: ClaimKey,
    },
    /// As the venue's hub: ask another gate for a right. Nothing is reported; it answers with
    /// [`Input::HubTransfer`], or not at all.
    Recall {
        /// Who holds it.
        device: DeviceId,
        /// What is asked for.
        recall: Recall,
    },
    /// Tell a hub that a right is its own. Nothing is reported: it asks again where it didn't hear.
    HandOver {
        /// The hub.
        hub: DeviceId,
        /// Consecutive entries of the journal, in canonical bytes.
        entries: Vec<Vec<u8>>,
        /// The head after the last of them, to be signed.
        head: JournalHead,
    },
    /// Another lane is being asked for the right: show that staff wait a moment. The verdict follows.
    Wait {
        /// The scan.
        scan: ScanId,
        /// What is shown meanwhile.
        verdict: Verdict,
    },
    /// Show a verdict. A green one comes only after its record is durable.
    Show {
        /// The scan.
        scan: ScanId,
        /// The verdict.
        verdict: Verdict,
        /// Who had the last word, where a use of the right was recorded.
        authority: Option<Authority>,
    },
    /// Deliver journal entries, then report [`Input::Uploaded`], [`Input::UploadFailed`] or
    /// [`Input::UploadRefused`].
    Upload {
        /// Consecutive entries, in canonical bytes.
        entries: Vec<Vec<u8>>,
        /// The head after the last of them, to be signed.
        head: JournalHead,
    },
    /// What staff wanted is recorded.
    Done(Done),
    /// What staff wanted isn't done.
    Declined(Declined),
    /// The server found that an own redemption conflicts with others.
    Conflict {
        /// The right.
        right: RightRef,
        /// The own journal entry.
        number: u64,
    },
    /// The server found that own journal entries have times that can't be: this gate's clock was
    /// wrong when it wrote them.
    TimesDoubted(Vec<u64>),
    /// The ledger can't be followed: the server's history isn't the one known here.
    FeedBroken(String),
}

/// What a gate client keeps over a restart, read back from its store.
#[derive(Debug, Default)]
pub struct Restored {
    /// The whole journal, in order.
    pub journal: Vec<JournalEntry>,
    /// The journal's entries after `acknowledged`, in canonical bytes and order.
    pub outbox: Vec<Vec<u8>>,
    /// The journal's head.
    pub head: JournalHead,
    /// How much of the journal the server has.
    pub acknowledged: u64,
    /// Claims without outcome.
    pub intents: Vec<Intent>,
    /// The bundle in use.
    pub bundle: Option<(SignedBundle, OpenBundle)>,
}

/// What the status line and the status command show.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// Whether the server can be asked.
    pub link: LinkState,
    /// Journal entries that the server doesn't have yet.
    pub unsynced: u64,
    /// Journal entries altogether.
    pub journal: u64,
    /// How far the ledger was followed.
    pub ledger: u64,
    /// Tickets in the roster.
    pub tickets: u32,
    /// Tickets that this gate alone decides about, by lease.
    pub leased: u64,
    /// The bundle's version, if there is a bundle.
    pub bundle_version: Option<u64>,
    /// Who is signed in; 0 is nobody.
    pub operator: OperatorId,
}
