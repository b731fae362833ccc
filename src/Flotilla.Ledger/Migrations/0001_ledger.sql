-- Money first, then who owns it, then the jobs that it pays. Enumerations are the numbers of the C# types of the same name.
-- SQLite before 3.37 has no STRICT tables, so that the CHECKs ask for integers themselves.

CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value NOT NULL
) WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('epoch', 0), ('clean', 1), ('head_seq', 0), ('head_hash', zeroblob(32));

-- The four totals are a cache of the transfers; role 1 is a customer, whose spending is bounded by what was credited.
CREATE TABLE ledger_account (
    seq             INTEGER PRIMARY KEY,
    id              TEXT    NOT NULL UNIQUE,
    role            INTEGER NOT NULL CHECK (role BETWEEN 1 AND 3),
    credits_posted  INTEGER NOT NULL DEFAULT 0 CHECK (typeof(credits_posted)  = 'integer' AND credits_posted  >= 0),
    debits_posted   INTEGER NOT NULL DEFAULT 0 CHECK (typeof(debits_posted)   = 'integer' AND debits_posted   >= 0),
    credits_pending INTEGER NOT NULL DEFAULT 0 CHECK (typeof(credits_pending) = 'integer' AND credits_pending >= 0),
    debits_pending  INTEGER NOT NULL DEFAULT 0 CHECK (typeof(debits_pending)  = 'integer' AND debits_pending  >= 0),
    CHECK (role <> 1 OR debits_pending + debits_posted <= credits_posted)
);

INSERT INTO ledger_account (id, role) VALUES ('issued', 3), ('clearing', 3), ('fees', 3);

-- kind: 1 fund, 2 hold, 3 post, 4 void, 5 expire, 6 node pay, 7 fee. hold_seq: the hold that kinds 3 to 7 end.
-- chain_hash covers the row and the chain_hash before it; body_hash covers the request that caused the row.
CREATE TABLE transfer (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    kind       INTEGER NOT NULL CHECK (kind BETWEEN 1 AND 7),
    debit      INTEGER NOT NULL,
    credit     INTEGER NOT NULL CHECK (credit <> debit),
    amount     INTEGER NOT NULL CHECK (typeof(amount) = 'integer' AND amount >= 0 AND (amount > 0 OR kind IN (2, 4, 5))),
    hold_seq   INTEGER CHECK ((hold_seq IS NULL) = (kind IN (1, 2)) AND hold_seq < seq),
    note       TEXT,
    created_us INTEGER NOT NULL,
    body_hash  BLOB    NOT NULL CHECK (length(body_hash) = 32),
    chain_hash BLOB    NOT NULL CHECK (length(chain_hash) = 32)
);

CREATE UNIQUE INDEX transfer_one_resolution ON transfer (hold_seq) WHERE kind IN (3, 4, 5);

CREATE TRIGGER transfer_is_never_changed BEFORE UPDATE ON transfer
BEGIN SELECT RAISE(ABORT, 'a transfer is never changed'); END;

CREATE TRIGGER transfer_is_never_deleted BEFORE DELETE ON transfer
BEGIN SELECT RAISE(ABORT, 'a transfer is never deleted'); END;

