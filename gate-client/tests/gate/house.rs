//! A gate's data directory with an event's rules and tickets, and the program run on it.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
};

use kaisatsu_gate::{
    engine::Record,
    store::{Directory, Enrolment, Sqlite, Store as _},
};
use kaisatsu_shared::{
    bundle::{Bundle, Credential, Gate, Policy, Rules, SignedBundle, SignedCredential, TicketType},
    display::clock::ClockWindow,
    id::{
        DeviceId, Epoch, EventId, GateId, Generation, InstallationId, KeyId, OperatorId,
        OrganisationId, Serial, TypeId,
    },
    journal::{JournalBody, JournalEntry, JournalHead},
    key::{EventKey, ListedKey, RootKey},
    ledger::{EventState, LedgerBody, UnpaidTickets},
    reason::LocalText,
    right::RightRef,
    time::{TimeInterval, UnixMillis, UnixSeconds},
    token::{Body, Display, Mode, ModePart, Secret, Shown, encode},
};
use serde_json::Value;
use tempfile::TempDir;
use zeroize::Zeroizing;

pub(crate) const INSTALLATION: InstallationId = InstallationId([7; 16]);
pub(crate) const EVENT: EventId = EventId(9);
const DEVICE: DeviceId = DeviceId(1);
const GATE: GateId = GateId(1);

/// The directory, and what the server would know.
pub(crate) struct House {
    temporary: TempDir,
    key: EventKey,
}

/// A line of the program's output.
pub(crate) fn field<'a>(line: &'a Value, name: &str) -> &'a str {
    line[name].as_str().unwrap_or_default()
}

/// What a store of SQLite says: it never waits.
pub(crate) fn asked<T>(question: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(question)
}

/// The installation's key, as its server has it.
pub(crate) fn root() -> RootKey {
    RootKey::from_seed([1; 32])
}

impl House {
    /// A gate that knows the rules and `tickets` single-use tickets. Its server doesn't answer.
    pub(crate) fn new(tickets: u32) -> Self {
        // Port 9 is "discard": nobody listens.
        Self::of_server("http://127.0.0.1:9/", tickets)
    }

    /// The same with other rules.
    pub(crate) fn with_bundle(tickets: u32, change: impl FnOnce(&mut Bundle)) -> Self {
        Self::build("http://127.0.0.1:9/", tickets, change)
    }

    /// The same with a server at this address.
    pub(crate) fn of_server(server: &str, tickets: u32) -> Self {
        Self::build(server, tickets, |_| {})
    }

    fn build(server: &str, tickets: u32, change: impl FnOnce(&mut Bundle)) -> Self {
        let house = Self {
            temporary: tempfile::tempdir().unwrap(),
            key: EventKey::from_seed(KeyId(1), [2; 32]),
        };
        let root = root();
        let directory = house.directory();
        directory.create().unwrap();
        let public = directory.key_or_new(Zeroizing::new([3; 32])).unwrap().public();
        let credential = Credential {
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EVENT,
            gate: GATE,
            device: DEVICE,
            public,
            enrolled_at: UnixMillis(0),
        };
        let mut store = house.store();
        let enrolment = Enrolment {
            server: server.into(),
            installation: INSTALLATION,
            root: root.public(),
            credential: SignedCredential::sign(&credential, &root).unwrap(),
        };
        asked(store.enrol(&enrolment)).unwrap();
        let mut records = vec![Record::Bundle(house.bundle(&root, change))];
        let mut state = EventState::new(INSTALLATION, EVENT, Epoch(1));
        let fingerprints = (0..tickets).map(|serial| house.right(serial).fingerprint).collect();
        let body = LedgerBody::Issued {
            first: Serial(0),
            ticket_type: TypeId(1),
            entries: 1,
            fingerprints,
            unpaid: UnpaidTickets::NONE,
        };
        let (_, bytes) = state.append(body, TimeInterval::exact(UnixMillis(1))).unwrap();
        records.push(Record::Ledger { sequence: 1, bytes });
        asked(store.apply(&records)).unwrap();
        house
    }

    pub(crate) fn path(&self) -> &Path {
        self.temporary.path()
    }

    pub(crate) fn directory(&self) -> Directory {
        Directory::new(&self.path().join("gate"))
    }

    pub(crate) fn store(&self) -> Sqlite {
        let directory = self.directory();
        Sqlite::open(&directory, directory.lock().unwrap()).unwrap()
    }

