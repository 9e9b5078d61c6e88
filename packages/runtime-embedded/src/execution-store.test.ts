import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { executionStoreContract } from "@stepwell/engine/testing";
import * as vitest from "vitest";
import { migrate, openDatabase } from "./database.ts";
import { EXECUTION_SCHEMA } from "./execution-schema.ts";
import { openExecutionStore } from "./execution-store.ts";

vitest.describe("the store on SQLite in memory", () => {
  executionStoreContract(vitest, () => {
    const database = openDatabase({ dataDir: ":memory:" });
    return { store: openExecutionStore(database), close: () => database.close() };
  });
});

for (const commitThread of [false, true]) {
  vitest.describe(`the store on a SQLite file, commits on ${commitThread ? "a thread" : "the same thread"}`, () => {
    executionStoreContract(vitest, () => {
      const dataDir = mkdtempSync(join(tmpdir(), "stepwell-store-"));
      const database = openDatabase({ dataDir, durability: "normal" });
      return {
        store: openExecutionStore(database, { commitThread }),
        close(): void {
          database.close();
          rmSync(dataDir, { recursive: true, force: true });
        },
      };
    });
  });
}

vitest.test("tables of every earlier release are brought up to date with what is in them", async () => {
  for (let steps = 1; steps < EXECUTION_SCHEMA.length; steps += 1) {
    const database = openDatabase({ dataDir: ":memory:" });
    migrate(database, "executions", EXECUTION_SCHEMA.slice(0, steps));
    database.exec(
      `INSERT INTO execution_scopes VALUES (1, 'arn:aws:states:eu-west-1:1:execution:m', 'arn:aws:states:eu-west-1:1:stateMachine:m');
       INSERT INTO execution_origins VALUES (1, '{"type":"STANDARD"}');
       INSERT INTO executions VALUES (5, 1, 'old', 0, 1, NULL, NULL, 7, NULL, 1, 2, 0, NULL, NULL, NULL, NULL, NULL, '{}');
       INSERT INTO running VALUES (5, 1, 2, NULL, 1, 0, '{"head":1}', NULL);`,
    );
    if (steps > 1) database.exec("INSERT INTO announcements (text) VALUES ('told')");
    const store = openExecutionStore(database);
    const arn = "arn:aws:states:eu-west-1:1:execution:m:old";
    vitest.expect((await store.describe(arn))?.key).toBe(5);
    vitest.expect(await store.announcements(10)).toHaveLength(steps > 1 ? 1 : 0);
    await store.commit([
      {
        executionArn: arn,
        over: { kind: "advance", key: 5, version: 1 },
        lastEventId: 2,
        history: [],
        parts: [],
        tasksSubmitted: [],
        tasksSettled: [],
        activityTasksQueued: [],
        activityTasksRemoved: [],
        jobsToStop: [{ taskId: 1, since: 3, request: "{}" }],
      },
    ]);
    vitest.expect(await store.jobsToStop(10)).toEqual([{ key: 5, taskId: 1, since: 3, request: "{}" }]);
    database.close();
  }
});
