-- A ledger as the first rbgv wrote it: one clip paid and done, one whose start is on the wire, one new.
CREATE TABLE job (
  key TEXT PRIMARY KEY,
  scope TEXT NOT NULL,
  model TEXT NOT NULL,
  settings TEXT NOT NULL,
  source_sha256 TEXT NOT NULL,
  generation INTEGER NOT NULL DEFAULT 1,
  consent TEXT,
  source_name TEXT NOT NULL,
  duration_us INTEGER NOT NULL,
  estimate INTEGER NOT NULL,
  tariff_source TEXT NOT NULL,
  tariff_as_of TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'planned',
  start_tries INTEGER NOT NULL DEFAULT 0,
  session TEXT,
  video_url TEXT,
  job_id TEXT,
  key_fingerprint TEXT,
  reason TEXT,
  billing_status TEXT,
  output_sha256 TEXT,
  output_size INTEGER,
  owner TEXT,
  created_at INTEGER NOT NULL,
  started_at INTEGER,
  updated_at INTEGER NOT NULL,
  CHECK (generation = 1 OR consent IS NOT NULL)
) STRICT;
CREATE INDEX job_started ON job (scope, started_at);

CREATE TABLE job_event (
  seq INTEGER PRIMARY KEY,
  key TEXT NOT NULL REFERENCES job (key),
  run_id TEXT NOT NULL,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX job_event_key ON job_event (key);

CREATE TABLE delivery (
  key TEXT NOT NULL REFERENCES job (key),
  wanted_path TEXT NOT NULL,
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  size INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (key, wanted_path)
) STRICT;

CREATE TABLE run (
  id TEXT PRIMARY KEY,
  profile TEXT NOT NULL,
  scope TEXT NOT NULL,
  model TEXT NOT NULL,
  settings TEXT NOT NULL,
  output_dir TEXT NOT NULL,
  client_version TEXT NOT NULL,
  estimate INTEGER NOT NULL,
  clips INTEGER NOT NULL,
  started_at INTEGER NOT NULL,
  finished_at INTEGER,
  exit_code INTEGER
) STRICT;

CREATE TABLE run_clip (
  run_id TEXT NOT NULL REFERENCES run (id),
  ordinal INTEGER NOT NULL,
  path TEXT NOT NULL,
  relative_path TEXT NOT NULL,
  wanted_path TEXT,
  key TEXT,
  status TEXT NOT NULL DEFAULT 'open',
  detail TEXT,
  output_path TEXT,
  credits INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (run_id, ordinal)
) STRICT;

CREATE TABLE fact (
  scope TEXT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (scope, name)
) STRICT;

CREATE TABLE hash_cache (
  path TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  mtime_ms REAL NOT NULL,
  inode TEXT NOT NULL,
  sha256 TEXT NOT NULL
) STRICT;

CREATE TRIGGER job_id_is_frozen BEFORE UPDATE ON job
WHEN OLD.start_tries > 0 AND (NEW.job_id IS NOT OLD.job_id
  OR NEW.key_fingerprint IS NOT OLD.key_fingerprint)
BEGIN SELECT RAISE(ABORT, 'a job that may have been started keeps its id'); END;

CREATE TRIGGER start_tries_never_shrink BEFORE UPDATE ON job
WHEN NEW.start_tries < OLD.start_tries
BEGIN SELECT RAISE(ABORT, 'start intents are never forgotten'); END;

CREATE TRIGGER start_needs_a_job BEFORE UPDATE ON job
WHEN NEW.start_tries > OLD.start_tries AND (NEW.job_id IS NULL OR NEW.state <> 'starting')
BEGIN SELECT RAISE(ABORT, 'a start intent needs a chosen job'); END;

CREATE TRIGGER started_job_is_kept BEFORE DELETE ON job
WHEN OLD.start_tries > 0
BEGIN SELECT RAISE(ABORT, 'a job that may have been charged is never deleted'); END;

CREATE TRIGGER paid_job_never_goes_back BEFORE UPDATE ON job
WHEN OLD.state IN ('started', 'processed', 'verified', 'done', 'failed')
  AND NEW.state IN ('planned', 'uploaded', 'created', 'starting', 'unclear')
BEGIN SELECT RAISE(ABORT, 'a paid job is never paid again'); END;

INSERT INTO run VALUES ('run-1', 'prod', 'test', 'light', '{}', '/results', '0.1.0', 1500000, 2, 1795222037720, NULL, NULL);
INSERT INTO run_clip VALUES ('run-1', 0, '/clips/a.mp4', 'a.mp4', '/results/a.webm', 'paid', 'done', NULL, '/results/a.webm', 1500000);
INSERT INTO run_clip VALUES ('run-1', 1, '/clips/b.mp4', 'b.mp4', '/results/b.webm', 'sent', 'open', NULL, NULL, 0);
INSERT INTO job VALUES ('paid', 'test', 'light', '{}', 'ab', 1, NULL, 'a.mp4', 9000000, 6750000, 'live', '2026-11-20T00:00:00.000Z', 'done', 1, NULL, 'https://cdn.example/a.mp4', 'job_1', 'f00', NULL, NULL, 'cd', 10, 'run-1', 1795222037720, 1795222037771, 1795222037999);
INSERT INTO job VALUES ('sent', 'test', 'light', '{}', 'ef', 1, NULL, 'b.mp4', 61000000, 45750000, 'live', '2026-11-20T00:00:00.000Z', 'starting', 1, 'run-1', 'https://cdn.example/b.mp4', 'job_2', 'f00', NULL, NULL, NULL, NULL, 'run-1', 1795222037720, NULL, 1795222037999);
INSERT INTO job VALUES ('new', 'test', 'light', '{}', '12', 1, NULL, 'c.mp4', 9000000, 6750000, 'live', '2026-11-20T00:00:00.000Z', 'planned', 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'run-1', 1795222037720, NULL, 1795222037999);
INSERT INTO job_event VALUES (1, 'paid', 'run-1', 1795222037771, 'start_intended', '{"type":"start_intended","session":"run-1"}');
INSERT INTO job_event VALUES (2, 'sent', 'run-1', 1795222037999, 'start_intended', '{"type":"start_intended","session":"run-1"}');
PRAGMA user_version = 1;