    fn bundle(&self, root: &RootKey, change: impl FnOnce(&mut Bundle)) -> SignedBundle {
        let name = || LocalText { ja: String::new(), en: "Name".into() };
        let mut bundle = Bundle {
            format: 1,
            installation: INSTALLATION,
            organisation: OrganisationId(1),
            event: EVENT,
            name: name(),
            epoch: Epoch(1),
            version: 1,
            issued_at: UnixMillis(0),
            not_after: UnixMillis(u64::MAX),
            keys: vec![ListedKey { id: KeyId(1), public: self.key.public(), current: true }],
            rules: Rules {
                policy: Policy::Available,
                clock_window: ClockWindow::default(),
                types: vec![TicketType {
                    id: TypeId(1),
                    name: name(),
                    entries: 1,
                    display: Mode::Static,
                    gates: Vec::new(),
                    renewing: false,
                    admission: Default::default(),
                }],
                gates: vec![Gate { id: GATE, name: name(), into: None }],
                zone: "Asia/Tokyo".into(),
                calendar: Default::default(),
                zones: Vec::new(),
                capacity: None,
                unpaid: Default::default(),
                interventions: Default::default(),
                search: None,
            },
            operators: Vec::new(),
            hubs: Vec::new(),
            revoked: Vec::new(),
            revocations: Vec::new(),
            roster_complete: false,
        };
        change(&mut bundle);
        SignedBundle::sign(&bundle, root).unwrap()
    }

    fn body(&self, serial: u32) -> Body {
        let mut secret = [0; 12];
        secret[..4].copy_from_slice(&serial.to_be_bytes());
        Body {
            key: KeyId(1),
            event: EVENT,
            serial: Serial(serial),
            secret: Secret::from_bytes(secret),
            valid_from: UnixSeconds(0),
            valid_until: UnixSeconds(u32::MAX),
            ticket_type: TypeId(1),
            entries: 1,
            generation: Generation(1),
            mode: ModePart::Static,
        }
    }

    pub(crate) fn right(&self, serial: u32) -> RightRef {
        let fingerprint = self.body(serial).fingerprint(INSTALLATION, false);
        RightRef { event: EVENT, serial: Serial(serial), generation: Generation(1), fingerprint }
    }

    /// The ticket's code.
    pub(crate) fn text(&self, serial: u32) -> String {
        let token = self.key.sign(INSTALLATION, self.body(serial));
        encode(&Shown::new(token, Display::Static).unwrap())
    }

    /// Writes the beginning of a journal.
    pub(crate) fn write_journal(&self, bodies: &[JournalBody]) {
        let mut head = JournalHead::default();
        let mut records = Vec::new();
        for body in bodies {
            let entry = JournalEntry {
                device: DEVICE,
                gate: GATE,
                operator: OperatorId(0),
                epoch: Epoch(1),
                number: head.number + 1,
                previous: head.hash,
                at: TimeInterval::exact(UnixMillis(1)),
                body: *body,
            };
            let bytes = entry.encode();
            head = JournalEntry::head_of(INSTALLATION, entry.number, &bytes);
            records.push(Record::Journal { number: entry.number, bytes });
        }
        asked(self.store().apply(&records)).unwrap();
    }

    /// What the journal holds.
    pub(crate) fn journal(&self) -> Vec<JournalBody> {
        let store = Sqlite::open_read_only(&self.directory()).unwrap();
        let bytes = asked(store.journal()).unwrap();
        bytes.iter().map(|bytes| JournalEntry::decode(bytes).unwrap().body).collect()
    }

    /// The program with this directory.
    pub(crate) fn program(&self) -> Command {
        self.on_directory(Command::new(env!("CARGO_BIN_EXE_kaisatsu-gate")))
    }

    /// The program, started by a shell that first does `first`.
    pub(crate) fn program_after(&self, first: &str) -> Command {
        let mut shell = Command::new("/bin/sh");
        shell.arg("-c").arg(format!("{first}; exec \"$0\" \"$@\""));
        shell.arg(env!("CARGO_BIN_EXE_kaisatsu-gate"));
        self.on_directory(shell)
    }

    fn on_directory(&self, mut command: Command) -> Command {
        command.arg("--data").arg(self.directory().path()).arg("--json");
        command
    }

    /// Scans `codes` and returns the verdicts.
    pub(crate) fn scan(&self, mut program: Command, codes: &[String]) -> Vec<Value> {
        program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut running = program.spawn().unwrap();
        let mut input = running.stdin.take().unwrap();
        for code in codes {
            writeln!(input, "{code}").unwrap();
        }
        drop(input);
        let output = running.wait_with_output().unwrap();
        assert!(output.status.success(), "{:?}", output.status);
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .filter(|line: &Value| line["kind"] == "verdict")
            .collect()
    }
}
