-- Released steps never change; new ones are added beside them, with the next number. A step must leave the nodes of the
-- release before it at work: columns and tables are added, and taken away only when no supported release reads them.
--
-- Texts that may hold U+0000 (an error's cause, a header) are bytea; JSON texts cannot hold it and are text.

-- Who takes part. A lease is deleted when it has run out; whoever holds it then can commit nothing any more, because
-- each commit locks its lease's row. Epochs are never used twice.
CREATE TABLE leases (
  epoch bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  slot integer NOT NULL UNIQUE,
  name text NOT NULL,
  address text NOT NULL,
  version text NOT NULL,
  expires_at timestamptz NOT NULL
);

-- Executions are hashed to a fixed number of shards. `epoch` says whose a shard is; nobody's when there is no such lease.
CREATE TABLE shards (shard integer PRIMARY KEY, epoch bigint);
INSERT INTO shards SELECT n, NULL FROM generate_series(0, 127) AS n;

CREATE TABLE execution_scopes (
  id bytea PRIMARY KEY,
  text text NOT NULL,
  state_machine_arn text NOT NULL
);
CREATE INDEX execution_scopes_by_machine ON execution_scopes (state_machine_arn);
CREATE TABLE execution_origins (id bytea PRIMARY KEY, text text NOT NULL);

-- One row each for life, written at the start, at the end and at a redrive only.
CREATE TABLE executions (
  id bigint PRIMARY KEY,
  scope bytea NOT NULL,
  name text COLLATE "C" NOT NULL,
  status integer NOT NULL,
  shard integer NOT NULL,
  origin bytea NOT NULL,
  machine_version bytea,
  machine_alias bytea,
  started bigint NOT NULL,
  stopped bigint,
  version integer NOT NULL,
  last_event integer NOT NULL,
  redrive_count integer NOT NULL,
  redriven bigint,
  trace_header bytea,
  error bytea,
  cause bytea,
  output text,
  input text NOT NULL,
  CONSTRAINT executions_name UNIQUE (scope, name)
);
CREATE INDEX executions_by_status ON executions (scope, status, id);
CREATE INDEX executions_by_version ON executions (machine_version, status, id) WHERE machine_version IS NOT NULL;
CREATE INDEX executions_by_alias ON executions (machine_alias, status, id) WHERE machine_alias IS NOT NULL;
CREATE INDEX executions_redriven ON executions (scope, status, id) WHERE redrive_count > 0;

-- What changes with every commit while an execution runs. Its version is the fence. `more`: 1, there may be rows in
-- execution_parts; 2, in submitted_tasks. Half of each page stays free, so that a new version of a row fits beside it.
CREATE TABLE running (
  id bigint PRIMARY KEY,
  shard integer NOT NULL,
  version integer NOT NULL,
  last_event integer NOT NULL,
  wake_at bigint,
  outstanding integer NOT NULL,
  more integer NOT NULL,
  part0 text,
  part1 text
) WITH (fillfactor = 50);
CREATE INDEX running_by_wake ON running (wake_at, id) WHERE wake_at IS NOT NULL;
CREATE INDEX running_outstanding ON running (id) WHERE outstanding > 0;

CREATE TABLE execution_parts (
  execution bigint NOT NULL,
  part integer NOT NULL,
  json text NOT NULL,
  PRIMARY KEY (execution, part)
);
CREATE TABLE history_chunks (
  execution bigint NOT NULL,
  first_id integer NOT NULL,
  last_id integer NOT NULL,
  text text NOT NULL,
  PRIMARY KEY (execution, first_id)
);
CREATE TABLE submitted_tasks (
  execution bigint NOT NULL,
  task integer NOT NULL,
  handle text,
  PRIMARY KEY (execution, task)
);
CREATE TABLE activity_tasks (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  activity bytea NOT NULL,
  execution bigint NOT NULL,
  task integer NOT NULL
);
CREATE INDEX activity_tasks_by_activity ON activity_tasks (activity, position);
CREATE INDEX activity_tasks_by_execution ON activity_tasks (execution, task);
CREATE TABLE redrive_tokens (
  execution bigint NOT NULL,
  redrive integer NOT NULL,
  redriven bigint NOT NULL,
  token bytea NOT NULL,
  PRIMARY KEY (execution, redrive)
);
-- `original`: the key of the execution a fork was made of, until that is deleted.
CREATE TABLE execution_forks (
  id bigint PRIMARY KEY,
  original bigint,
  original_arn text NOT NULL,
  event integer NOT NULL,
  state text NOT NULL,
  context text
);
CREATE INDEX execution_forks_by_original ON execution_forks (original) WHERE original IS NOT NULL;
-- The outbox: each node tells what its own executions announced.
CREATE TABLE announcements (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  shard integer NOT NULL,
  text text NOT NULL
);

-- The control plane. Rows are JSON texts with what is searched for beside them.
CREATE TABLE catalog_state_machines (arn text COLLATE "C" PRIMARY KEY, etag text NOT NULL, json text NOT NULL);
CREATE TABLE catalog_definitions (hash bytea PRIMARY KEY, text text NOT NULL);
CREATE TABLE catalog_revisions (
  key text COLLATE "C" PRIMARY KEY,
  definition bytea NOT NULL,
  source bytea,
  json text NOT NULL
);
CREATE TABLE catalog_versions (
  state_machine_arn text COLLATE "C" NOT NULL,
  number integer NOT NULL,
  revision_key text COLLATE "C" NOT NULL,
  json text NOT NULL,
  PRIMARY KEY (state_machine_arn, number)
);
CREATE INDEX catalog_versions_by_revision ON catalog_versions (state_machine_arn, revision_key, number);
CREATE TABLE catalog_aliases (
  position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  state_machine_arn text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  json text NOT NULL,
  UNIQUE (state_machine_arn, name)
);
CREATE TABLE catalog_activities (arn text COLLATE "C" PRIMARY KEY, etag text NOT NULL, json text NOT NULL);
CREATE TABLE catalog_records (
  kind text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  due_at bigint,
  etag text NOT NULL,
  value text NOT NULL,
  PRIMARY KEY (kind, key)
);
CREATE INDEX catalog_records_due ON catalog_records (kind, due_at, key) WHERE due_at IS NOT NULL;
CREATE TABLE catalog_secrets (name text COLLATE "C" PRIMARY KEY, value text NOT NULL);

-- Map runs. `json` is the run as the engine knows it. An empty `output` of a child is the same text as its input.
CREATE TABLE map_runs (
  id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
  arn text COLLATE "C" NOT NULL UNIQUE,
  execution_arn text COLLATE "C" NOT NULL,
  shard integer NOT NULL,
  version integer NOT NULL,
  stopped bigint,
  json text NOT NULL
);
CREATE INDEX map_runs_by_execution ON map_runs (execution_arn, id);
CREATE INDEX map_runs_running ON map_runs (id) WHERE stopped IS NULL;
CREATE INDEX map_runs_ended ON map_runs (stopped) WHERE stopped IS NOT NULL;
CREATE TABLE map_run_children (
  run bigint NOT NULL,
  position integer NOT NULL,
  status integer NOT NULL,
  first_item integer NOT NULL,
  items integer NOT NULL,
  started bigint NOT NULL,
  stopped bigint,
  redrive_count integer NOT NULL DEFAULT 0,
  redriven bigint,
  generation integer NOT NULL,
  key bytea,
  error bytea,
  cause bytea,
  output text,
  input text NOT NULL,
  PRIMARY KEY (run, position)
);
CREATE INDEX map_run_children_failed ON map_run_children (run, status, position) WHERE status > 1;