CREATE TABLE account (
    id         TEXT PRIMARY KEY,
    name       TEXT    NOT NULL,
    created_us INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE namespace (
    id         TEXT PRIMARY KEY,
    account_id TEXT    NOT NULL REFERENCES account (id),
    name       TEXT    NOT NULL,
    created_us INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE api_key (
    id           TEXT PRIMARY KEY,
    hash         BLOB    NOT NULL UNIQUE CHECK (length(hash) = 32),
    kind         INTEGER NOT NULL CHECK (kind IN (1, 2)),
    namespace_id TEXT REFERENCES namespace (id) CHECK ((namespace_id IS NULL) = (kind = 2)),
    name         TEXT    NOT NULL,
    created_us   INTEGER NOT NULL,
    revoked_us   INTEGER
) WITHOUT ROWID;

CREATE TABLE node (
    id         TEXT PRIMARY KEY,
    account_id TEXT    NOT NULL REFERENCES account (id),
    public_key BLOB    NOT NULL UNIQUE CHECK (length(public_key) = 32),
    joined_us  INTEGER NOT NULL,
    revoked_us INTEGER
) WITHOUT ROWID;

CREATE TABLE join_token (
    hash       BLOB PRIMARY KEY CHECK (length(hash) = 32),
    account_id TEXT    NOT NULL REFERENCES account (id),
    created_us INTEGER NOT NULL,
    expires_us INTEGER NOT NULL,
    node_id    TEXT REFERENCES node (id)
) WITHOUT ROWID;

CREATE TABLE price (
    version         INTEGER PRIMARY KEY,
    model           TEXT    NOT NULL,
    input           INTEGER NOT NULL CHECK (input >= 0),
    cached_input    INTEGER NOT NULL CHECK (cached_input >= 0),
    output          INTEGER NOT NULL CHECK (output >= 0),
    node_share_bp   INTEGER NOT NULL CHECK (node_share_bp BETWEEN 0 AND 10000),
    created_us      INTEGER NOT NULL
);

CREATE TRIGGER price_is_never_changed BEFORE UPDATE ON price
BEGIN SELECT RAISE(ABORT, 'a price is never changed, a newer version replaces it'); END;

-- A job's key is the seq of its hold, so that rows of one time lie together. status 1 is running: the hold is open.
CREATE TABLE job (
    seq               INTEGER PRIMARY KEY,
    id                TEXT    NOT NULL UNIQUE,
    request_id        TEXT    NOT NULL,
    namespace_id      TEXT    NOT NULL,
    key_id            TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    endpoint          TEXT    NOT NULL,
    price_version     INTEGER NOT NULL,
    timeout_us        INTEGER NOT NULL,
    epoch             INTEGER NOT NULL,
    status            INTEGER NOT NULL CHECK (status BETWEEN 1 AND 5),
    charge            INTEGER NOT NULL DEFAULT 0 CHECK (charge >= 0),
    node_id           TEXT,
    finish            TEXT,
    error             TEXT,
    prompt_tokens     INTEGER NOT NULL DEFAULT 0 CHECK (prompt_tokens >= 0),
    cached_tokens     INTEGER NOT NULL DEFAULT 0 CHECK (cached_tokens >= 0),
    completion_tokens INTEGER NOT NULL DEFAULT 0 CHECK (completion_tokens >= 0),
    finished_us       INTEGER CHECK ((finished_us IS NULL) = (status = 1))
);

CREATE INDEX job_running ON job (seq) WHERE status = 1;

CREATE TRIGGER job_ends_once BEFORE UPDATE ON job WHEN old.status <> 1
BEGIN SELECT RAISE(ABORT, 'a job that ended is never changed'); END;

CREATE TRIGGER job_is_never_deleted BEFORE DELETE ON job
BEGIN SELECT RAISE(ABORT, 'a job is never deleted'); END;

CREATE TABLE receipt (
    seq  INTEGER PRIMARY KEY,
    body BLOB NOT NULL
);

CREATE TRIGGER receipt_is_never_changed BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is never changed'); END;

CREATE TRIGGER receipt_is_never_deleted BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'a receipt is never deleted'); END;

-- A cache of the jobs that ended, by hour, so that a report of a month reads hours and not jobs.
CREATE TABLE usage (
    hour              INTEGER NOT NULL,
    namespace_id      TEXT    NOT NULL,
    key_id            TEXT    NOT NULL,
    model             TEXT    NOT NULL,
    jobs              INTEGER NOT NULL,
    prompt_tokens     INTEGER NOT NULL,
    cached_tokens     INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    charge            INTEGER NOT NULL,
    PRIMARY KEY (namespace_id, hour, key_id, model)
) WITHOUT ROWID;
