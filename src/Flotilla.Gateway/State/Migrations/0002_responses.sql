-- A response that is kept: the object, the items of its own input, and the conversation with its answer (a serialised Chat of
-- link.proto), which the next response continues. Ids begin with the time, so that the smallest of a namespace is its oldest.
CREATE TABLE response (
    id           TEXT PRIMARY KEY,
    namespace_id TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    body         BLOB    NOT NULL,
    input        BLOB    NOT NULL,
    conversation BLOB    NOT NULL,
    bytes        INTEGER NOT NULL CHECK (bytes >= 0)
);

CREATE INDEX response_of_namespace ON response (namespace_id, id);
CREATE INDEX response_created ON response (created_ms);

CREATE TRIGGER response_counts_in AFTER INSERT ON response
BEGIN
    INSERT INTO stored VALUES (new.namespace_id, 'response', 1, new.bytes)
    ON CONFLICT (namespace_id, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER response_counts_out AFTER DELETE ON response
BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - old.bytes WHERE namespace_id = old.namespace_id AND kind = 'response';
END;
