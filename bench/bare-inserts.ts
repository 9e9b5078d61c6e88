/**
 * The rows of recorded commits written by bare SQLite: same tables and indexes, same fsync, same groups, nothing else.
 * Once as the engine stores them, once with the history as the JSON that AWS's API gives, which is what a store without a
 * form of its own would write.
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ExecutionCommit } from "@stepwell/engine";
import { decodeHistory } from "@stepwell/engine/testing";
import { openEmbeddedRuntime } from "@stepwell/runtime-embedded";

type Write = readonly [
  statement: "execution" | "chunk" | "running" | "part" | "update" | "end" | "ended",
  ...(string | number | null)[],
];

export interface Replayed {
  readonly executionsPerSecond: number;
  readonly bytesPerExecution: number;
  readonly executionsPerGroup: number;
}

export function replayBare(
  dataDir: string,
  recorded: readonly (readonly ExecutionCommit[])[],
  history: "as stored" | "as AWS shows it",
): Replayed {
  const commits = history === "as stored" ? recorded : recorded.map((group) => group.map(withJsonHistory));
  // Made by the product, so that tables and settings are the same.
  openEmbeddedRuntime({ dataDir }).close();
  const database = new DatabaseSync(join(dataDir, "stepwell.db"));
  database.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536",
  );
  const statements = {
    execution: database.prepare(
      `INSERT INTO executions (id, scope, name, status, origin, started, stopped, version, last_event, redrive_count, output, input)
       VALUES (?, 1, ?, ?, 1, ?, ?, 1, ?, 0, ?, ?)`,
    ),
    chunk: database.prepare("INSERT INTO history_chunks VALUES (? << 24 | ?, ?, ?)"),
    running: database.prepare("INSERT INTO running VALUES (?, 1, ?, ?, ?, 0, ?, ?)"),
    part: database.prepare("INSERT OR REPLACE INTO execution_parts VALUES (? << 24 | ?, ?)"),
    ended: database.prepare("DELETE FROM running WHERE id = ?"),
    update: database.prepare("UPDATE running SET version = ?, last_event = ?, part0 = ?, part1 = ? WHERE id = ?"),
    end: database.prepare("UPDATE executions SET status = ?, stopped = ?, output = ? WHERE id = ?"),
  };
  const keys = new Map<string, number>();
  let bytes = 0;
  const groups = commits.map((group) =>
    group.flatMap((commit) => {
      const writes = writesOf(commit, keys);
      for (const write of writes) for (const value of write) bytes += typeof value === "string" ? value.length : 8;
      return writes;
    }),
  );
  const begin = performance.now();
  for (const group of groups) {
    database.exec("BEGIN IMMEDIATE");
    for (const [statement, ...parameters] of group) statements[statement].run(...parameters);
    database.exec("COMMIT");
  }
  const seconds = (performance.now() - begin) / 1_000;
  database.close();
  const changes = commits.reduce((sum, group) => sum + group.length, 0);
  return {
    executionsPerSecond: keys.size / seconds,
    bytesPerExecution: bytes / keys.size,
    executionsPerGroup: changes / commits.length,
  };
}

function writesOf(commit: ExecutionCommit, keys: Map<string, number>): Write[] {
  const { executionArn, over, end, history, parts, lastEventId } = commit;
  const isNew = !keys.has(executionArn);
  const key = keys.get(executionArn) ?? keys.size + 1;
  keys.set(executionArn, key);
  const writes: Write[] = [];
  const column = (wanted: number): string | null => parts.find(({ part }) => part === wanted)?.json ?? null;
  if (over.kind === "create" || isNew) {
    const name = executionArn.slice(executionArn.lastIndexOf(":") + 1);
    const { startedAt, input } = over.kind === "create" ? over.start : { startedAt: 0, input: "{}" };
    const ended = [
      end === undefined ? 0 : 1,
      startedAt,
      end?.stopDate ?? null,
      lastEventId,
      end?.output ?? null,
    ] as const;
    writes.push(["execution", key, name, ...ended, input]);
    const waits = [commit.wakeAt ?? null, commit.outstandingTasks ?? 0] as const;
    if (end === undefined) writes.push(["running", key, lastEventId, ...waits, column(0), column(1)]);
  } else if (end === undefined) writes.push(["update", over.version + 1, lastEventId, column(0), column(1), key]);
  else writes.push(["end", 1, end.stopDate, end.output ?? null, key], ["ended", key]);
  for (const chunk of history) writes.push(["chunk", key, chunk.firstId, chunk.lastId, chunk.text]);
  for (const { part, json } of parts) if (part > 1 && json !== null) writes.push(["part", key, part, json]);
  return writes;
}

/** The same commit with each chunk's events as a JSON array. */
function withJsonHistory(commit: ExecutionCommit): ExecutionCommit {
  const input = commit.over.kind === "create" ? commit.over.start.input : "{}";
  const texts = { input, output: commit.end?.output };
  const history = commit.history.map((chunk) => ({
    ...chunk,
    text: JSON.stringify(
      decodeHistory(chunk, texts).map(({ details, ...event }) => ({
        ...event,
        [`${event.type}EventDetails`]: details,
      })),
    ),
  }));
  return { ...commit, history };
}
