-- Limits that an operator has given to one key. NULL: the gateway's setting holds; 0: no limit. A key without a row has none of its own.
CREATE TABLE key_limits (
    key_id              TEXT PRIMARY KEY,
    requests_per_minute INTEGER CHECK (requests_per_minute >= 0),
    tokens_per_minute   INTEGER CHECK (tokens_per_minute >= 0),
    concurrency         INTEGER CHECK (concurrency >= 0)
) WITHOUT ROWID;

-- Which kept response has an item, in its output or its input, so that a later request can name it. An item that a client sends again is in several.
CREATE TABLE response_item (
    namespace_id TEXT NOT NULL,
    item_id      TEXT NOT NULL,
    response_id  TEXT NOT NULL REFERENCES response (id) ON DELETE CASCADE,
    PRIMARY KEY (namespace_id, item_id, response_id)
) WITHOUT ROWID;

CREATE INDEX response_item_of_response ON response_item (response_id);
