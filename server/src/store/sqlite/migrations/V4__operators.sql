-- Who may sign in at an event's gates, and what staff may do against the rules' answer.

ALTER TABLE events ADD COLUMN interventions TEXT NOT NULL DEFAULT '{}';

CREATE TABLE operators (
    event_id INTEGER NOT NULL REFERENCES events (id),
    id INTEGER NOT NULL CHECK (id > 0),
    organisation_id INTEGER NOT NULL,
    label TEXT NOT NULL,
    role TEXT NOT NULL,
    -- An Argon2id hash in the PHC string format.
    pin TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    -- Kept: entries name them, so a number is never given again.
    removed_at INTEGER,
    PRIMARY KEY (event_id, id)
) STRICT;
