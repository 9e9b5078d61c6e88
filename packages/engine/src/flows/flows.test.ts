import { compileFlow, type HistoryEvent } from "@stepwell/core";
import { describe, expect, test } from "vitest";
import { DEFAULT_IDENTITY } from "../catalog/arn.ts";
import type { ExecutionDescription, StartRequest } from "../executions/executions.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import { Rejection } from "../rejection.ts";
import { MemoryCatalogStore } from "../testing/memory-catalog-store.ts";
import { SeededIds } from "../testing/seeded-ids.ts";
import { createFlowReports, type FlowReports } from "./flow-reports.ts";
import { type CreateFlow, createFlows, type Flows } from "./flows.ts";
import { createSchedules, type Schedules } from "./schedules.ts";

const START = Date.parse("2026-11-22T00:00:00Z");

function contentOf(word: string): CreateFlow {
  const definition = `type: flow, steps: pass ${word}`;
  const compiled = compileFlow({ type: "flow", steps: [{ type: "pass", name: word }] });
  if (!compiled.ok) throw new Error("must compile");
  const compiledFlow = compiled.flow;
  return { name: "f", executionMode: "Standard", definition, compiled: compiledFlow, description: word, roleArn: "" };
}

class World {
  readonly store: MemoryCatalogStore;
  readonly clock = new VirtualClock(START);
  readonly ids = new SeededIds(1);
  readonly started: StartRequest[] = [];
  readonly deleted: string[] = [];
  readonly problems: unknown[] = [];
  readonly flows: Flows;
  readonly schedules: Schedules;
  startAnswer: () => Promise<void> = async () => undefined;

  constructor(store = new MemoryCatalogStore()) {
    this.store = store;
    const { clock, ids } = this;
    this.flows = createFlows({
      store,
      executionStore: { list: async () => ({ items: [] }), delete: async () => undefined },
      executions: { stateMachineDeleted: async (arn) => void this.deleted.push(arn) },
      clock,
      ids,
      identity: DEFAULT_IDENTITY,
    });
    this.schedules = createSchedules({
      store,
      flows: this.flows,
      executions: {
        start: async (request) => {
          await this.startAnswer();
          this.started.push(request);
          return { executionArn: "", startDate: clock.now() };
        },
      },
      clock,
      ids,
      onProblem: (problem) => void this.problems.push(problem),
    });
  }
}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 50; n++) await Promise.resolve();
};

describe("flows", () => {
  test("are there once, change what is given, and have another id when they are made again", async () => {
    const { flows, deleted } = new World();
    const first = await flows.create(contentOf("one"));
    await expect(flows.create(contentOf("one"))).rejects.toMatchObject({ name: "FlowAlreadyExists" });
    const updated = await flows.update("f", { description: "new" });
    expect(updated).toMatchObject({ description: "new", definition: first.definition, id: first.id });
    await flows.delete("f");
    expect(deleted).toEqual([first.stateMachineArn]);
    await expect(flows.describe("f")).rejects.toMatchObject({ name: "FlowNotExists" });
    const second = await flows.create(contentOf("one"));
    expect(second.id).not.toBe(first.id);
    expect([first.incarnation, second.incarnation]).toEqual([0, 1]);
  });

  test("a deletion that was interrupted is ended by whoever makes the flow anew", async () => {
    const world = new World();
    const { stateMachineArn } = await world.flows.create(contentOf("one"));
    const row = await world.store.stateMachine(stateMachineArn);
    if (row === undefined) throw new Error("must be there");
    const stateMachine = { ...row, status: "DELETING" as const, etag: "crashed" };
    await world.store.commitStateMachine({ stateMachineArn, expectedEtag: row.etag, stateMachine });
    await expect(world.flows.describe("f")).rejects.toMatchObject({ name: "FlowNotExists" });
    expect((await world.flows.create(contentOf("two"))).incarnation).toBe(1);
    expect((await world.flows.describe("f")).description).toBe("two");
  });

  test("a change on an old etag is PreconditionFailed; one that never gets through a ConcurrentUpdateError", async () => {
    const world = new World();
    const { etag } = await world.flows.create(contentOf("one"));
    await world.flows.update("f", { description: "new", expectedEtag: etag });
    const late = world.flows.update("f", { description: "newer", expectedEtag: etag });
    await expect(late).rejects.toMatchObject({ name: "PreconditionFailed" });
    world.store.commitStateMachine = async () => false;
    await expect(world.flows.update("f", {})).rejects.toMatchObject({ name: "ConcurrentUpdateError" });
    await expect(world.flows.delete("f")).rejects.toMatchObject({ name: "ConcurrentUpdateError" });
  });

  test("each publication is a version; the catalog resolves aliases by relative weight", async () => {
    const { flows } = new World();
    await flows.create(contentOf("one"));
    expect(await flows.publishVersion("f", "a")).toMatchObject({ version: 1, description: "a" });
    expect(await flows.publishVersion("f", "b")).toMatchObject({ version: 2, description: "b" });
    const routes = [{ version: 1, weight: 30 }];
    await flows.putAlias("f", { name: "live", routes }, "create");
    await expect(flows.putAlias("f", { name: "live", routes }, "create")).rejects.toMatchObject({
      name: "FlowAliasAlreadyExists",
    });
    await expect(flows.deleteVersion("f", 1)).rejects.toMatchObject({ name: "InvalidArgument" });
    await flows.deleteVersion("f", 2);
    expect((await flows.publishVersion("f", "c")).version).toBe(3);
  });
});

