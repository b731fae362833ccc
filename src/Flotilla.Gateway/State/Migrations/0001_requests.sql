-- Times are milliseconds since 1970. A body of NULL lies in the folder bodies/ under the id (the answer's with the suffix -answer).

-- What a namespace keeps, by kind; the triggers of each kind's table count it.
CREATE TABLE stored (
    namespace_id TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    items        INTEGER NOT NULL,
    bytes        INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, kind)
) WITHOUT ROWID;

-- One request that was taken in to be answered later. job_id is the id that its next or current run gives to its job: after a crash
-- the ledger says under it whether that run was charged. status: 1 waits or runs, 2 completed, 3 failed, 4 cancelled, 5 expired.
CREATE TABLE request (
    id             TEXT PRIMARY KEY,
    namespace_id   TEXT    NOT NULL,
    key_id         TEXT    NOT NULL,
    path           TEXT    NOT NULL,
    model          TEXT,
    content_type   TEXT    NOT NULL,
    headers        TEXT    NOT NULL,
    body           BLOB,
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 2),
    created_ms     INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL,
    job_id         TEXT    NOT NULL,
    runs           INTEGER NOT NULL,
    paid           INTEGER NOT NULL CHECK (paid IN (0, 1)),
    status         INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),
    finished_ms    INTEGER CHECK ((finished_ms IS NULL) = (status = 1)),
    http_status    INTEGER,
    answer_headers TEXT,
    answer         BLOB,
    bytes          INTEGER NOT NULL CHECK (bytes >= 0)
);

CREATE INDEX request_open ON request (priority, created_ms) WHERE status = 1;
CREATE INDEX request_of_namespace ON request (namespace_id, id);
CREATE INDEX request_finished ON request (finished_ms) WHERE status <> 1;

CREATE TRIGGER request_counts_in AFTER INSERT ON request
BEGIN
    INSERT INTO stored VALUES (new.namespace_id, 'request', 1, new.bytes)
    ON CONFLICT (namespace_id, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes;
END;

CREATE TRIGGER request_grows AFTER UPDATE OF bytes ON request
BEGIN
    UPDATE stored SET bytes = bytes + new.bytes - old.bytes WHERE namespace_id = new.namespace_id AND kind = 'request';
END;

CREATE TRIGGER request_counts_out AFTER DELETE ON request
BEGIN
    UPDATE stored SET items = items - 1, bytes = bytes - old.bytes WHERE namespace_id = old.namespace_id AND kind = 'request';
END;
