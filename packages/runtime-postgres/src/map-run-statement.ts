/** The statement that commits a run with its children: T1–T3 of commit-statement.ts hold for it too. */
import type { BegunAgainChild, BegunChild, ChildEnd, MapRunCommit, StoredChild, StoredMapRun } from "@stepwell/engine";
import { Column } from "./binary-array.ts";
import type { Value } from "./database.ts";
import { childStatusCode } from "./map-run-rows.ts";

const RUNNING = childStatusCode("RUNNING");
const PENDING_REDRIVE = childStatusCode("PENDING_REDRIVE");

const END = { stopped: "int8", error: "bytea", cause: "bytea", output: "text" } as const;
const COLUMNS = {
  begun: {
    position: "int4",
    status: "int4",
    first_item: "int4",
    items: "int4",
    started: "int8",
    generation: "int4",
    key: "bytea",
    input: "text",
    ...END,
  },
  again: { position: "int4", status: "int4", redriven: "int8", generation: "int4", ...END },
  ended: { position: "int4", status: "int4", ...END },
} as const;

type Part = keyof typeof COLUMNS;
const PARTS = Object.keys(COLUMNS) as Part[];

type RowOf<P extends Part> = { readonly [column in keyof (typeof COLUMNS)[P]]: Value | undefined };

/** `run`, its version and its key come first: $1 to $5. */
const FIRST_COLUMN = 6;

const inputs = ((): string => {
  let parameter = FIRST_COLUMN;
  return PARTS.map((part) => {
    const columns = Object.entries(COLUMNS[part]);
    const arrays = columns.map(([, type]) => `$${parameter++}::${type}[]`);
    return `${part} AS (SELECT * FROM unnest(${arrays.join(", ")}) AS n(${columns.map(([name]) => name).join(", ")}))`;
  }).join(",\n");
})();

const MAY = "(SELECT may FROM gate)";
// Rows are looked up by their keys, however the statement was planned: see T4 of commit-statement.ts.
const statusNow = "(SELECT c.status FROM map_run_children c WHERE c.run = $5 AND c.position = n.position)";

/** An update finds them by its join, if it has to among all that lie between: of a run alone the planner may expect few. */
const among = (part: Part): string =>
  `c.position BETWEEN (SELECT min(position) FROM ${part}) AND (SELECT max(position) FROM ${part})`;

const REDRIVE = `redriven_rows AS (UPDATE map_run_children SET status = ${PENDING_REDRIVE}
  WHERE run = $5 AND status IN (2, 3, 4) AND ${MAY}),`;

/** The text; `MAP_RUN_COMMITS.redriving` also makes what failed wait to be begun again. */
export const MAP_RUN_COMMITS: { readonly plain: string; readonly redriving: string } = {
  plain: textOf(""),
  redriving: textOf(REDRIVE),
};

function textOf(more: string): string {
  return `WITH lease AS (SELECT epoch FROM leases WHERE epoch = $1 FOR KEY SHARE),
${inputs},
gate AS (SELECT EXISTS (SELECT 1 FROM lease) AS held, EXISTS (SELECT 1 FROM lease)
  AND EXISTS (SELECT 1 FROM map_runs WHERE id = $5 AND version = $2)
  AND NOT EXISTS (SELECT 1 FROM begun n WHERE ${statusNow} IS NOT NULL)
  AND NOT EXISTS (SELECT 1 FROM again n WHERE ${statusNow} IS DISTINCT FROM ${PENDING_REDRIVE})
  AND NOT EXISTS (SELECT 1 FROM ended n WHERE ${statusNow} IS DISTINCT FROM ${RUNNING}) AS may),
run_row AS (UPDATE map_runs SET version = $2 + 1, stopped = $3, json = $4
  WHERE id = $5 AND version = $2 AND ${MAY} RETURNING id),
${more}
begun_rows AS (INSERT INTO map_run_children
    (run, position, status, first_item, items, started, generation, key, input, stopped, error, cause, output)
  SELECT $5, position, status, first_item, items, started, generation, key, input, stopped, error, cause, output
  FROM begun WHERE ${MAY}),
again_rows AS (UPDATE map_run_children c SET status = n.status, redrive_count = c.redrive_count + 1,
    redriven = n.redriven, generation = n.generation, stopped = n.stopped, error = n.error, cause = n.cause,
    output = CASE WHEN n.output = c.input THEN '' ELSE n.output END
  FROM again n WHERE c.run = $5 AND ${among("again")} AND c.position = n.position
    AND c.status = ${PENDING_REDRIVE} AND ${MAY}
  RETURNING c.position),
ended_rows AS (UPDATE map_run_children c SET status = n.status, stopped = n.stopped, error = n.error, cause = n.cause,
    output = CASE WHEN n.output = c.input THEN '' ELSE n.output END
  FROM ended n WHERE c.run = $5 AND ${among("ended")} AND c.position = n.position
    AND c.status = ${RUNNING} AND ${MAY}
  RETURNING c.position)
SELECT g.held, g.may, 1 / CASE WHEN g.may AND ((SELECT count(*) FROM run_row) <> 1
    OR (SELECT count(*) FROM again_rows) <> (SELECT count(*) FROM again)
    OR (SELECT count(*) FROM ended_rows) <> (SELECT count(*) FROM ended)) THEN 0 ELSE 1 END AS whole
FROM gate g`;
}

