/**
 * The statement that commits a batch: one round trip, one transaction of its own.
 *
 * T1. It writes only under a lease that is still there, whose row it keeps locked until it has committed: whoever takes
 *     the lease away waits for it, and sees what it wrote.
 * T2. It writes only over the versions seen. What is not as seen is named, and nothing is written.
 * T3. Should a row have changed between the look and the write (which T1 leaves no room for), the statement divides by
 *     zero and takes itself back.
 * T4. However its plan was made, it looks up rows by their keys, one by one: a plan is made once, and often when the
 *     tables are empty. So a look is a subquery of each row, and what is written has `= ANY(the keys)` beside its join.
 *     A name that is taken needs no look: its index says so (`executions_name`).
 */
import { SECTIONS, type SectionName } from "./commit-plan.ts";

const texts = new Map<string, string>();

/** The text of the statement for these sections; its parameters are the epoch, then the columns of each section. */
export function commitStatement(sections: readonly SectionName[]): string {
  const key = sections.join();
  let text = texts.get(key);
  if (text === undefined) {
    text = write(sections);
    texts.set(key, text);
  }
  return text;
}

/**
 * The one row of executions with this name, among those of a scope: ends the subquery. In an order that only the index of
 * names has, or the index of statuses serves as well, as far as the planner knows of a table it has not looked into yet.
 */
export function isNamed(name: string): string {
  return `name BETWEEN ${name} AND ${name} ORDER BY name LIMIT 1`;
}

/** When everything is as it was seen. */
const MAY = "(SELECT may FROM gate)";

const STALE: { readonly [section in SectionName]?: string } = {
  advanced: `SELECT n.id FROM advanced n
    WHERE (SELECT r.version FROM running r WHERE r.id = n.id) IS DISTINCT FROM n.version`,
  ended: `SELECT n.id FROM ended n
    WHERE (SELECT r.version FROM running r WHERE r.id = n.id) IS DISTINCT FROM n.version`,
  redriven: `SELECT n.id FROM redriven n
    WHERE (SELECT e.version FROM executions e WHERE e.id = n.id AND e.status <> 0) IS DISTINCT FROM n.version`,
};

/** Stands for the first column of the section, the keys of its rows. */
const KEYS = "ANY(KEYS)";

const PUT_PARTS = "ON CONFLICT (execution, part) DO UPDATE SET json = excluded.json";

