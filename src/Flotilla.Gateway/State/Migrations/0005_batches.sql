-- Batches. Their lines are not rows: what became of a line is a line of the batch's output or error file, whose ids are reserved
-- here from the start. status counts the states of OpenAI's in their order. Times are milliseconds since 1970.
CREATE TABLE batch (
    id             TEXT PRIMARY KEY,
    namespace_id   TEXT    NOT NULL,
    key_id         TEXT    NOT NULL,
    endpoint       TEXT    NOT NULL,
    input_file_id  TEXT    NOT NULL,
    output_file_id TEXT    NOT NULL,
    error_file_id  TEXT    NOT NULL,
    output_seconds INTEGER,
    metadata       TEXT,
    status         INTEGER NOT NULL CHECK (status BETWEEN 1 AND 8),
    errors         TEXT,
    model          TEXT,
    created_ms     INTEGER NOT NULL,
    expires_ms     INTEGER NOT NULL,
    in_progress_ms INTEGER,
    finalizing_ms  INTEGER,
    cancelling_ms  INTEGER,
    ended_ms       INTEGER CHECK ((ended_ms IS NULL) = (status < 5)),
    total          INTEGER NOT NULL,
    completed      INTEGER NOT NULL,
    failed         INTEGER NOT NULL,
    input_tokens   INTEGER NOT NULL,
    cached_tokens  INTEGER NOT NULL,
    output_tokens  INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL
) WITHOUT ROWID;

CREATE INDEX batch_of_namespace ON batch (namespace_id, id);
CREATE INDEX batch_open ON batch (id) WHERE status < 5;
