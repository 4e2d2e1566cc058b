-- What an unpaid ticket gets.

ALTER TABLE events ADD COLUMN unpaid TEXT NOT NULL DEFAULT 'deny';
