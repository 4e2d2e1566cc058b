-- Whether staff stand at a gate client, who may look tickets up and let guests in by hand.

ALTER TABLE devices ADD COLUMN role TEXT NOT NULL DEFAULT 'staffed';
