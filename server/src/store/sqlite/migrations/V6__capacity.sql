-- How many persons fit into the venue; zones and slots hold theirs.

ALTER TABLE events ADD COLUMN capacity TEXT NOT NULL DEFAULT 'null';
