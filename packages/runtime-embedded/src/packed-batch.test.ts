import type { ExecutionCommit } from "@stepwell/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { packBatch, unpackBatch } from "./packed-batch.ts";

const NUMBER = fc.nat();
const TEXT = fc.string();

/** Any commit the port allows; members that may be absent are absent now and then. */
const COMMIT: fc.Arbitrary<ExecutionCommit> = fc.record(
  {
    executionArn: TEXT,
    over: fc.oneof(
      fc.record({ kind: fc.constant("advance" as const), key: NUMBER, version: NUMBER }),
      fc.record(
        { kind: fc.constant("create" as const), start: start(), revisionKey: TEXT, traceHeader: TEXT },
        { requiredKeys: ["kind", "start", "revisionKey"] },
      ),
    ),
    lastEventId: NUMBER,
    history: fc.array(fc.record({ firstId: NUMBER, lastId: NUMBER, text: TEXT })),
    parts: fc.array(fc.record({ part: NUMBER, json: fc.option(TEXT) })),
    wakeAt: fc.option(NUMBER),
    outstandingTasks: NUMBER,
    tasksSubmitted: fc.array(fc.record({ taskId: NUMBER, handle: TEXT }, { requiredKeys: ["taskId"] })),
    tasksSettled: fc.array(NUMBER),
    activityTasksQueued: fc.array(fc.record({ activityArn: TEXT, taskId: NUMBER })),
    activityTasksRemoved: fc.array(NUMBER),
    announcements: fc.array(TEXT, { minLength: 1 }),
    jobsToStop: fc.array(
      fc.record(
        { taskId: NUMBER, since: NUMBER, request: TEXT, handle: TEXT },
        { requiredKeys: ["taskId", "since", "request"] },
      ),
      { minLength: 1 },
    ),
    end: fc.record(
      { status: fc.constant("FAILED" as const), stopDate: NUMBER, output: TEXT, error: TEXT, cause: TEXT },
      { requiredKeys: ["status", "stopDate"] },
    ),
    redrive: fc.record(
      { redriveCount: NUMBER, redriveDate: NUMBER, clientToken: TEXT },
      { requiredKeys: ["redriveCount", "redriveDate"] },
    ),
  },
  {
    requiredKeys: [
      "executionArn",
      "over",
      "lastEventId",
      "history",
      "parts",
      "tasksSubmitted",
      "tasksSettled",
      "activityTasksQueued",
      "activityTasksRemoved",
    ],
  },
);

function start() {
  return fc.record(
    {
      executionArn: TEXT,
      executionName: TEXT,
      type: fc.constantFrom("STANDARD" as const, "EXPRESS" as const),
      stateMachineArn: TEXT,
      stateMachineName: TEXT,
      roleArn: TEXT,
      startedAt: NUMBER,
      input: TEXT,
      stateMachineVersionArn: TEXT,
      stateMachineAliasArn: TEXT,
      mapRunArn: TEXT,
      forkContext: TEXT,
      forkOf: fc.record({ executionArn: TEXT, eventId: NUMBER, stateName: TEXT }),
    },
    {
      requiredKeys: [
        "executionArn",
        "executionName",
        "type",
        "stateMachineArn",
        "stateMachineName",
        "roleArn",
        "startedAt",
        "input",
      ],
    },
  );
}

test("a batch comes out as it was put in", () => {
  fc.assert(
    fc.property(fc.array(COMMIT), (drawn) => {
      // An execution's ARN stands in the commit and in its start.
      const batch = drawn.map((commit) => {
        if (commit.over.kind === "advance") return commit;
        return {
          ...commit,
          over: { ...commit.over, start: { ...commit.over.start, executionArn: commit.executionArn } },
        };
      });
      expect(unpackBatch(structuredClone(packBatch(batch)))).toEqual(batch);
    }),
  );
});
