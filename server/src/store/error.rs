//! What can go wrong in a store: a stable code, a kind that decides the HTTP status, and a
//! sentence that says what to do.

use kaisatsu_shared::{
    id::{DeviceId, EventId, GateId, OperatorId, Serial, TypeId},
    operator::PinError,
    rules::RuleError,
    sync::CarriedError,
};

use crate::{vault::VaultError, world::NoEntropy};

/// What sort of refusal an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The request can't be understood or makes no sense (400).
    Invalid,
    /// The caller isn't known (401).
    Unauthenticated,
    /// The caller is known and may not (403).
    Forbidden,
    /// The thing asked for doesn't exist (404).
    NotFound,
    /// The request contradicts what is stored (409).
    Conflict,
    /// Try again later (503).
    Unavailable,
    /// The disk is full (507).
    Full,
    /// A fault of the server or its database (500).
    Internal,
}

/// Defines the error with code, kind and sentence in one table.
macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident $(($($field:ty),+))? = $code:literal, $kind:ident, $text:literal;)*) => {
        /// Why a store refuses an operation.
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[non_exhaustive]
        pub enum StoreError {
            $($(#[$doc])* #[error($text)] $name $(($($field),+))?,)*
            /// The keys at rest can't be used.
            #[error(transparent)]
            Vault(#[from] VaultError),
            /// No randomness.
            #[error(transparent)]
            Entropy(#[from] NoEntropy),
            /// The file of a journal that was carried by hand can't be taken in.
            #[error(transparent)]
            Carried(#[from] CarriedError),
        }

        impl StoreError {
            /// The stable code: lower case with underscores.
            #[must_use]
            pub const fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)*
                    Self::Vault(error) => error.code(),
                    Self::Entropy(_) => "no_entropy",
                    Self::Carried(error) => error.code(),
                }
            }

            /// What sort of refusal it is.
            #[must_use]
            pub const fn kind(&self) -> ErrorKind {
                match self {
                    $(Self::$name { .. } => ErrorKind::$kind,)*
                    Self::Vault(_) | Self::Entropy(_) => ErrorKind::Internal,
                    Self::Carried(_) => ErrorKind::Invalid,
                }
            }
        }
    };
}

errors! {
    /// A field of the request has an impossible value.
    Invalid(&'static str) = "invalid_request", Invalid, "{0}";
    /// The display mode isn't implemented yet.
    DisplayUnsupported = "display_unsupported", Invalid,
        "this version shows tickets as `static` or `clock`; choose one of them";
    /// The time zone isn't one of the IANA database.
    UnknownZone(String) = "unknown_zone", Invalid,
        "`{0}` is not a time zone; give an IANA name such as Asia/Tokyo";
    /// The rules contradict each other.
    RulesUnfit(RuleError) = "rules_unfit", Invalid, "{0}";
    /// A PIN can't be used.
    PinUnfit(PinError) = "pin_unfit", Invalid, "{0}";
    /// Addresses that no gate can ask at.
    HubAddress = "hub_address", Invalid,
        "give 1 to 4 addresses in the venue's network, each a name or an IP address and a port, such as 192.168.1.20:7443";
    /// Too little of a name to look for.
    NameShort = "name_short", Invalid, "give at least 2 letters of the name";
    /// Too much.
    NameLong = "name_long", Invalid, "give at most 64 letters of the name";
    /// A chunk is empty or larger than one command takes.
    ChunkSize = "chunk_size", Invalid, "issue between 1 and 1024 tickets at a time";
    /// A ticket would be valid at no instant.
    EmptyValidity = "empty_validity", Invalid,
        "the validity ends before it begins; give a later end";

    /// No such organisation.
    OrganisationUnknown = "organisation_unknown", NotFound, "there is no such organisation";
    /// No such event.
    EventUnknown(EventId) = "event_unknown", NotFound,
        "there is no event {0}; `event list` shows the events";
    /// No such gate.
    GateUnknown(GateId) = "gate_unknown", NotFound, "the event has no gate {0}";
    /// No such type.
    TypeUnknown(TypeId) = "type_unknown", NotFound, "the event has no ticket type {0}";
    /// No such ticket.
    TicketUnknown(Serial) = "ticket_unknown", NotFound, "the event has no ticket {0}";
    /// A personal link that was never made, or was cut short.
    LinkUnknown = "link_unknown", NotFound,
        "this link opens no ticket; open it from the message it came with, whole";
    /// No such operator.
    OperatorUnknown(OperatorId) = "operator_unknown", NotFound, "the event has no operator {0}";
    /// No such device.
    DeviceUnknown(DeviceId) = "device_unknown", NotFound, "there is no device {0}";
    /// No such hub.
    HubUnknown(DeviceId) = "hub_unknown", NotFound, "device {0} is no hub; `hub list` shows the hubs";
    /// No such API token to revoke.
    TokenIdUnknown(u32) = "token_id_unknown", NotFound, "there is no API token {0}";

    /// The ticket was voided.
    TicketVoided(Serial) = "ticket_voided", Conflict,
        "ticket {0} was voided and can't be reissued, renewed, marked or shown; issue a new one";
    /// The ticket's type doesn't renew.
    TicketFixed(Serial, TypeId) = "ticket_fixed", Conflict,
        "ticket {0} is of type {1}, which doesn't renew: its validity is signed; reissue or issue another one";
    /// A renewal would take time away.
    RenewalShortens(Serial) = "renewal_shortens", Conflict,
        "ticket {0} would be valid for less time than now; if that is meant, say so: `--shorten`, or `shorten` in a request";
    /// A device that can't hold leases.
    DeviceUnfit(DeviceId) = "device_unfit", Conflict,
        "device {0} isn't enrolled, or was revoked: nothing can be leased to it; choose another";
    /// The device only scans.
    DeviceRole(DeviceId) = "device_role", Forbidden,
        "device {0} only scans: use one at which staff stand, or let this be one (`device role`)";
    /// A device that can't be a hub.
    HubUnfit(DeviceId) = "hub_unfit", Conflict,
        "device {0} isn't enrolled, or was revoked: no gate can ask it; choose another";
    /// A type's policy can't change while rights of its tickets are leased.
    Leased(TypeId) = "leased", Conflict,
        "tickets of type {0} are leased to gates; recall them first (`lease recall`), then change the policy";
    /// A capacity would be smaller than its leased shares.
    RoomLeased = "room_leased", Conflict,
        "gates hold more of the room by lease than the smaller capacity has; recall it first (`lease recall`), then change the capacity";
    /// Whether a type renews can't change any more.
    RenewingFixed(TypeId) = "renewing_fixed", Conflict,
        "tickets of type {0} were issued, so whether they renew can't change any more; add another type";
    /// The ticket was issued 255 times.
    GenerationsUsedUp(Serial) = "generations_used_up", Conflict,
        "ticket {0} was reissued 254 times, which is the most; void it and issue a new one";
    /// The event used up its key numbers.
    KeysUsedUp(EventId) = "keys_used_up", Conflict,
        "event {0} used up its 256 signing keys; make a new event";
    /// Numbers of gates, types or tickets ran out.
    NumbersUsedUp(&'static str) = "numbers_used_up", Conflict, "the event has no number left for another {0}";
    /// A chunk of an issue job doesn't begin where the job stands.
    JobGap(u64) = "job_gap", Conflict,
        "the job has issued {0} rows; go on from there";
    /// A chunk of an issue job overlaps another one of the job.
    JobMismatch = "job_mismatch", Conflict,
        "the rows were issued in other chunks before; ask for the job's progress and go on from there";

    /// A job's name was used for other tickets.
    JobContent = "job_content", Conflict,
        "the job was begun with another type or other rows; send those again, or give another job a name of its own";

    /// The enrolment code doesn't exist.
    EnrolmentUnknown = "enrolment_unknown", NotFound,
        "the code doesn't exist; check it, or announce the device again";
    /// The enrolment code is too old.
    EnrolmentExpired = "enrolment_expired", Conflict,
        "the code is too old; announce the device again";
    /// The enrolment code was used.
    EnrolmentUsed = "enrolment_used", Conflict,
        "the code was used by another device; announce this one again";
    /// The credential isn't this installation's.
    CredentialForeign = "credential_foreign", Unauthenticated,
        "the device's credential is not this server's; enrol the device again";
    /// The credential contradicts the server's record of the device.
    CredentialMismatch(DeviceId) = "credential_mismatch", Unauthenticated,
        "device {0} is known with another key; enrol this device again";
    /// The device was revoked: it may only deliver its journal.
    DeviceRevoked(DeviceId) = "device_revoked", Forbidden,
        "device {0} was revoked; it may only deliver its journal";
    /// A device asked for another event than its own.
    EventMismatch = "event_mismatch", Forbidden, "the device is enrolled for another event";

    /// The event has no search.
    SearchOff = "search_off", Forbidden,
        "gates may not look tickets up at this event; the organiser sets `search` in its rules";
    /// The event has none by name.
    SearchByCode = "search_by_code", Forbidden,
        "at this event gates look tickets up by the number on them only";
    /// Nobody, or nobody known, is signed in at the gate that searches.
    SearchOperator = "search_operator", Forbidden,
        "an operator of the event must sign in at the gate first";

    /// The API token doesn't exist.
    TokenUnknown = "token_unknown", Unauthenticated,
        "the API token is not known; make a new one with `token create`";
    /// The API token is over its end.
    TokenExpired = "token_expired", Unauthenticated,
        "the API token has expired; make a new one with `token create`";
    /// The API token was revoked.
    TokenRevoked = "token_revoked", Unauthenticated,
        "the API token was revoked; make a new one with `token create`";

    /// A batch holds too many entries, or none.
    BatchSize = "batch_size", Invalid, "send between 1 and 256 journal entries at a time";
    /// Entries can't be read or don't follow from each other.
    JournalBroken(String) = "journal_broken", Invalid,
        "the journal batch doesn't hold together: {0}";
    /// The head's signature isn't the device's.
    JournalSignature = "journal_signature", Unauthenticated,
        "the journal's signature is not the device's";
    /// Entries are missing before the batch.
    JournalGap(u64) = "journal_gap", Conflict,
        "the server has the journal up to entry {0}; send what follows it";
    /// The device wrote two different entries under one number.
    JournalFork(u64) = "journal_fork", Conflict,
        "entry {0} differs from the one delivered before: the device's disk was copied or rolled back; both are kept, tell the admin and enrol the device again";
    /// A journal that was carried is another event's.
    CarriedElsewhere(EventId) = "carried_elsewhere", Conflict,
        "the journal is of event {0}; take it in there";
    /// A journal that was carried is of a device whose number another event's device has by now.
    CarriedStranger(DeviceId) = "carried_stranger", Conflict,
        "device {0} is another event's by now: the journal can't be told apart from its; keep the file for the admin";
    /// The cursor isn't a position of this ledger.
    CursorUnknown = "cursor_unknown", Conflict,
        "the server doesn't have the ledger position that was asked from: it may have been restored; ask where the two part, and offer what follows";
    /// An offered page of the ledger isn't what this installation signed.
    OfferBroken(String) = "offer_broken", Invalid, "the offered page can't be taken: {0}";
    /// Pages are missing before an offered one.
    OfferGap = "offer_gap", Conflict,
        "the server doesn't have the position that the offered page follows; ask where the two part, and offer from there";
    /// A device says that it has delivered everything, and hasn't.
    OfferIncomplete(u64) = "offer_incomplete", Conflict,
        "the server has the journal up to entry {0}; deliver the rest first";
    /// The server was rolled back to an older state, and nobody has said so.
    RolledBack = "rolled_back", Conflict,
        "the server was put back to an older state without being told: stop it, run `kaisatsu-server restore begin`, and start it again";
    /// What was lost by a restore isn't got back yet.
    Restoring(EventId) = "restoring", Conflict,
        "event {0} was restored, and not every gate has offered what it has: `restore status` shows which; then nothing is promised twice";
    /// Another program raised the epoch.
    EpochRaised = "epoch_raised", Unavailable,
        "the database was restored while the server ran; start the server again";
    /// The stored ledger can't be followed.
    LedgerBroken(String) = "ledger_broken", Internal,
        "the stored ledger doesn't hold together: {0}; restore the database from a backup";
    /// The stored audit trail can't be followed.
    AuditBroken(u64) = "audit_broken", Internal,
        "audit row {0} was changed or one before it is missing; compare with a backup";

    /// Too many requests wait.
    Busy = "busy", Unavailable, "the server has more work than it can take; try again in a moment";
    /// The store was closed.
    Closed = "closed", Unavailable, "the server is shutting down; try again in a moment";
    /// Another program holds the database.
    DatabaseLocked = "database_locked", Unavailable,
        "the database is locked by another program; stop that program or wait until it is done";
    /// The disk is full.
    StorageFull = "storage_full", Full,
        "the disk is full and nothing was recorded; make room and try again";
    /// No database at the path.
    DatabaseMissing(String) = "database_missing", NotFound,
        "there is no database at {0}; check the path, or start the server once to make it";
    /// Not a database, or a damaged one.
    DatabaseCorrupt(String) = "database_corrupt", Internal,
        "the database is damaged or not a Kaisatsu database ({0}); restore it from a backup";
    /// The database was made by a newer program.
    DatabaseNewer = "database_newer", Internal,
        "the database was made by a newer version; update this program";
    /// The database can't be opened.
    DatabaseUnusable(String) = "database_unusable", Internal,
        "the database can't be used ({0}); check the path, its permissions and the disk";
    /// The disk failed.
    StorageFailed(String) = "storage_failed", Internal,
        "the disk failed ({0}) and it isn't known what was recorded; check the disk, then start the server again";
    /// The thread that writes ended by a mistake.
    WriterPanicked = "writer_panicked", Internal,
        "the server made a mistake while writing and can't go on; start it again, and report what its log says";
    /// A fault of this program.
    Internal(String) = "internal", Internal, "the server made a mistake ({0}); please report it";
}
