-- Answers that are kept for repeats count, as whatever else a namespace keeps.
ALTER TABLE idempotency ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0 CHECK (bytes >= 0);
UPDATE idempotency SET bytes = length(answer) WHERE answer IS NOT NULL;
INSERT INTO stored SELECT namespace_id, 'answer', count(*), sum(bytes) FROM idempotency GROUP BY namespace_id;

CREATE TRIGGER idempotency_counts_in AFTER INSERT ON idempotency
BEGIN
    INSERT INTO stored VALUES (new.namespace_id, 'answer', 1, new.bytes)
    ON CONFLICT (namespace_id, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER idempotency_grows AFTER UPDATE OF bytes ON idempotency
BEGIN
    UPDATE stored SET bytes = bytes + new.bytes - old.bytes WHERE namespace_id = new.namespace_id AND kind = 'answer';
END;

CREATE TRIGGER idempotency_counts_out AFTER DELETE ON idempotency
BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - old.bytes WHERE namespace_id = old.namespace_id AND kind = 'answer';
END;
