-- Whether a type's tickets renew: the ledger says how long each is valid.

ALTER TABLE ticket_types ADD COLUMN renewing INTEGER NOT NULL DEFAULT 0;