export function mapRunParameters(
  epoch: number,
  { run, begun = [], begunAgain = [], ended = [] }: MapRunCommit,
): Value[] {
  const columns = {
    begun: begun.map(begunRow),
    again: begunAgain.map(againRow),
    ended: ended.map(({ index, end }) => ({ position: index, ...endRow(end) })),
  };
  return [
    epoch,
    run.version,
    stoppedOf(run),
    JSON.stringify({ ...run, version: run.version + 1 }),
    run.key,
    ...PARTS.flatMap((part) => encode(part, columns[part] as RowOf<typeof part>[])),
  ];
}

function encode<P extends Part>(part: P, rows: readonly RowOf<P>[]): Buffer[] {
  return Object.entries(COLUMNS[part]).map(([name, type]) => {
    const column = new Column(type);
    for (const row of rows) column.push(row[name as keyof RowOf<P>]);
    return column.encode();
  });
}

function begunRow({ index, firstItem, items, startedAt, generation, key, input, end }: BegunChild): RowOf<"begun"> {
  const row = endRow(end);
  return {
    position: index,
    first_item: firstItem,
    items,
    started: startedAt,
    generation,
    key: bytes(key),
    input,
    ...row,
    output: row.output === input ? "" : row.output,
  };
}

function againRow({ index, at, generation, end }: BegunAgainChild): RowOf<"again"> {
  return { position: index, redriven: at, generation, ...endRow(end) };
}

function endRow(end: ChildEnd | undefined): Omit<RowOf<"ended">, "position"> {
  return {
    status: end === undefined ? RUNNING : childStatusCode(end.status),
    stopped: end?.stoppedAt,
    error: bytes(end?.error),
    cause: bytes(end?.cause),
    output: end?.output,
  };
}

const RESTORED = {
  position: "int4",
  status: "int4",
  first_item: "int4",
  items: "int4",
  started: "int8",
  stopped: "int8",
  redrive_count: "int4",
  redriven: "int8",
  generation: "int4",
  key: "bytea",
  error: "bytea",
  cause: "bytea",
  output: "text",
  input: "text",
} as const;

/** Rows of children as another store has them; $1 is the run. */
export function restoredChildren(children: readonly StoredChild[]): { text: string; values: Buffer[] } | undefined {
  if (children.length === 0) return undefined;
  const names = Object.keys(RESTORED);
  const types = Object.values(RESTORED);
  const columns = types.map((type) => new Column(type));
  for (const child of children) {
    const { index, status, firstItem, items, startedAt, stoppedAt, redriveCount, redrivenAt, generation } = child;
    const output = child.output === child.input ? "" : child.output;
    const numbers = [
      childStatusCode(status),
      firstItem,
      items,
      startedAt,
      stoppedAt,
      redriveCount,
      redrivenAt,
      generation,
    ];
    const texts = [bytes(child.key), bytes(child.error), bytes(child.cause), output, child.input];
    for (const [i, value] of [index, ...numbers, ...texts].entries()) columns[i]?.push(value);
  }
  const arrays = types.map((type, i) => `$${i + 2}::${type}[]`).join(", ");
  const text = `INSERT INTO map_run_children (run, ${names.join(", ")}) SELECT $1, n.* FROM unnest(${arrays}) AS n`;
  return { text, values: columns.map((column) => column.encode()) };
}

function bytes(text: string | undefined): Buffer | undefined {
  return text === undefined ? undefined : Buffer.from(text);
}

/** Runs that go on are found by having no time of stopping. */
export function stoppedOf(run: StoredMapRun): number | null {
  return run.status === "RUNNING" ? null : (run.stopDate ?? run.startDate);
}
