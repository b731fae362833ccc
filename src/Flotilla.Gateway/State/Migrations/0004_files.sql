-- Files of clients, and what batches write for them. The bytes lie in the folder files/ under the id. Times are milliseconds since 1970.
CREATE TABLE file (
    id           TEXT PRIMARY KEY,
    namespace_id TEXT    NOT NULL,
    filename     TEXT    NOT NULL,
    purpose      TEXT    NOT NULL,
    bytes        INTEGER NOT NULL CHECK (bytes >= 0),
    created_ms   INTEGER NOT NULL,
    expires_ms   INTEGER
) WITHOUT ROWID;

CREATE INDEX file_of_namespace ON file (namespace_id, id);
CREATE INDEX file_expires ON file (expires_ms) WHERE expires_ms IS NOT NULL;

CREATE TRIGGER file_counts_in AFTER INSERT ON file
BEGIN
    INSERT INTO stored VALUES (new.namespace_id, 'file', 1, new.bytes)
    ON CONFLICT (namespace_id, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER file_counts_out AFTER DELETE ON file
BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - old.bytes WHERE namespace_id = old.namespace_id AND kind = 'file';
END;
