-- The rules that an organiser edits: JSON documents of the types of the same names.

ALTER TABLE events ADD COLUMN calendar TEXT NOT NULL DEFAULT '{}';
ALTER TABLE events ADD COLUMN zones TEXT NOT NULL DEFAULT '[]';
ALTER TABLE gates ADD COLUMN into_zone INTEGER;
ALTER TABLE ticket_types ADD COLUMN admission TEXT NOT NULL DEFAULT '{}';
