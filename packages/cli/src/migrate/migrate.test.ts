import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ExecutionStore, MapRunStore } from "@stepwell/engine";
import { openEmbeddedRuntime } from "@stepwell/runtime-embedded";
import { type PostgresServer, postgresPrograms, startPostgres } from "@stepwell/runtime-postgres/testing";
import { Command } from "commander";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeStepwell, type Stepwell } from "../compose.ts";
import { addMigrateCommand } from "../program/migrate.ts";

const isHere = postgresPrograms() !== undefined;
if (!isHere) console.log("SKIPPED: stepwell migrate: there is no PostgreSQL here");

const directory = mkdtempSync(join(tmpdir(), "stepwell-migrate-"));
const roleArn = "arn:aws:iam::123456789012:role/r";
let server: PostgresServer;

const distributed = (type: string) => ({
  Type: "Map",
  ItemsPath: "$.items",
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: type },
    StartAt: "P",
    States: { P: { Type: "Pass", End: true } },
  },
  End: true,
});

describe.runIf(isHere)("stepwell migrate", () => {
  beforeAll(async () => {
    server = await startPostgres({ fsync: "off" });
  }, 180_000);
  afterAll(() => {
    server.remove();
    rmSync(directory, { recursive: true, force: true });
  });

  test("moves everything into PostgreSQL, where it goes on, and back", { timeout: 60_000 }, async () => {
    const [first, second] = [join(directory, "first"), join(directory, "second")];
    const before = await composeStepwell({ dataDir: first });
    const arns = await fill(before);
    const described = await describeAll(before, arns);
    await before.close();
    await oweSomething(first, arns);

    await migrate("--data", first, "--database", server.url);
    const shared = await composeStepwell({ dataDir: ":memory:", database: { url: server.url } });
    expect(await describeAll(shared, arns)).toEqual(described);
    await shared.close();

    await migrate("--data", second, "--database", server.url, "--back");
    const [one, other] = [openEmbeddedRuntime({ dataDir: first }), openEmbeddedRuntime({ dataDir: second })];
    expect(await contents(other.executionStore, other.mapRunStore)).toEqual(
      await contents(one.executionStore, one.mapRunStore),
    );
    one.close();
    other.close();
    await expect(migrate("--data", second, "--database", server.url)).rejects.toThrow("must be empty");

    const after = await composeStepwell({ dataDir: ":memory:", database: { url: server.url } });
    const { activityArn } = await after.catalog.createActivity({ name: "work", tags: [] });
    const task = await after.executions.getActivityTask(activityArn, "w", 5_000, new AbortController().signal);
    await after.executions.sendTaskSuccess(task?.taskToken ?? "", '"worked"');
    const [working = ""] = arns.filter((arn) => arn.endsWith(":working"));
    await expect
      .poll(async () => (await after.executions.describe(working)).output, { timeout: 5_000 })
      .toBe('"worked"');
    await after.close();
  });
});

async function migrate(...args: string[]): Promise<void> {
  const program = new Command().exitOverride();
  addMigrateCommand(program, () => undefined);
  await program.parseAsync(["migrate", ...args], { from: "user" });
}

/** State machines and executions of every kind; their ARNs. */
async function fill(stepwell: Stepwell): Promise<string[]> {
  const { catalog, executions } = stepwell;
  const create = async (name: string, states: object, first: string): Promise<string> => {
    const definition = JSON.stringify({ StartAt: first, States: states });
    const created = await catalog.createStateMachine({ name, definition, roleArn, type: "STANDARD", tags: [] });
    return created.stateMachineArn;
  };
  const { activityArn } = await catalog.createActivity({ name: "work", tags: [] });
  const pass = await create("pass", { P: { Type: "Pass", End: true } }, "P");
  const fail = await create("fail", { F: { Type: "Fail", Error: "E", Cause: "c" } }, "F");
  const wait = await create("wait", { W: { Type: "Wait", Seconds: 3_600, End: true } }, "W");
  const work = await create("work", { T: { Type: "Task", Resource: activityArn, End: true } }, "T");
  const maps = await create("maps", { M: distributed("STANDARD") }, "M");
  const express = await create("express-maps", { M: distributed("EXPRESS") }, "M");
  const start = async (stateMachineArn: string, name: string, input = "{}"): Promise<string> =>
    (await executions.start({ stateMachineArn, name, input })).executionArn;
  const items = JSON.stringify({ items: [1, 2, 3] });
  const arns = [
    await start(pass, "passed", '{"n":1}'),
    await start(fail, "failed"),
    await start(wait, "waiting"),
    await start(work, "working"),
    await start(maps, "mapped", items),
    await start(express, "mapped", items),
  ];
  const [, failed = ""] = arns;
  await executions.redrive(failed, "token-1");
  for (const arn of arns.slice(-2)) {
    await expect.poll(async () => (await executions.describe(arn)).status, { timeout: 10_000 }).toBe("SUCCEEDED");
  }
  // What its executions began with is kept when a machine is gone.
  await catalog.deleteStateMachine(pass);
  return arns;
}

/** A job that somebody has to stop. */
async function oweSomething(dataDir: string, arns: readonly string[]): Promise<void> {
  const runtime = openEmbeddedRuntime({ dataDir });
  const [, , executionArn = ""] = arns;
  const execution = await runtime.executionStore.describe(executionArn);
  if (execution === undefined) throw new Error(`${executionArn} must be there`);
  const { key, version, lastEventId } = execution;
  const request = { executionArn, stateName: "J", resource: { kind: "service", service: "nobody", arn: "arn" } };
  await runtime.executionStore.commit([
    {
      executionArn,
      over: { kind: "advance", key, version },
      lastEventId,
      history: [],
      parts: [],
      tasksSubmitted: [],
      tasksSettled: [],
      activityTasksQueued: [],
      activityTasksRemoved: [],
      jobsToStop: [{ taskId: 3, since: Date.now(), request: JSON.stringify(request), handle: "{}" }],
    },
  ]);
  runtime.close();
}

async function describeAll({ executions, catalog }: Stepwell, arns: readonly string[]): Promise<unknown[]> {
  const all: unknown[] = [await catalog.listStateMachines({ limit: 100 })];
  for (const arn of arns) {
    const history = await executions.history(arn, { limit: 100, reverse: false });
    all.push(await executions.describe(arn), history, await executions.mapRuns?.list(arn, { limit: 9 }));
  }
  return all;
}

/** Everything that is stored, but keys and versions, which are a store's own. */
async function contents(executions: ExecutionStore, mapRuns: MapRunStore): Promise<unknown[]> {
  const jobs = await executions.jobsToStop(10);
  expect(jobs).toHaveLength(1);
  const all: unknown[] = jobs.map(({ key: _, ...job }) => job);
  for (const { executionArn } of await executions.all(1_000)) {
    const [loaded] = await executions.load([executionArn]);
    const { key: _, version: _v, ...execution } = loaded ?? { key: 0, version: 0 };
    const runs = await mapRuns.ofExecution(executionArn, 10);
    const children = await Promise.all(runs.map((run) => mapRuns.children(run.key, { limit: 100, texts: true })));
    const history = await executions.history(executionArn, { from: 1, limit: 1_000, reverse: false });
    all.push({ execution, history, tokens: await executions.redriveTokens(executionArn), runs, children });
  }
  return all;
}
