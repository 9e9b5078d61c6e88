import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LoggingConfiguration, RevisionDescription } from "@stepwell/engine";
import { Rejection } from "@stepwell/engine";
import { afterAll, describe, expect, test } from "vitest";
import { change, event } from "./committed-change.test-support.ts";
import { createExecutionLogs } from "./execution-logs.ts";
import { JsonLinesFile } from "./json-lines-file.ts";
import { fileLogSink } from "./local-log-sinks.ts";
import { withLogDestinations } from "./log-destinations.ts";
import type { LogRecord, LogSink } from "./log-sink.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-logs-"));
afterAll(() => rmSync(directory, { recursive: true }));

const GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/states/orders:*";
const HISTORY = [event(1, "ExecutionStarted", { input: "{}" }), event(2, "ExecutionFailed", { error: "E" })];

function revisions(level: LoggingConfiguration["level"]) {
  const asked: string[] = [];
  const destinations = [{ cloudWatchLogsLogGroup: { logGroupArn: GROUP } }];
  const loggingConfiguration = { level, includeExecutionData: true, destinations };
  return {
    asked,
    async describeRevision(key: string) {
      asked.push(key);
      return { loggingConfiguration } as RevisionDescription;
    },
  };
}

function memorySink(): LogSink & { records: LogRecord[] } {
  const records: LogRecord[] = [];
  return {
    records,
    async send(batch) {
      records.push(...batch);
      return [];
    },
  };
}

describe("execution logs", () => {
  test("have what the level of the revision asks for, in order, in a stream for each execution", async () => {
    const sink = memorySink();
    const source = revisions("ERROR");
    const logs = createExecutionLogs({ sink, revisions: source });
    logs.committed(change({ history: HISTORY }));
    logs.committed(change({ history: [event(3, "ExecutionAborted")] }));
    logs.committed(change({ history: HISTORY, executionArn: "arn:other" }));
    await expect.poll(() => sink.records.length).toBe(3);
    logs.committed(change({ history: HISTORY }));
    await logs.close(1_000);
    expect(source.asked).toEqual(["revision"]);
    expect(sink.records.map(({ message }) => JSON.parse(message).id)).toEqual(["2", "3", "2", "2"]);
    const streams = sink.records.map(({ logStream }) => logStream);
    expect(streams[0]).toMatch(/^states\/orders\/1970-01-01-00\/[0-9a-f]{16}$/);
    expect([streams[1], streams[3]]).toEqual([streams[0], streams[0]]);
    expect(streams[2]).not.toBe(streams[0]);
    expect(sink.records[0]).toMatchObject({ logGroupArn: GROUP, timestamp: 1_000_002 });
  });

  test("of machines that log nothing cost nothing", async () => {
    const sink = memorySink();
    const logs = createExecutionLogs({ sink, revisions: revisions("OFF") });
    for (let count = 0; count < 3; count++) logs.committed(change({ history: HISTORY }));
    await logs.close(1_000);
    expect(sink.records).toEqual([]);
  });

  test("that a sink cannot take are dropped, counted, and told of once", async () => {
    const problems: string[] = [];
    let dropped = 0;
    const logs = createExecutionLogs({
      sink: {
        async send(batch, refused) {
          refused(batch.length, new Error("no such group"));
          return [];
        },
      },
      revisions: revisions("ALL"),
      dropped: (count) => {
        dropped += count;
      },
      onProblem: (problem, about) => problems.push(`${about}: ${problem}`),
    });
    for (let count = 0; count < 5; count++) {
      logs.committed(change({ history: HISTORY }));
      await expect.poll(() => dropped).toBe(2 * (count + 1));
    }
    await logs.close(1_000);
    expect(problems).toEqual(["2 execution log entries were dropped: Error: no such group"]);
  });

  test("go to a file as lines, for its owner's eyes", async () => {
    const path = join(directory, "logs", "executions.jsonl");
    const logs = createExecutionLogs({ sink: fileLogSink(path), revisions: revisions("ALL") });
    logs.committed(change({ history: HISTORY }));
    await expect.poll(() => statSync(path, { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0);
    await logs.close(1_000);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).type)).toEqual(["ExecutionStarted", "ExecutionFailed"]);
    expect(statSync(path).mode & 0o077).toBe(0);
  });
});

test("a file of lines that has grown large makes room for a new one", async () => {
  const path = join(directory, "large.jsonl");
  const file = new JsonLinesFile(path, 20);
  for (const line of ["1".repeat(15), "2".repeat(15), "3"]) await file.append([line]);
  expect(readFileSync(`${path}.1`, "utf8")).toBe(`${"1".repeat(15)}\n${"2".repeat(15)}\n`);
  expect(readFileSync(path, "utf8")).toBe("3\n");
});

describe("a log group", () => {
  const catalog = { createStateMachine: async () => "created" } as never as Parameters<typeof withLogDestinations>[0];
  const request = (level: LoggingConfiguration["level"], arn = GROUP) => ({
    name: "m",
    definition: "{}",
    roleArn: "r",
    loggingConfiguration: { level, destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: arn } }] },
  });

  test("that does not exist keeps state machines from logging to it", async () => {
    const asked: string[] = [];
    const guarded = withLogDestinations(catalog, {
      prepare: async (arn) => {
        asked.push(arn);
        return false;
      },
    });
    await expect(guarded.createStateMachine(request("ALL"))).rejects.toThrow(Rejection);
    await expect(guarded.createStateMachine(request("OFF"))).resolves.toBe("created");
    // What is no ARN is for the catalog to refuse.
    await expect(guarded.createStateMachine(request("ALL", "group"))).resolves.toBe("created");
    expect(asked).toEqual([GROUP]);
  });
});
