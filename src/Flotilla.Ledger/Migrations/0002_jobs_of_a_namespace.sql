-- A namespace's jobs, newest first, page by page.
CREATE INDEX job_of_namespace ON job (namespace_id, seq);
