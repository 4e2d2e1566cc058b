//! The store over its own life: what both kinds hold ([`either`]), and what only SQLite can be asked.

mod either;
mod revoked;
mod rows;
mod sqlite;

use kaisatsu_shared::{
    bundle::{Credential, SignedCredential},
    id::{
        ClaimKey, DeviceId, Epoch, EventId, GateId, Generation, InstallationId, OperatorId,
        OrganisationId, Serial,
    },
    journal::{JournalBody, JournalEntry, JournalHead},
    key::RootKey,
    reason::ReasonCode,
    right::{RightRef, UseKind},
    time::{TimeInterval, UnixMillis},
    token::Fingerprint,
};

use super::Enrolment;
use crate::engine::{Intent, Record};

const INSTALLATION: InstallationId = InstallationId([3; 16]);
const DEVICE: DeviceId = DeviceId(4);

fn enrolment() -> Enrolment {
    let root = RootKey::from_seed([5; 32]);
    let credential = Credential {
        installation: INSTALLATION,
        organisation: OrganisationId(1),
        event: EventId(1),
        gate: GateId(2),
        device: DEVICE,
        public: kaisatsu_shared::key::DeviceKey::from_seed([6; 32]).public(),
        enrolled_at: UnixMillis(0),
    };
    Enrolment {
        server: "http://127.0.0.1:1".into(),
        installation: INSTALLATION,
        root: root.public(),
        credential: SignedCredential::sign(&credential, &root).unwrap(),
    }
}

fn journal(from: JournalHead, count: u64) -> (JournalHead, Vec<Record>) {
    let mut head = from;
    let mut records = Vec::new();
    for _ in 0..count {
        let entry = JournalEntry {
            device: DEVICE,
            gate: GateId(2),
            operator: OperatorId(0),
            epoch: Epoch(0),
            number: head.number + 1,
            previous: head.hash,
            at: TimeInterval::exact(UnixMillis(1)),
            body: JournalBody::Refused { code: ReasonCode::ForeignCode, right: None },
        };
        let bytes = entry.encode();
        head = JournalEntry::head_of(INSTALLATION, entry.number, &bytes);
        records.push(Record::Journal { number: entry.number, bytes });
    }
    (head, records)
}

fn intent(n: u8) -> Intent {
    let right = RightRef {
        event: EventId(1),
        serial: Serial(u32::MAX),
        generation: Generation(255),
        fingerprint: Fingerprint([n; 8]),
    };
    Intent { key: ClaimKey([n; 16]), right, kind: UseKind::Entry, count: 1 }
}
