-- Webhooks and what is, or was, delivered to them. Times are milliseconds since 1970. The secret lies here as it is: every delivery is
-- signed with it. A deleted webhook's row stays until its deliveries are swept.
CREATE TABLE webhook (
    id               TEXT PRIMARY KEY,
    namespace_id     TEXT    NOT NULL,
    url              TEXT    NOT NULL,
    secret           BLOB    NOT NULL,
    events           TEXT    NOT NULL,
    models           TEXT,
    hears_jobs       INTEGER NOT NULL CHECK (hears_jobs IN (0, 1)),
    credit_threshold INTEGER CHECK (credit_threshold >= 0),
    is_low           INTEGER NOT NULL DEFAULT 0 CHECK (is_low IN (0, 1)),
    dropped          INTEGER NOT NULL DEFAULT 0,
    created_ms       INTEGER NOT NULL,
    is_deleted       INTEGER NOT NULL DEFAULT 0 CHECK (is_deleted IN (0, 1))
) WITHOUT ROWID;

CREATE INDEX webhook_of_namespace ON webhook (namespace_id, id);

-- status: 1 waits for its next attempt, 2 delivered, 3 given up. The body is dropped when it is over.
CREATE TABLE webhook_delivery (
    id           TEXT PRIMARY KEY,
    webhook_id   TEXT    NOT NULL REFERENCES webhook (id),
    namespace_id TEXT    NOT NULL,
    event_id     TEXT    NOT NULL,
    type         TEXT    NOT NULL,
    body         BLOB CHECK ((body IS NULL) = (status <> 1)),
    status       INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3),
    attempts     INTEGER NOT NULL DEFAULT 0,
    http_status  INTEGER,
    fault        TEXT,
    created_ms   INTEGER NOT NULL,
    next_ms      INTEGER CHECK ((next_ms IS NULL) = (status <> 1)),
    ended_ms     INTEGER CHECK ((ended_ms IS NULL) = (status = 1))
);

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_ms) WHERE status = 1;
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_ms) WHERE status <> 1;

-- How many of a namespace wait: its queue is bounded.
CREATE TRIGGER webhook_delivery_counts_in AFTER INSERT ON webhook_delivery
BEGIN
    INSERT INTO stored VALUES (new.namespace_id, 'delivery', 1, 0)
    ON CONFLICT (namespace_id, kind) DO UPDATE SET items = items + 1;
END;

CREATE TRIGGER webhook_delivery_ends AFTER UPDATE OF status ON webhook_delivery WHEN old.status = 1 AND new.status <> 1
BEGIN
    UPDATE stored SET items = items - 1 WHERE namespace_id = old.namespace_id AND kind = 'delivery';
END;

CREATE TRIGGER webhook_delivery_counts_out AFTER DELETE ON webhook_delivery WHEN old.status = 1
BEGIN
    UPDATE stored SET items = items - 1 WHERE namespace_id = old.namespace_id AND kind = 'delivery';
END;

-- How far the ledger's log of transfers was read for ended jobs: their events and this place are one transaction.
CREATE TABLE webhook_place (
    one   INTEGER PRIMARY KEY CHECK (one = 1),
    place INTEGER NOT NULL
);

INSERT INTO webhook_place VALUES (1, 0);
