//! The faults, each with the first seed that catches it.

use kaisatsu_shared::planted::Fault;

use super::{Adapter, Bug, Place};

const fn bug(name: &'static str, place: Place, first: u64) -> Bug {
    Bug { name, first, place }
}

/// Every fault that is planted.
pub const ALL: &[Bug] = &[
    bug("green before fsync", Place::Adapter(Adapter::GreenBeforeFsync), 0),
    bug("server's answer before fsync", Place::Adapter(Adapter::AnswerBeforeFsync), 3),
    bug("new key on retry", Place::Adapter(Adapter::NewKeyOnRetry), 0),
    bug("light repeated after restart", Place::Adapter(Adapter::LightAfterRestart), 21),
    bug("cursor skip", Place::Adapter(Adapter::CursorSkip), 0),
    bug("intent not kept", Place::Adapter(Adapter::IntentNotKept), 64),
    bug("key reused for another ticket", Place::Product(Fault::KeyReused), 0),
    bug("intent not reused", Place::Product(Fault::IntentNotReused), 102),
    bug("late grant not declined", Place::Product(Fault::LateGrantKept), 0),
    bug("outbox cleared on any acknowledgement", Place::Product(Fault::OutboxCleared), 0),
    bug("upload without order", Place::Product(Fault::UploadUnordered), 0),
    bug("abandonment forgotten by a full disk", Place::Product(Fault::AbandonmentForgotten), 64),
    bug("interruption not asked", Place::Product(Fault::InterruptionNotAsked), 21),
    bug("followed ledger not kept", Place::Product(Fault::LedgerNotKept), 0),
    bug("floor forgotten at the start", Place::Product(Fault::FloorForgotten), 8),
    bug("round trip of the time ignored", Place::Product(Fault::RoundTripIgnored), 0),
    bug("fork not seen", Place::Product(Fault::ForkNotSeen), 20),
    bug("abandoned key granted", Place::Product(Fault::GivenUpGranted), 11),
    bug("conflict names only one side", Place::Product(Fault::ConflictOneSided), 10),
    bug("annul hides a conflict", Place::Product(Fault::AnnulHidesConflict), 44),
    bug("open grant not counted", Place::Product(Fault::GrantNotCounted), 32),
    bug("abandonment of an unknown key dropped", Place::Product(Fault::TombstoneDropped), 11),
    bug("transfer forgotten after restart", Place::Product(Fault::TransferForgotten), 443),
    bug("decided after its transfer", Place::Product(Fault::TransferredKept), 96),
    bug("another lane's ticket decided", Place::Product(Fault::OtherLanesDecided), 5),
    bug(
        "interrupted elsewhere, let in here",
        Place::Product(Fault::InterruptedElsewhereLetIn),
        1755,
    ),
    bug("silence counts as a transfer", Place::Product(Fault::SilenceTransfers), 45),
    bug("room given back and given away", Place::Product(Fault::RoomKept), 1331),
    bug("guests counted against no share", Place::Product(Fault::ShareIgnored), 172),
    bug("room of lanes given to others", Place::Product(Fault::HeldRoomGiven), 697),
    bug("decided before it is restored", Place::Product(Fault::RestoredDecides), 79),
    bug("nothing said again", Place::Product(Fault::NothingRestated), 1),
    bug("nothing judged anew", Place::Product(Fault::NothingReconsidered), 97),
    bug("restored without its devices", Place::Adapter(Adapter::SettledEarly), 4209),
    bug("revocation frees leases", Place::Adapter(Adapter::RevocationTransfers), 92),
    bug("write-off frees leases", Place::Adapter(Adapter::WriteOffTransfers), 201),
    bug("annul frees a right of a lane", Place::Product(Fault::AnnulFreesHeld), 1795),
    bug("transfer answered before fsync", Place::Product(Fault::HandedUnwritten), 138),
    bug("received before its entry is durable", Place::Product(Fault::ReceivedUnwritten), 291),
    bug("uses not recounted", Place::Product(Fault::UsesNotRecounted), 261),
    bug("transfer without addressee", Place::Product(Fault::AddresseeIgnored), 1042),
    bug("delayed lease revived", Place::Product(Fault::LateLeaseRevived), 1084),
    bug("lane decides what it gave to the hub", Place::Product(Fault::HandedKept), 291),
    bug("hub's grant dropped by the server", Place::Product(Fault::HubGrantDropped), 3943),
    bug("hub grants what isn't leased to it", Place::Product(Fault::HubUnleasedGranted), 271),
    bug("hub answers before fsync", Place::Product(Fault::HubGrantUnwritten), 4),
    bug("hub grants twice", Place::Product(Fault::HubSecondGranted), 797),
    bug("hub's grant forgotten after restart", Place::Product(Fault::HubGrantForgotten), 797),
    bug(
        "given up at the hub, forgotten after restart",
        Place::Product(Fault::HubGaveUpForgotten),
        349,
    ),
    bug("hub says that it heard before fsync", Place::Product(Fault::HubHeardUnwritten), 17),
    bug("hub's own guests don't count", Place::Product(Fault::HubOwnNotCounted), 2852),
    bug("what was heard of frees a right", Place::Product(Fault::HeardFrees), 128),
    bug("hub's late grant not declined", Place::Product(Fault::HubLateGrantKept), 22),
    bug(
        "others' acknowledgement taken for the hub's own",
        Place::Adapter(Adapter::RelayTakenForOwn),
        57,
    ),
];
