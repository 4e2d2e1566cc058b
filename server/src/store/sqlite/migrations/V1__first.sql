-- Tables are keyed by event first where there is one, so that a larger database can be split by
-- event; every row carries its organisation. Times are UNIX milliseconds, validities seconds.

CREATE TABLE installation (
    only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
    id BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    check_value BLOB NOT NULL,
    root_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE organisations (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    holder_key BLOB NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    zone TEXT NOT NULL,
    policy TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE bundles (
    event_id INTEGER PRIMARY KEY REFERENCES events (id),
    organisation_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    stale INTEGER NOT NULL,
    issued_at INTEGER NOT NULL,
    document TEXT NOT NULL,
    signature BLOB NOT NULL
) STRICT;

CREATE TABLE gates (
    event_id INTEGER NOT NULL REFERENCES events (id),
    id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    PRIMARY KEY (event_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ticket_types (
    event_id INTEGER NOT NULL REFERENCES events (id),
    id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    name_ja TEXT NOT NULL,
    name_en TEXT NOT NULL,
    entries INTEGER NOT NULL,
    display INTEGER NOT NULL,
    gates TEXT NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    PRIMARY KEY (event_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE event_keys (
    event_id INTEGER NOT NULL REFERENCES events (id),
    id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    public BLOB NOT NULL,
    seed BLOB NOT NULL,
    display_key BLOB NOT NULL,
    current INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (event_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE tickets (
    event_id INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    type_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    valid_from INTEGER NOT NULL,
    valid_until INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    display INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    secret BLOB NOT NULL,
    issued_at INTEGER NOT NULL,
    PRIMARY KEY (event_id, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE holders (
    event_id INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (event_id, serial)
) STRICT, WITHOUT ROWID;

CREATE TABLE chains (
    event_id INTEGER NOT NULL,
    serial INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    key_id INTEGER NOT NULL,
    start INTEGER NOT NULL,
    steps INTEGER NOT NULL,
    anchor BLOB NOT NULL,
    PRIMARY KEY (event_id, serial)
) STRICT, WITHOUT ROWID;

-- What a job is to issue, as a keyed hash: a plain one would let names be guessed.
CREATE TABLE jobs (
    event_id INTEGER NOT NULL,
    job BLOB NOT NULL,
    organisation_id INTEGER NOT NULL,
    content BLOB NOT NULL,
    PRIMARY KEY (event_id, job)
) STRICT, WITHOUT ROWID;

CREATE TABLE issue_jobs (
    event_id INTEGER NOT NULL,
    job BLOB NOT NULL,
    first_row INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    first_serial INTEGER NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (event_id, job, first_row)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    event_id INTEGER NOT NULL,
    id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    gate_id INTEGER NOT NULL,
    name TEXT NOT NULL,
    found INTEGER NOT NULL DEFAULT 0,
    public BLOB,
    announced_at INTEGER NOT NULL,
    enrolled_at INTEGER,
    revoked_at INTEGER,
    last_seen INTEGER,
    PRIMARY KEY (event_id, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX devices_by_id ON devices (id);

CREATE TABLE enrolments (
    code_hash BLOB PRIMARY KEY,
    event_id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY,
    organisation_id INTEGER NOT NULL REFERENCES organisations (id),
    hash BLOB NOT NULL UNIQUE,
    name TEXT NOT NULL,
    permissions TEXT NOT NULL,
    events TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    revoked_at INTEGER
) STRICT;

-- The bytes come last: looking for a ticket's entries then doesn't read them.
CREATE TABLE ledger (
    event_id INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    kind TEXT NOT NULL,
    serial INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (event_id, sequence)
) STRICT, WITHOUT ROWID;

CREATE TABLE journal (
    event_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (event_id, device_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
    event_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    organisation_id INTEGER NOT NULL,
    reason TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (event_id, device_id, number, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    address TEXT,
    request_id TEXT,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    outcome TEXT NOT NULL,
    hash BLOB NOT NULL
) STRICT;
