-- Limits that an operator has given to one key. NULL: the gateway's setting holds; 0: no limit. A key without a row has none of its own.
CREATE TABLE key_limits (
    key_id              TEXT PRIMARY KEY,
    requests_per_minute INTEGER CHECK (requests_per_minute >= 0),
    tokens_per_minute   INTEGER CHECK (tokens_per_minute >= 0),
    concurrency         INTEGER CHECK (concurrency >= 0)
) WITHOUT ROWID;
