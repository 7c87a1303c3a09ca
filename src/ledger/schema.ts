import type { Period } from '../core/budget.ts';

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

/** What a clip is asked for where that is not what its run is asked for. */
const CLIP_SETTINGS = 'ALTER TABLE run_clip ADD COLUMN settings TEXT;';

/**
 * What a start may cost is kept before it is sent, below caps, by tag. Of jobs that an earlier rbgv
 * started the worst case is booked; what their model cost a minute is reckoned back from it.
 */
const BUDGET = `
ALTER TABLE job ADD COLUMN rate INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN worst_case INTEGER NOT NULL DEFAULT 0;
UPDATE job SET rate = CAST(ROUND(estimate * 6e7 / duration_us / 1e4) AS INTEGER) * 10000
  WHERE duration_us > 0;
UPDATE job SET worst_case = MAX(estimate, (duration_us + 59999999) / 60000000 * rate);
ALTER TABLE run ADD COLUMN run_cap INTEGER;
ALTER TABLE run ADD COLUMN day_cap INTEGER;
ALTER TABLE run ADD COLUMN month_cap INTEGER;
ALTER TABLE run_clip ADD COLUMN tags TEXT NOT NULL DEFAULT '{}';
CREATE INDEX run_clip_key ON run_clip (run_id, key);

-- What a start may cost, kept before it is sent; asked is 0 when the server started by itself.
CREATE TABLE booking (
  key TEXT PRIMARY KEY REFERENCES job (key),
  run_id TEXT NOT NULL,
  scope TEXT NOT NULL,
  profile TEXT NOT NULL,
  tags TEXT NOT NULL,
  day TEXT NOT NULL,
  held INTEGER NOT NULL CHECK (held >= 0),
  billed INTEGER CHECK (billed >= 0),
  asked INTEGER NOT NULL CHECK (asked IN (0, 1))
) STRICT;
CREATE INDEX booking_open ON booking (scope) WHERE billed IS NULL;

-- Sums over bookings, kept by the triggers below and by nothing else.
CREATE TABLE used (
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  name TEXT NOT NULL,
  amount INTEGER NOT NULL,
  PRIMARY KEY (scope, period, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE alert (
  scope TEXT NOT NULL,
  period TEXT NOT NULL,
  name TEXT NOT NULL,
  cap INTEGER NOT NULL,
  percent INTEGER NOT NULL,
  PRIMARY KEY (scope, period, name, cap, percent)
) STRICT, WITHOUT ROWID;

CREATE TABLE wallet_entry (
  id INTEGER PRIMARY KEY,
  scope TEXT NOT NULL,
  entry TEXT NOT NULL
) STRICT;

CREATE TRIGGER start_needs_a_booking BEFORE UPDATE ON job
WHEN NEW.start_tries > OLD.start_tries AND NEW.job_id IS NOT NULL AND NOT EXISTS (
  SELECT 1 FROM booking WHERE key = NEW.key AND run_id IS NEW.owner AND asked = 1)
BEGIN SELECT RAISE(ABORT, 'a start needs its worst case reserved'); END;

CREATE TRIGGER started_job_is_booked BEFORE UPDATE ON job
WHEN NEW.started_at IS NOT NULL AND OLD.started_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM booking WHERE key = NEW.key)
BEGIN SELECT RAISE(ABORT, 'a started job stands in the books'); END;

CREATE TRIGGER booking_of_a_start_is_kept BEFORE DELETE ON booking
WHEN (SELECT state FROM job WHERE key = OLD.key) NOT IN ('planned', 'uploaded', 'created')
BEGIN SELECT RAISE(ABORT, 'what may have been charged stays in the books'); END;

CREATE TRIGGER booking_added AFTER INSERT ON booking
BEGIN
${count('NEW', 1)}
${mustFit()}
END;

CREATE TRIGGER booking_changed AFTER UPDATE ON booking
BEGIN
${count('OLD', -1)}
${count('NEW', 1)}
${mustFit('NEW.billed IS NULL AND')}
END;

CREATE TRIGGER booking_released AFTER DELETE ON booking
BEGIN
${count('OLD', -1)}
END;

INSERT INTO booking
  SELECT key, run.id, job.scope, run.profile, '{}', date(COALESCE(job.started_at, job.updated_at) / 1000, 'unixepoch'),
    job.worst_case, NULL, 0
  FROM job JOIN run ON run.id = (SELECT run_id FROM job_event WHERE job_event.key = job.key
    ORDER BY seq DESC LIMIT 1)
  WHERE job.state NOT IN ('planned', 'uploaded', 'created');
`;

/** Where a copy that rbgv made of a clip came from. */
const MENDED = 'ALTER TABLE run_clip ADD COLUMN mended TEXT;';

/** Each step makes the next version of the schema; a ledger of a newer rbgv is refused. */
export const SCHEMA_STEPS: readonly string[] = [
  TABLES_AND_RULES,
  JOB_TIMES,
  OUTCOME_CODES,
  CLIP_SETTINGS,
  BUDGET,
  MENDED,
];

/** Adds a booking to the sums of its run, day and month, or takes it out of them. */
function count(row: 'OLD' | 'NEW', sign: 1 | -1): string {
  const amount = `${sign} * COALESCE(${row}.billed, ${row}.held)`;
  return `  INSERT INTO used VALUES
    (${row}.scope, 'run', ${row}.run_id, ${amount}),
    (${row}.scope, 'day', ${row}.day, ${amount}),
    (${row}.scope, 'month', substr(${row}.day, 1, 7), ${amount})
  ON CONFLICT (scope, period, name) DO UPDATE SET amount = amount + excluded.amount;`;
}

/** A reservation above a cap of its run is undone. A bill is the truth and always fits. */
function mustFit(when = ''): string {
  const check = (period: Period, name: string): string =>
    `  SELECT RAISE(ABORT, 'over budget: ${period}') WHERE ${when} NEW.asked = 1 AND (
    SELECT amount FROM used WHERE scope = NEW.scope AND period = '${period}' AND name = ${name}
  ) > (SELECT ${period}_cap FROM run WHERE id = NEW.run_id);`;
  return [
    `  SELECT RAISE(ABORT, 'a booking belongs to a run')
  WHERE NOT EXISTS (SELECT 1 FROM run WHERE id = NEW.run_id) AND NEW.billed IS NULL;`,
    check('run', 'NEW.run_id'),
    check('day', 'NEW.day'),
    check('month', 'substr(NEW.day, 1, 7)'),
  ].join('\n');
}
