-- After a restore every device offers what the server lost; an admin confirms that the list of devices is complete.

ALTER TABLE devices ADD COLUMN offered_epoch INTEGER NOT NULL DEFAULT 0;
UPDATE devices SET offered_epoch = coalesce((SELECT epoch FROM installation), 0);
-- An admin's word that a device is lost for good, with what it may have written.
ALTER TABLE devices ADD COLUMN written_off_at INTEGER;
ALTER TABLE events ADD COLUMN confirmed_epoch INTEGER NOT NULL DEFAULT 0;
ALTER TABLE events ADD COLUMN issued_up_to INTEGER;
