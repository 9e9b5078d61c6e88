/**
 * The tables of map runs.
 *
 * - `map_runs`: one row each; `json` is the run as the engine knows it, written with every commit of the run.
 * - `map_run_children`: keyed by `run << 27 | index` (an index is below 100,000,000), so that new rows go to the end. An
 *   empty `output` is the same text as the input. Only what failed is indexed: children that run are found
 *   by going through those of their run, which is asked for after a restart only.
 * - `map_run_chunks`: children that succeeded at once, many in a row (map-run-chunk.ts), under the id that its first child
 *   would have. A child is in one of the two tables.
 *
 * Released steps never change; new ones are added at the end.
 */
export const MAP_RUN_SCHEMA: readonly string[] = [
  `
  CREATE TABLE map_runs (
    id INTEGER PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    execution_arn TEXT NOT NULL,
    version INTEGER NOT NULL,
    stopped INTEGER,
    json TEXT NOT NULL
  ) STRICT;
  CREATE INDEX map_runs_by_execution ON map_runs (execution_arn, id);
  CREATE INDEX map_runs_running ON map_runs (id) WHERE stopped IS NULL;
  CREATE INDEX map_runs_ended ON map_runs (stopped) WHERE stopped IS NOT NULL;

  CREATE TABLE map_run_children (
    id INTEGER PRIMARY KEY,
    status INTEGER NOT NULL,
    first_item INTEGER NOT NULL,
    items INTEGER NOT NULL,
    started INTEGER NOT NULL,
    stopped INTEGER,
    redrive_count INTEGER NOT NULL DEFAULT 0,
    redriven INTEGER,
    generation INTEGER NOT NULL,
    key TEXT,
    error TEXT,
    cause TEXT,
    output TEXT,
    input TEXT NOT NULL
  ) STRICT;
  CREATE INDEX map_run_children_failed ON map_run_children (status, id) WHERE status > 1;
  `,
  `
  CREATE TABLE map_run_chunks (
    id INTEGER PRIMARY KEY,
    first_item INTEGER NOT NULL,
    generation INTEGER NOT NULL,
    started INTEGER NOT NULL,
    children INTEGER NOT NULL,
    items INTEGER NOT NULL,
    slowest_ms INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
  `,
];