const WRITES: { readonly [section in SectionName]: readonly (readonly [name: string, sql: string])[] } = {
  created: [
    [
      "created_rows",
      `INSERT INTO executions (id, scope, name, status, shard, origin, machine_version, machine_alias, started, stopped,
         version, last_event, redrive_count, trace_header, error, cause, output, input)
       SELECT id, scope, name, status, shard, origin, machine_version, machine_alias, started, stopped,
         1, last_event, 0, trace_header, error, cause, output, input FROM created WHERE ${MAY}`,
    ],
  ],
  begun: [
    [
      "begun_rows",
      `INSERT INTO running (id, shard, version, last_event, wake_at, outstanding, more, part0, part1)
       SELECT id, shard, version, last_event, wake_at, outstanding, more, part0, part1 FROM begun WHERE ${MAY}`,
    ],
  ],
  advanced: [
    [
      "advanced_rows",
      `UPDATE running r SET version = n.version + 1, last_event = n.last_event,
         wake_at = CASE WHEN n.sets_wake THEN n.wake_at ELSE r.wake_at END,
         outstanding = coalesce(n.outstanding, r.outstanding), more = r.more | n.more,
         part0 = CASE WHEN n.sets0 THEN n.part0 ELSE r.part0 END,
         part1 = CASE WHEN n.sets1 THEN n.part1 ELSE r.part1 END
       FROM advanced n WHERE r.id = ${KEYS} AND r.id = n.id AND r.version = n.version AND ${MAY} RETURNING r.id`,
    ],
  ],
  ended: [
    [
      "ended_rows",
      `DELETE FROM running r USING ended n
       WHERE r.id = ${KEYS} AND r.id = n.id AND r.version = n.version AND ${MAY}
       RETURNING r.id, CASE WHEN NOT n.sets0 THEN r.part0 END AS part0, CASE WHEN NOT n.sets1 THEN r.part1 END AS part1`,
    ],
    [
      "ended_executions",
      `UPDATE executions e SET status = n.status, stopped = n.stopped, version = n.version + 1,
         last_event = n.last_event, error = n.error, cause = n.cause, output = n.output
       FROM ended n WHERE e.id = ${KEYS} AND e.id = n.id AND ${MAY}`,
    ],
    // What an ended execution keeps of its memory goes to rows.
    [
      "ended_parts",
      `INSERT INTO execution_parts
       SELECT id, 0, part0 FROM ended_rows WHERE part0 IS NOT NULL
       UNION ALL SELECT id, 1, part1 FROM ended_rows WHERE part1 IS NOT NULL ${PUT_PARTS}`,
    ],
  ],
  redriven: [
    [
      "redriven_rows",
      `UPDATE executions e SET status = n.status, stopped = n.stopped, version = n.version + 1,
         last_event = n.last_event, error = n.error, cause = n.cause, output = n.output,
         redrive_count = n.redrive_count, redriven = n.redriven
       FROM redriven n WHERE e.id = ${KEYS} AND e.id = n.id AND e.version = n.version AND e.status <> 0 AND ${MAY}
       RETURNING e.id`,
    ],
  ],
  chunks: [["chunk_rows", `INSERT INTO history_chunks SELECT * FROM chunks WHERE ${MAY}`]],
  parts: [["part_rows", `INSERT INTO execution_parts SELECT * FROM parts WHERE ${MAY} ${PUT_PARTS}`]],
  parts_gone: [
    [
      "parts_gone_rows",
      `DELETE FROM execution_parts p USING parts_gone n
       WHERE p.execution = ${KEYS} AND p.execution = n.execution AND p.part = n.part AND ${MAY}`,
    ],
  ],
  submitted: [
    [
      "submitted_rows",
      `INSERT INTO submitted_tasks SELECT * FROM submitted WHERE ${MAY}
       ON CONFLICT (execution, task) DO UPDATE SET handle = excluded.handle`,
    ],
  ],
  settled: [
    [
      "settled_rows",
      `DELETE FROM submitted_tasks t USING settled n
       WHERE t.execution = ${KEYS} AND t.execution = n.execution AND t.task = n.task AND ${MAY}`,
    ],
  ],
  queued: [
    [
      "queued_rows",
      `INSERT INTO activity_tasks (activity, execution, task) SELECT activity, execution, task FROM queued WHERE ${MAY}`,
    ],
  ],
  dequeued: [
    [
      "dequeued_rows",
      `DELETE FROM activity_tasks t USING dequeued n
       WHERE t.execution = ${KEYS} AND t.execution = n.execution AND t.task = n.task AND ${MAY}`,
    ],
  ],
  tokens: [["token_rows", `INSERT INTO redrive_tokens SELECT * FROM tokens WHERE ${MAY}`]],
  tokens_gone: [
    [
      "tokens_gone_rows",
      `DELETE FROM redrive_tokens t USING tokens_gone n
       WHERE t.execution = ${KEYS} AND t.execution = n.execution AND t.redrive <= n.redrive AND ${MAY}`,
    ],
  ],
  forked: [
    [
      "forked_rows",
      `INSERT INTO execution_forks (id, original, original_arn, event, state, context)
       SELECT n.id, (SELECT e.id FROM executions e WHERE e.scope = n.scope AND ${isNamed("n.name")}),
         n.original_arn, n.event, n.state, n.context FROM forked n WHERE ${MAY}`,
    ],
  ],
  announced: [
    ["announced_rows", `INSERT INTO announcements (shard, text) SELECT shard, text FROM announced WHERE ${MAY}`],
  ],
  to_stop: [
    [
      "to_stop_rows",
      `INSERT INTO jobs_to_stop (execution, task, shard, since, request, handle)
       SELECT execution, task, shard, since, request, handle FROM to_stop WHERE ${MAY}
       ON CONFLICT (execution, task) DO UPDATE
       SET since = excluded.since, request = excluded.request, handle = excluded.handle`,
    ],
  ],
};

/** Of those whose rows must all be found. */
const COUNTED: { readonly [section in SectionName]?: string } = {
  advanced: "advanced_rows",
  ended: "ended_rows",
  redriven: "redriven_rows",
};

function write(sections: readonly SectionName[]): string {
  let parameter = 1;
  const keys = new Map<SectionName, string>();
  const inputs = sections.map((section) => {
    const columns = Object.entries(SECTIONS[section]);
    keys.set(section, `$${parameter + 1}`);
    const arrays = columns.map(([, type]) => `$${++parameter}::${type}[]`);
    return `${section} AS (SELECT * FROM unnest(${arrays.join(", ")}) AS n(${columns.map(([name]) => name).join(", ")}))`;
  });
  const stale = sections.flatMap((section) => STALE[section] ?? []);
  const writes = sections.flatMap((section) =>
    WRITES[section].map(([name, sql]) => `${name} AS (${sql.replace("KEYS", () => keys.get(section) ?? "")})`),
  );
  const missing = sections.flatMap((section) => {
    const rows = COUNTED[section];
    return rows === undefined ? [] : [`(SELECT count(*) FROM ${rows}) <> (SELECT count(*) FROM ${section})`];
  });
  const whole = missing.length === 0 ? "1" : `1 / CASE WHEN g.may AND (${missing.join(" OR ")}) THEN 0 ELSE 1 END`;
  return `WITH lease AS (SELECT epoch FROM leases WHERE epoch = $1 FOR KEY SHARE),
${inputs.join(",\n")},
stale AS (${stale.length === 0 ? "SELECT 0::bigint AS id WHERE false" : stale.join("\nUNION ALL ")}),
gate AS (SELECT EXISTS (SELECT 1 FROM lease) AS held,
  EXISTS (SELECT 1 FROM lease) AND NOT EXISTS (SELECT 1 FROM stale) AS may),
${writes.join(",\n")}
SELECT g.held, g.may, (SELECT string_agg(id::text, ',') FROM stale) AS stale, ${whole} AS whole FROM gate g`;
}
