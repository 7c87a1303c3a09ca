/**
 * The money rules stand here as triggers, so that a later mistake in the program fails with an
 * exception instead of a second charge.
 */
const TABLES_AND_RULES = `
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

CREATE TABLE wallet_entry (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  entry TEXT NOT NULL
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
`;

/** How long jobs took, for knowing when to look at the next; and clips of a run by their path. */
const JOB_TIMES = `
CREATE TABLE job_time (
  seq INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  model TEXT NOT NULL,
  ratio REAL NOT NULL
) STRICT;
CREATE INDEX job_time_model ON job_time (scope, model, seq);
CREATE INDEX run_clip_path ON run_clip (run_id, path);
`;

/** Why a clip of a run is not done, for what a report advises. */
const OUTCOME_CODES = 'ALTER TABLE run_clip ADD COLUMN code TEXT;';

/** Each step makes the next version of the schema; a ledger of a newer rbgv is refused. */
export const SCHEMA_STEPS: readonly string[] = [TABLES_AND_RULES, JOB_TIMES, OUTCOME_CODES];
