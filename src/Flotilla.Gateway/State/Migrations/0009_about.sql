-- What the door that took a request in shows of it, as JSON, so that its body need not be read for that; NULL where none does.
ALTER TABLE request ADD COLUMN about TEXT;

CREATE INDEX request_shown ON request (namespace_id, path, id) WHERE about IS NOT NULL;