describe("schedules", () => {
  const content = { cronExpression: "0 * * * * *", description: "", payload: '{"x":1}', enable: true };

  test("start once at each time, under a name made of the time", async () => {
    const world = new World();
    await world.flows.create(contentOf("one"));
    await world.schedules.create("f", "s", content);
    world.schedules.run();
    for (const seconds of [30, 60, 90, 120]) {
      await turns();
      world.clock.advanceTo(START + seconds * 1000);
    }
    await turns();
    expect(world.started.map(({ name }) => name)).toEqual(["s-20261122T000100000Z", "s-20261122T000200000Z"]);
    expect(JSON.parse(world.started[0]?.input ?? "")).toEqual({
      payload: { x: 1 },
      triggerName: "s",
      triggerTime: "2026-11-22T00:01:00.000Z",
    });
    await world.schedules.stop();
  });

  test("a time missed while nobody served is made up for once, after a restart", async () => {
    const world = new World();
    await world.flows.create(contentOf("one"));
    await world.schedules.create("f", "s", content);
    const restarted = new World(world.store);
    restarted.clock.advanceTo(START + 600_000);
    restarted.schedules.run();
    await turns();
    expect(restarted.started.map(({ name }) => name)).toEqual(["s-20261122T000100000Z"]);
    await restarted.schedules.stop();
  });

  test("a start that fails for the moment is tried again; one that was done before is not", async () => {
    const world = new World();
    await world.flows.create(contentOf("one"));
    await world.schedules.create("f", "s", content);
    const answers = [new Error("away"), new Rejection("ExecutionAlreadyExists", "")];
    world.startAnswer = async () => {
      const answer = answers.shift();
      if (answer !== undefined) throw answer;
    };
    world.clock.advanceTo(START + 60_000);
    world.schedules.run();
    await turns();
    expect(world.problems).toHaveLength(1);
    world.clock.advanceTo(START + 90_000);
    await turns();
    expect(answers).toEqual([]);
    expect(world.started).toEqual([]);
    expect(await world.store.nextDueRecord("cloudflow-schedule")).toBe(START + 120_000);
    await world.schedules.stop();
  });
});

describe("reports that executions owe", () => {
  function reportsOf(
    world: World,
    execution: () => Partial<ExecutionDescription> | undefined,
    sent: string[],
  ): FlowReports {
    return createFlowReports({
      ...world,
      executions: {
        async describe(arn) {
          const found = execution();
          if (found === undefined) throw new Rejection("ExecutionDoesNotExist", arn);
          return found as ExecutionDescription;
        },
        async *watch(): AsyncGenerator<HistoryEvent> {
          // The execution has ended.
        },
        sendTaskSuccess: async (token, output) => void sent.push(`${token} succeeded ${output}`),
        sendTaskFailure: async (token, error, cause) => void sent.push(`${token} failed ${error} ${cause}`),
      },
      onProblem: (problem) => void world.problems.push(problem),
    });
  }

  test.each([
    [{ status: "SUCCEEDED", output: "{}" }, "token succeeded {}"],
    [{ status: "FAILED", error: "E", cause: "C" }, "token failed E C"],
    [{ status: "TIMED_OUT" }, "token failed FnF.Timeout "],
    [{ status: "ABORTED" }, "token failed FnF.Stopped "],
  ] as const)("%j", async (ended, wanted) => {
    const world = new World();
    const sent: string[] = [];
    const reports = reportsOf(world, () => ended, sent);
    reports.run();
    expect(await reports.owe("arn", "token")).toBe(true);
    expect(await reports.owe("arn", "other")).toBe(false);
    reports.started("arn");
    await turns();
    expect(sent).toEqual([wanted]);
    expect(await world.store.records("cloudflow-report", "", undefined, 9)).toEqual([]);
    await reports.stop();
  });

  test("what was owed before a restart is reported after it; a start that never was is forgotten", async () => {
    const world = new World();
    const sent: string[] = [];
    await reportsOf(world, () => undefined, sent).owe("arn", "token");
    const later = new World(world.store);
    const reports = reportsOf(later, () => ({ status: "SUCCEEDED", output: "1" }), sent);
    reports.run();
    await turns();
    expect(sent).toEqual(["token succeeded 1"]);
    await reports.stop();

    await reportsOf(world, () => undefined, sent).owe("never", "token");
    const last = new World(world.store);
    last.clock.advanceTo(START + 700_000);
    const forgetful = reportsOf(last, () => undefined, sent);
    forgetful.run();
    await turns();
    expect(await world.store.records("cloudflow-report", "", undefined, 9)).toEqual([]);
    await forgetful.stop();
  });
});
