-- What was answered under an idempotency key, for a day. An answer of NULL is one that still runs, or that a crash kept from being stored.
CREATE TABLE idempotency (
    namespace_id TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    fingerprint  BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    job_id       TEXT    NOT NULL,
    created_ms   INTEGER NOT NULL,
    http_status  INTEGER,
    headers      TEXT,
    answer       BLOB CHECK ((answer IS NULL) = (http_status IS NULL)),
    PRIMARY KEY (namespace_id, key)
) WITHOUT ROWID;

CREATE INDEX idempotency_age ON idempotency (created_ms);
