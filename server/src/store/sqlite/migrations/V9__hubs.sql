-- Gate clients that other gates may ask while they can't reach the server.

CREATE TABLE hubs (
    event_id INTEGER NOT NULL,
    device_id INTEGER NOT NULL,
    organisation_id INTEGER NOT NULL,
    -- A JSON list of `HOST:PORT`.
    addresses TEXT NOT NULL,
    set_at INTEGER NOT NULL,
    PRIMARY KEY (event_id, device_id),
    FOREIGN KEY (event_id) REFERENCES events (id)
) STRICT;
