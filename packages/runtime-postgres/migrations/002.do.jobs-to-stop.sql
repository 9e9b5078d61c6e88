-- Jobs of tasks that nobody waits for, until they are stopped: each node stops those of its own executions. `handle` is NULL
-- when it is unknown whether there is a job.
CREATE TABLE jobs_to_stop (
  execution bigint NOT NULL,
  task integer NOT NULL,
  shard integer NOT NULL,
  since bigint NOT NULL,
  request text NOT NULL,
  handle text,
  PRIMARY KEY (execution, task)
);
