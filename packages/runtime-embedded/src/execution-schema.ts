/**
 * The tables of executions.
 *
 * - `executions`: one row each for life, written at the start, at the end and at a redrive only.
 * - `running`: what changes with every commit, while it runs, in one row. Its version is the fence. Parts 0 and 1 of the
 *   memory (in most executions there are no others) are columns of it; at the end they go to `execution_parts`, if they
 *   are to be kept. `more` says what else there may be: 1, rows in `execution_parts`; 2, rows in `submitted_tasks`.
 * - `execution_parts`, `history_chunks`: keyed by `execution << 24 | number`, so that new rows go to the end of the table
 *   and the rows of one execution lie together.
 * - What repeats in thousands of executions (where they come from) stands once, in `execution_origins`.
 *
 * Released steps never change; new ones are added at the end.
 */
export const EXECUTION_SCHEMA: readonly string[] = [
  `
  CREATE TABLE execution_scopes (
    id INTEGER PRIMARY KEY,
    prefix TEXT NOT NULL UNIQUE,
    state_machine_arn TEXT NOT NULL
  ) STRICT;
  CREATE INDEX execution_scopes_by_machine ON execution_scopes (state_machine_arn);

  CREATE TABLE execution_origins (id INTEGER PRIMARY KEY, json TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE execution_arns (id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE) STRICT;

  CREATE TABLE executions (
    id INTEGER PRIMARY KEY,
    scope INTEGER NOT NULL,
    name TEXT NOT NULL,
    status INTEGER NOT NULL,
    origin INTEGER NOT NULL,
    machine_version INTEGER,
    machine_alias INTEGER,
    started INTEGER NOT NULL,
    stopped INTEGER,
    version INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    redrive_count INTEGER NOT NULL,
    redriven INTEGER,
    trace_header TEXT,
    error TEXT,
    cause TEXT,
    output TEXT,
    input TEXT NOT NULL,
    UNIQUE (scope, name)
  ) STRICT;
  CREATE INDEX executions_by_status ON executions (scope, status);
  CREATE INDEX executions_by_version ON executions (machine_version, status) WHERE machine_version IS NOT NULL;
  CREATE INDEX executions_by_alias ON executions (machine_alias, status) WHERE machine_alias IS NOT NULL;
  CREATE INDEX executions_redriven ON executions (scope, status) WHERE redrive_count > 0;

  CREATE TABLE running (
    id INTEGER PRIMARY KEY,
    version INTEGER NOT NULL,
    last_event INTEGER NOT NULL,
    wake_at INTEGER,
    outstanding INTEGER NOT NULL,
    more INTEGER NOT NULL,
    part0 TEXT,
    part1 TEXT
  ) STRICT;
  CREATE INDEX running_by_wake ON running (wake_at) WHERE wake_at IS NOT NULL;
  CREATE INDEX running_outstanding ON running (id) WHERE outstanding > 0;

  CREATE TABLE execution_parts (id INTEGER PRIMARY KEY, json TEXT NOT NULL) STRICT;
  CREATE TABLE history_chunks (id INTEGER PRIMARY KEY, last_id INTEGER NOT NULL, text TEXT NOT NULL) STRICT;

  CREATE TABLE submitted_tasks (
    execution INTEGER NOT NULL,
    task INTEGER NOT NULL,
    handle TEXT,
    PRIMARY KEY (execution, task)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE activity_tasks (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    activity INTEGER NOT NULL,
    execution INTEGER NOT NULL,
    task INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX activity_tasks_by_activity ON activity_tasks (activity);
  CREATE INDEX activity_tasks_by_execution ON activity_tasks (execution);

  CREATE TABLE redrive_tokens (
    execution INTEGER NOT NULL,
    redrive INTEGER NOT NULL,
    redriven INTEGER NOT NULL,
    token TEXT NOT NULL,
    PRIMARY KEY (execution, redrive)
  ) STRICT, WITHOUT ROWID;
  `,
  // The outbox: what is to be told outside, until somebody has.
  `
  CREATE TABLE announcements (position INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL) STRICT;
  `,
  // `original`: the key of the execution a fork was made of, until that is deleted.
  `
  CREATE TABLE execution_forks (
    id INTEGER PRIMARY KEY,
    original INTEGER,
    original_arn TEXT NOT NULL,
    event INTEGER NOT NULL,
    state TEXT NOT NULL,
    context TEXT
  ) STRICT;
  CREATE INDEX execution_forks_by_original ON execution_forks (original) WHERE original IS NOT NULL;
  `,
  // Jobs of tasks that nobody waits for, until they are stopped. `handle` is NULL when it is unknown whether there is one.
  `
  CREATE TABLE jobs_to_stop (
    execution INTEGER NOT NULL,
    task INTEGER NOT NULL,
    since INTEGER NOT NULL,
    request TEXT NOT NULL,
    handle TEXT,
    PRIMARY KEY (execution, task)
  ) STRICT;
  `,
];
