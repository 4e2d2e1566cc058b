//! The faults, each with the first seed that catches it.

use kaisatsu_gate::planted::Fault as Gate;
use kaisatsu_server::planted::Fault as Server;

use super::{Adapter, Bug, Place};

const fn bug(name: &'static str, place: Place, first: u64) -> Bug {
    Bug { name, first, place }
}

/// Every fault that is planted.
pub const ALL: &[Bug] = &[
    bug("green before fsync", Place::Adapter(Adapter::GreenBeforeFsync), 0),
    bug("server's answer before fsync", Place::Adapter(Adapter::AnswerBeforeFsync), 145),
    bug("new key on retry", Place::Adapter(Adapter::NewKeyOnRetry), 0),
    bug("light repeated after restart", Place::Adapter(Adapter::LightAfterRestart), 28),
    bug("cursor skip", Place::Adapter(Adapter::CursorSkip), 0),
    bug("intent not kept", Place::Adapter(Adapter::IntentNotKept), 64),
    bug("key reused for another ticket", Place::Gate(Gate::KeyReused), 0),
    bug("intent not reused", Place::Gate(Gate::IntentNotReused), 102),
    bug("late grant not declined", Place::Gate(Gate::LateGrantKept), 0),
    bug("outbox cleared on any acknowledgement", Place::Gate(Gate::OutboxCleared), 0),
    bug("upload without order", Place::Gate(Gate::UploadUnordered), 0),
    bug("abandonment forgotten by a full disk", Place::Gate(Gate::AbandonmentForgotten), 64),
    bug("interruption not asked", Place::Gate(Gate::InterruptionNotAsked), 28),
    bug("followed ledger not kept", Place::Gate(Gate::LedgerNotKept), 0),
    bug("floor forgotten at the start", Place::Gate(Gate::FloorForgotten), 8),
    bug("round trip of the time ignored", Place::Gate(Gate::RoundTripIgnored), 0),
    bug("fork not seen", Place::Server(Server::ForkNotSeen), 20),
    bug("abandoned key granted", Place::Server(Server::GivenUpGranted), 11),
    bug("conflict names only one side", Place::Server(Server::ConflictOneSided), 15),
    bug("annul hides a conflict", Place::Server(Server::AnnulHidesConflict), 44),
    bug("open grant not counted", Place::Server(Server::GrantNotCounted), 10),
    bug("abandonment of an unknown key dropped", Place::Server(Server::TombstoneDropped), 11),
    bug("transfer forgotten after restart", Place::Gate(Gate::TransferForgotten), 443),
    bug("decided after its transfer", Place::Gate(Gate::TransferredKept), 96),
    bug("another lane's ticket decided", Place::Gate(Gate::OtherLanesDecided), 5),
    bug("interrupted elsewhere, let in here", Place::Gate(Gate::InterruptedElsewhereLetIn), 1064),
    bug("silence counts as a transfer", Place::Server(Server::SilenceTransfers), 45),
    bug("revocation frees leases", Place::Adapter(Adapter::RevocationTransfers), 33),
];
