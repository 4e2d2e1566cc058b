//! What the server remembers. One trait, [`Store`], for every database; SQLite is the embedded
//! one. Each write is one command with its [`Actor`] and leaves its audit row in the same
//! transaction; its answer comes only after the commit.

#[cfg(test)]
pub(crate) mod conformance;
mod error;
pub mod sqlite;
pub mod types;

use std::collections::BTreeSet;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use kaisatsu_shared::{
    bundle::{SignedBundle, SignedCredential, SignedRevocation},
    id::{DeviceId, Epoch, EventId, GateId, InstallationId, OperatorId, OrganisationId, Serial},
    journal::SignedJournalHead,
    key::{DevicePublic, RootPublic},
    ledger::{Conflict, Cursor, ReissueReason, VoidReason},
    sync::{
        BatchAnswer, Claim, ClaimAnswer, FeedPage, HeadsNoted, HeardHeads, JournalBatch, Locate,
        Located, OfferAnswer, Offered, SearchAnswer, SearchQuery, SearchRequest, SignedTime,
        TimeRequest,
    },
    time::{UnixMillis, UnixSeconds},
};
use tokio::sync::watch;

use crate::link::Link;
pub use error::{ErrorKind, StoreError};
use types::{
    Actor, AddGate, AddOperator, AddType, AnnounceDevice, AnnouncedDevice, ApiToken, AuditQuery,
    AuditRow, CarriedAnswer, ConfirmRestore, CreateEvent, CreateToken, CreatedToken, DeviceInfo,
    DeviceRole, DeviceSession, EventInfo, EventKeyInfo, EventStats, Export, FeedFrom, FoundTickets,
    GiveLeases, Holder, HubInfo, InterventionRow, IssueChunk, IssuedChunk, JobId, JobProgress,
    JournalPage, LeaseInfo, LedgerPage, LedgerReport, NewCredential, OpenedTicket, OperatorInfo,
    OperatorPin, Pin, PrintedTicket, QuarantineRow, Refusal, RenewTickets, RenewedTickets,
    RestoreBegun, RestoreInfo, RuleSet, StatusPage, TicketInfo, TicketMark, TicketShown, Trial,
    TriedRules, TypeInfo, Voiding, WriteOffReason,
};

/// An answer that comes later. It borrows nothing, so it may be spawned.
pub type Reply<T> = BoxFuture<'static, Result<T, StoreError>>;

/// A store that is shared.
pub type SharedStore = Arc<dyn Store>;

/// Everything that the server does to its database. Methods that take an [`Actor`] are operations
/// of a person or a device: they write their audit row, also when they are refused.
pub trait Store: Send + Sync + core::fmt::Debug {
    /// The installation's id: part of everything signed or hashed.
    fn installation(&self) -> InstallationId;

    /// The public half of the installation's root key, which gates pin.
    fn root_public(&self) -> RootPublic;

    /// The server's clock.
    fn now(&self) -> UnixMillis;

    /// Whether the database can be read and written at this moment, for `/readyz`.
    fn ready(&self) -> Reply<StatusPage>;

    /// Finishes what was accepted and closes the store. Later commands answer
    /// [`StoreError::Closed`].
    fn close(&self) -> Reply<()>;

    // Events

    /// Makes an event with its gates and its first signing key.
    fn create_event(&self, actor: Actor, request: CreateEvent) -> Reply<EventInfo>;
    /// The events of an organisation, or of all.
    fn events(&self, organisation: Option<OrganisationId>) -> Reply<Vec<EventInfo>>;
    /// One event.
    fn event(&self, event: EventId) -> Reply<EventInfo>;
    /// What happened at an event so far.
    fn stats(&self, event: EventId) -> Reply<EventStats>;
    /// Adds a gate.
    fn add_gate(&self, actor: Actor, request: AddGate) -> Reply<kaisatsu_shared::bundle::Gate>;
    /// Adds a ticket type.
    fn add_type(&self, actor: Actor, request: AddType) -> Reply<TypeInfo>;
    /// Replaces the event's rules.
    fn set_rules(&self, actor: Actor, event: EventId, rules: RuleSet) -> Reply<EventInfo>;
    /// Adds an operator who may sign in at the event's gates, with the PIN given or a drawn one.
    fn add_operator(&self, actor: Actor, request: AddOperator) -> Reply<OperatorPin>;
    /// The event's operators.
    fn operators(&self, event: EventId) -> Reply<Vec<OperatorInfo>>;
    /// Gives an operator another PIN: the one given, or a drawn one.
    fn set_pin(
        &self,
        actor: Actor,
        event: EventId,
        operator: OperatorId,
        pin: Option<Pin>,
    ) -> Reply<OperatorPin>;
    /// Removes an operator. Gates know it with their next bundle; the number is never given again.
    fn remove_operator(
        &self,
        actor: Actor,
        event: EventId,
        operator: OperatorId,
    ) -> Reply<OperatorInfo>;
    /// What a scan would end with, and how. It is a reading: nothing is recorded.
    fn try_rules(&self, event: EventId, trial: Trial) -> Reply<TriedRules>;
    /// Makes a new signing key the current one; the older ones stay listed.
    fn rotate_key(&self, actor: Actor, event: EventId) -> Reply<EventKeyInfo>;
    /// The event's signed bundle. Its version rises with every change and when it is signed
    /// anew, at most an hour later.
    fn bundle(&self, event: EventId) -> Reply<SignedBundle>;

