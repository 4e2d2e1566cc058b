-- What staff at an event's gates may look up: JSON, null where there is no search.

ALTER TABLE events ADD COLUMN search TEXT NOT NULL DEFAULT 'null';
