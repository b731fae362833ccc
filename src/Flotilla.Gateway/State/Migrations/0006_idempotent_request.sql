-- The request that began under the key: whatever it stores has an id made from it, so that a run that is done over finds it again.
ALTER TABLE idempotency ADD COLUMN request_id TEXT;