    // Tickets

    /// Issues the next rows of a job. A chunk that was issued before is answered with the same
    /// serials and issues nothing.
    fn issue(&self, actor: Actor, chunk: IssueChunk) -> Reply<IssuedChunk>;
    /// Begins a job, or goes on with it, and tells how far it is. `content` is the hash of all that
    /// it is to issue ([`crate::issuing::Content`]); under the same name nothing else is issued.
    fn begin_job(
        &self,
        actor: Actor,
        event: EventId,
        job: JobId,
        content: [u8; 32],
    ) -> Reply<JobProgress>;
    /// How far a job is; a job that issued nothing has 0 rows.
    fn job(&self, event: EventId, job: JobId) -> Reply<JobProgress>;
    /// A ticket as it stands, with its history.
    fn ticket(&self, event: EventId, serial: Serial) -> Reply<TicketInfo>;
    /// Looks tickets of the event up by number or by their holder's name. That somebody did is recorded before
    /// the answer.
    fn find_tickets(&self, actor: Actor, event: EventId, query: SearchQuery)
    -> Reply<FoundTickets>;
    /// The holder's personal data, if the ticket has a name.
    fn holder(&self, actor: Actor, event: EventId, serial: Serial) -> Reply<Option<Holder>>;
    /// The holder's name, sealed so that only the ticket itself opens it
    /// ([`kaisatsu_shared::seal::holder_key`]).
    fn sealed_holder(&self, event: EventId, serial: Serial) -> Reply<Option<Vec<u8>>>;
    /// Voids a ticket.
    fn void(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        reason: VoidReason,
    ) -> Reply<Voiding>;
    /// Marks a ticket as blocked or not, as paid or not.
    fn mark(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        mark: TicketMark,
    ) -> Reply<TicketInfo>;
    /// Renews tickets of a type that renews, all or none: they are valid from and until as asked.
    fn renew(&self, actor: Actor, event: EventId, request: RenewTickets) -> Reply<RenewedTickets>;
    /// Replaces a ticket by its next generation; the older code stops admitting.
    fn reissue(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        reason: ReissueReason,
    ) -> Reply<TicketInfo>;
    /// What a phone shows at `at`. A clock ticket gets its chain when it is first shown, and a
    /// new one in time before the old one ends ([`crate::issuing::LEAD`]).
    fn show(
        &self,
        actor: Actor,
        event: EventId,
        serial: Serial,
        at: UnixSeconds,
    ) -> Reply<TicketShown>;
    /// The personal links of tickets that aren't void. Whoever has one has the ticket.
    fn links(&self, actor: Actor, event: EventId, serials: Vec<Serial>) -> Reply<Vec<Link>>;
    /// The ticket behind a link as it stands, without its code. It leaves no audit row: a page asks again and again.
    fn look_at_ticket(&self, link: Link) -> Reply<OpenedTicket>;
    /// The same with its code, from which a page computes all that the ticket's chain covers.
    fn open_ticket(&self, actor: Actor, link: Link) -> Reply<OpenedTicket>;
    /// The codes of up to 1,024 tickets from `first` on, for printing. Voided tickets and those
    /// that aren't `static` are left out.
    fn show_static(
        &self,
        actor: Actor,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Reply<Vec<TicketShown>>;
    /// Up to 1,024 tickets from `first` on with what is printed of them, names too. Voided tickets
    /// are left out.
    fn print(
        &self,
        actor: Actor,
        event: EventId,
        first: Serial,
        count: u32,
    ) -> Reply<Vec<PrintedTicket>>;

    // Devices

    /// Announces a device and makes its one-time enrolment code.
    fn announce_device(&self, actor: Actor, request: AnnounceDevice) -> Reply<AnnouncedDevice>;
    /// Trades a one-time code for a credential. The same key may repeat it. A code that doesn't
    /// exist leaves no row here: strangers may guess as often as they like, so the door counts them.
    fn enrol(&self, actor: Actor, code: String, public: DevicePublic) -> Reply<NewCredential>;
    /// Opens a session: checks the credential's signature and the record of the device. A device
    /// that the server has no record of is taken in. The caller checks the challenge's signature
    /// with the credential's public key.
    fn open_session(&self, actor: Actor, credential: SignedCredential) -> Reply<DeviceSession>;
    /// The devices of an event.
    fn devices(&self, event: EventId) -> Reply<Vec<DeviceInfo>>;
    /// One device.
    fn device(&self, device: DeviceId) -> Reply<DeviceInfo>;
    /// Says what a device is for.
    fn set_device_role(
        &self,
        actor: Actor,
        device: DeviceId,
        role: DeviceRole,
    ) -> Reply<DeviceInfo>;
    /// Revokes a device: it may only deliver its journal.
    fn revoke_device(&self, actor: Actor, device: DeviceId) -> Reply<DeviceInfo>;

    /// The root key's word that a device is revoked, if it is.
    fn revocation(&self, device: DeviceId) -> Reply<Option<SignedRevocation>>;

    /// Writes a device off: it is lost for good. Its leases stay its own, and a restore doesn't wait for it.
    fn write_off_device(
        &self,
        actor: Actor,
        device: DeviceId,
        reason: WriteOffReason,
    ) -> Reply<DeviceInfo>;

    /// Leases the rights that nobody holds, of types with the policy `strict`, to these devices, or to
    /// every enrolled one. Gives all leases as they stand then.
    fn lease(&self, actor: Actor, event: EventId, wanted: GiveLeases) -> Reply<Vec<LeaseInfo>>;
    /// Asks a device, or every holder, for its leases. They are back once it has answered in its
    /// journal.
    fn recall(
        &self,
        actor: Actor,
        event: EventId,
        device: Option<DeviceId>,
    ) -> Reply<Vec<LeaseInfo>>;
    /// The leases of an event.
    fn leases(&self, event: EventId) -> Reply<Vec<LeaseInfo>>;
    /// Makes a device a hub, found at these addresses; or gives a hub other ones.
    fn set_hub(
        &self,
        actor: Actor,
        event: EventId,
        device: DeviceId,
        addresses: Vec<String>,
    ) -> Reply<HubInfo>;
    /// The hubs of an event.
    fn hubs(&self, event: EventId) -> Reply<Vec<HubInfo>>;
    /// Makes a device no hub any more. It keeps its leases.
    fn remove_hub(&self, actor: Actor, event: EventId, device: DeviceId) -> Reply<HubInfo>;

    // Gates' traffic

    /// Decides a claim of `device`; lanes at the gates `heard` can be asked for what they hold. A grant is
    /// durable before it is answered.
    fn claim(
        &self,
        actor: Actor,
        device: DeviceId,
        claim: Claim,
        heard: BTreeSet<GateId>,
    ) -> Reply<ClaimAnswer>;
    /// Looks tickets up for `device`. That it did is recorded before the answer.
    fn search(&self, actor: Actor, device: DeviceId, request: SearchRequest)
    -> Reply<SearchAnswer>;
    /// Takes in journal entries of `device`.
    fn upload(&self, actor: Actor, device: DeviceId, batch: JournalBatch) -> Reply<BatchAnswer>;
    /// Keeps where a device's journal ends, as `through` told: what lies beyond the entries delivered is missing.
    /// Two ends, or an end and an entry, that differ under one number are set apart as a fork. Leaves an audit
    /// row of that only: it goes along with other requests.
    fn note_head(&self, actor: Actor, through: DeviceId, head: SignedJournalHead) -> Reply<()>;
    /// The same of ends that a device heard of others of its event. A device that the server has no record of
    /// is taken in.
    fn note_heads(&self, actor: Actor, through: DeviceId, heads: HeardHeads) -> Reply<HeadsNoted>;
    /// Takes in the file of a journal that was carried by hand
    /// ([`kaisatsu_shared::sync::CarriedJournal`]). The whole file is checked before anything is recorded;
    /// done again it records nothing twice.
    fn import_journal(&self, actor: Actor, event: EventId, file: Vec<u8>) -> Reply<CarriedAnswer>;
    /// The time, signed as the answer to `request` of a device of `event`.
    fn signed_time(&self, event: EventId, request: TimeRequest) -> Reply<SignedTime>;
    /// Declares that this clock had been wrong and is right now: gates take back what it said.
    /// Gives the new version of the time.
    fn correct_time(&self, actor: Actor) -> Reply<u64>;
    /// The next page of the event's ledger.
    fn feed(&self, event: EventId, from: FeedFrom) -> Reply<FeedPage>;
    /// The number of the ledger's last entry, whenever it rises. Subscribe before asking for a
    /// page, so that nothing falls between. It begins at 0 and is set soon after.
    fn subscribe(&self, event: EventId) -> watch::Receiver<u64>;

    // Restore

    /// The installation's epoch: how often it was restored, from 1.
    fn epoch(&self) -> Epoch;
    /// Begins a new epoch, after the database was put back from a backup. This store, and every other that
    /// is open, must be opened anew.
    fn begin_restore(&self, actor: Actor) -> Reply<RestoreBegun>;
    /// Where an event's restore stands.
    fn restore(&self, event: EventId) -> Reply<RestoreInfo>;
    /// Takes an admin's word that the list of devices is complete.
    fn confirm_restore(
        &self,
        actor: Actor,
        event: EventId,
        request: ConfirmRestore,
    ) -> Reply<RestoreInfo>;
    /// Where a gate's ledger and this one part. A signed position that this one doesn't have is noted.
    fn locate(&self, actor: Actor, device: DeviceId, asked: Locate) -> Reply<Located>;
    /// Takes in a page of the ledger that this installation signed and lost, which follows `after`.
    fn offer(
        &self,
        actor: Actor,
        device: DeviceId,
        after: Cursor,
        page: FeedPage,
    ) -> Reply<OfferAnswer>;
    /// Notes that a device has delivered everything that it has.
    fn offered(&self, actor: Actor, device: DeviceId, offered: Offered) -> Reply<()>;

    // Proof

    /// Every conflict of an event.
    fn conflicts(&self, event: EventId) -> Reply<Vec<Conflict>>;
    /// What staff did at an event's gates beyond scanning, in the order recorded.
    fn interventions(&self, event: EventId) -> Reply<Vec<InterventionRow>>;
    /// At most `limit` ledger entries after number `after`.
    fn ledger(&self, event: EventId, after: u64, limit: u32) -> Reply<LedgerPage>;
    /// Follows the whole stored ledger and checks every link.
    fn verify_ledger(&self, event: EventId) -> Reply<LedgerReport>;
    /// At most `limit` journal entries of a device after number `after`.
    fn journal(&self, device: DeviceId, after: u64, limit: u32) -> Reply<JournalPage>;
    /// Journal entries that were set apart.
    fn quarantine(&self, event: EventId) -> Reply<Vec<QuarantineRow>>;
    /// Notes that somebody takes a record out. The row is durable before its first byte leaves.
    fn note_export(&self, actor: Actor, export: Export) -> Reply<()>;
    /// Notes requests that were refused before they became an operation.
    fn note_refusal(&self, actor: Actor, refusal: Refusal) -> Reply<()>;
    /// Rows of the audit trail, the newest first.
    fn audit(&self, query: AuditQuery) -> Reply<Vec<AuditRow>>;
    /// Follows the whole audit trail; gives the number of its rows.
    fn verify_audit(&self) -> Reply<u64>;

    // API tokens

    /// Makes an API token.
    fn create_token(&self, actor: Actor, request: CreateToken) -> Reply<CreatedToken>;
    /// The token that a request bears, if it may be used now.
    fn authenticate(&self, secret: String) -> Reply<ApiToken>;
    /// An organisation's API tokens.
    fn tokens(&self, organisation: OrganisationId) -> Reply<Vec<ApiToken>>;
    /// Revokes an API token.
    fn revoke_token(&self, actor: Actor, id: u32) -> Reply<ApiToken>;
}
