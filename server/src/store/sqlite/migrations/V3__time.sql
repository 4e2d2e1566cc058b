-- Rises when an admin declares that the server's clock had been wrong: gates then take back what it
-- said under a lower version.

ALTER TABLE installation ADD COLUMN time_version INTEGER NOT NULL DEFAULT 0;
