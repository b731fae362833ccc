-- Bytes that the answer of an open request may take, counted in "bytes" from the beginning, so that answers stay within what their namespace may keep; 0 once it is answered.
ALTER TABLE request ADD COLUMN reserved INTEGER NOT NULL DEFAULT 0;
