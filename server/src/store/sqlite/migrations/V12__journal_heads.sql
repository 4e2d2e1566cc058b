-- Where a device's journal is known to end beyond what it delivered, by its own signature.

CREATE TABLE journal_heads (
    event_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    hash BLOB NOT NULL,
    signature BLOB NOT NULL,
    -- Since when it is known that something is missing.
    since INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    -- The device that passed it on, or the device itself.
    through_id INTEGER NOT NULL,
    PRIMARY KEY (event_id, device_id)
) STRICT, WITHOUT ROWID;

-- Why an admin wrote a device off; absent where that wasn't asked yet.
ALTER TABLE devices ADD COLUMN write_off_reason TEXT;
