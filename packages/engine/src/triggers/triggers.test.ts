import { describe, expect, test } from "vitest";
import { DEFAULT_IDENTITY } from "../catalog/arn.ts";
import type { StartRequest } from "../executions/executions.ts";
import { VirtualClock } from "../ports/virtual-clock.ts";
import { Rejection } from "../rejection.ts";
import { MemoryCatalogStore } from "../testing/memory-catalog-store.ts";
import { SeededIds } from "../testing/seeded-ids.ts";
import { type TriggerContent, triggerProblems } from "./trigger.ts";
import { createTriggers, type Triggers } from "./triggers.ts";

const START = Date.parse("2026-11-22T00:00:00Z");
const MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
const RULE = "arn:aws:events:us-east-1:123456789012:rule/r";
const SCHEDULE = "arn:aws:scheduler:us-east-1:123456789012:schedule/default/s";

class World {
  readonly started: StartRequest[] = [];
  readonly problems: string[] = [];
  readonly triggers: Triggers;
  readonly clock: VirtualClock;
  answer: (request: StartRequest) => void = () => undefined;

  constructor(ports: { readonly store: MemoryCatalogStore; readonly clock: VirtualClock; readonly seed?: number }) {
    const { store, clock, seed = 1 } = ports;
    this.clock = clock;
    this.triggers = createTriggers({
      store,
      clock,
      ids: new SeededIds(seed),
      identity: DEFAULT_IDENTITY,
      executions: {
        start: async (request) => {
          this.answer(request);
          this.started.push(request);
          return { executionArn: `e:${request.name}`, startDate: clock.now() };
        },
      },
      onProblem: (problem) => void this.problems.push(String(problem)),
    });
  }

  get inputs(): unknown[] {
    return this.started.map(({ input = "" }) => JSON.parse(input));
  }
}

function world(): World {
  return new World({ store: new MemoryCatalogStore(), clock: new VirtualClock(START) });
}

function content(given: Partial<TriggerContent> = {}): TriggerContent {
  return { scheduleExpression: "rate(1 minute)", state: "ENABLED", targets: [{ id: "t", arn: MACHINE }], ...given };
}

const turns = async (): Promise<void> => {
  for (let n = 0; n < 100; n++) await Promise.resolve();
};

async function at(clock: VirtualClock, ...seconds: number[]): Promise<void> {
  for (const second of seconds) {
    await turns();
    clock.advanceTo(START + second * 1000);
  }
  await turns();
}

describe("rules with a schedule", () => {
  test("start their state machine with EventBridge's event, once each time, after the first interval", async () => {
    const { triggers, clock, started } = world();
    await triggers.put(RULE, content());
    triggers.run();
    await at(clock, 30, 60, 60.001, 90, 120);
    expect(started.map(({ stateMachineArn }) => stateMachineArn)).toEqual([MACHINE, MACHINE]);
    expect(new Set(started.map(({ name }) => name)).size).toBe(2);
    expect(started[0]?.name).toMatch(/^[0-9a-f-]{36}_[0-9a-f-]{36}$/);
    expect(JSON.parse(started[0]?.input ?? "")).toEqual({
      version: "0",
      id: started[0]?.name?.slice(0, 36),
      "detail-type": "Scheduled Event",
      source: "aws.events",
      account: "123456789012",
      time: "2026-11-22T00:01:00Z",
      region: "us-east-1",
      resources: [RULE],
      detail: {},
    });
    expect(await triggers.find(RULE)).toMatchObject({
      dueAt: START + 180_000,
      last: { at: START + 120_000, problems: [] },
    });
    await triggers.stop();
  });

  test("give a constant, a part of the event, or what a template makes of it", async () => {
    const it = world();
    const inputTransformer = {
      inputPathsMap: { when: "$.time", who: "$.resources[0]", gone: "$.detail.none" },
      inputTemplate:
        '{"when": <when>, "text": "<who> at \\"<when>\\"", "gone": <gone>, "rule": "<aws.events.rule-name>", "event": <aws.events.event>}',
    };
    const targets = [
      { id: "a", arn: MACHINE, input: '{"a":1}' },
      { id: "b", arn: MACHINE, inputPath: "$.resources" },
      { id: "c", arn: MACHINE, inputTransformer },
    ];
    await it.triggers.put(RULE, content({ targets }));
    it.triggers.run();
    await at(it.clock, 60);
    const time = "2026-11-22T00:01:00Z";
    expect(it.inputs).toEqual([
      { a: 1 },
      [RULE],
      {
        when: time,
        text: `${RULE} at "${time}"`,
        gone: "",
        rule: "r",
        event: expect.not.objectContaining({ detail: {} }),
      },
    ]);
    await it.triggers.stop();
  });

  test("are started by one of several processes, and by another when that one is away", async () => {
    const shared = { store: new MemoryCatalogStore(), clock: new VirtualClock(START) };
    const one = new World({ ...shared, seed: 1 });
    const two = new World({ ...shared, seed: 2 });
    await one.triggers.put(RULE, content());
    one.answer = () => {
      throw new Error("the store is away");
    };
    one.triggers.run();
    await at(shared.clock, 60);
    expect(one.problems).toEqual(["Error: the store is away"]);
    await one.triggers.stop();
    two.triggers.run();
    await at(shared.clock, 61, 91, 120);
    expect(two.inputs).toMatchObject([{ time: "2026-11-22T00:01:00Z" }, { time: "2026-11-22T00:02:00Z" }]);
    await two.triggers.stop();
  });

  test("two processes start each time once", async () => {
    const shared = { store: new MemoryCatalogStore(), clock: new VirtualClock(START) };
    const worlds = [1, 2, 3].map((seed) => new World({ ...shared, seed }));
    await worlds[0]?.triggers.put(RULE, content());
    for (const { triggers } of worlds) triggers.run();
    await at(shared.clock, 60, 120, 180, 240);
    const names = worlds.flatMap(({ started }) => started.map(({ name }) => name));
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
    for (const { triggers } of worlds) await triggers.stop();
  });

  test("an execution that is there already is that of this time", async () => {
    const it = world();
    it.answer = () => {
      throw new Rejection("ExecutionAlreadyExists", "there");
    };
    await it.triggers.put(RULE, content());
    it.triggers.run();
    await at(it.clock, 60);
    const { last } = (await it.triggers.find(RULE)) ?? {};
    expect(last?.executionArns[0]).toMatch(/^arn:aws:states:us-east-1:123456789012:execution:m:/);
    expect(last?.problems).toEqual([]);
    await it.triggers.stop();
  });

  test("what is refused is shown, and the next time comes", async () => {
    const it = world();
    it.answer = () => {
      throw new Rejection("StateMachineDoesNotExist", "not there");
    };
    await it.triggers.put(RULE, content());
    it.triggers.run();
    await at(it.clock, 60);
    expect(await it.triggers.find(RULE)).toMatchObject({
      dueAt: START + 120_000,
      last: { problems: ["StateMachineDoesNotExist: not there"] },
    });
    await it.triggers.stop();
  });

  test("what was missed while nobody served is not made up for, a moment's delay is", async () => {
    const it = world();
    await it.triggers.put(RULE, content());
    await at(it.clock, 100);
    it.triggers.run();
    await turns();
    expect(it.inputs).toMatchObject([{ time: "2026-11-22T00:01:00Z" }]);
    await it.triggers.stop();
    await at(it.clock, 1000);
    it.triggers.run();
    await at(it.clock, 1020);
    expect(it.inputs).toMatchObject([{ time: "2026-11-22T00:01:00Z" }, { time: "2026-11-22T00:17:00Z" }]);
    await it.triggers.stop();
  });

  test("disabled, deleted, or changed, they follow at once", async () => {
    const it = world();
    await it.triggers.put(RULE, content());
    it.triggers.run();
    await at(it.clock, 60);
    await it.triggers.put(RULE, content({ targets: [{ id: "t", arn: MACHINE, input: "7" }] }));
    await at(it.clock, 120);
    expect(it.inputs.at(-1)).toBe(7);
    await it.triggers.put(RULE, content({ state: "DISABLED" }));
    await at(it.clock, 180, 240);
    expect(it.started).toHaveLength(2);
    await it.triggers.put(RULE, content());
    await at(it.clock, 299, 300);
    expect(it.started).toHaveLength(3);
    expect(await it.triggers.delete(RULE)).toBe(true);
    expect(await it.triggers.delete(RULE)).toBe(false);
    await at(it.clock, 360, 420);
    expect(it.started).toHaveLength(3);
    expect(await it.triggers.list(undefined, 10)).toEqual([]);
    await it.triggers.stop();
  });
});

describe("schedules of EventBridge Scheduler", () => {
  test("a rate begins at once, or at its start date, and ends with its end date", async () => {
    const it = world();
    await it.triggers.put(SCHEDULE, content({ endDate: START + 60_000 }));
    await it.triggers.put(`${SCHEDULE}2`, content({ startDate: START + 90_000, endDate: START + 200_000 }));
    it.triggers.run();
    await at(it.clock, 0, 60, 90, 120, 150, 180, 210, 300);
    expect(it.inputs).toMatchObject([
      { time: "2026-11-22T00:00:00Z", source: "aws.scheduler", detail: "{}", resources: [SCHEDULE] },
      { time: "2026-11-22T00:01:00Z" },
      { time: "2026-11-22T00:01:30Z" },
      { time: "2026-11-22T00:02:30Z" },
    ]);
    expect((await it.triggers.find(SCHEDULE))?.dueAt).toBeUndefined();
    await it.triggers.stop();
  });

  test("context attributes stand in the input; once is once, and may be the end of it", async () => {
    const it = world();
    const input = '{"at":"<aws.scheduler.scheduled-time>","id":"<aws.scheduler.execution-id>","x":"<other>"}';
    await it.triggers.put(
      SCHEDULE,
      content({
        scheduleExpression: "at(2026-11-22T01:05:00)",
        scheduleExpressionTimezone: "Europe/Berlin",
        actionAfterCompletion: "DELETE",
        targets: [{ id: "t", arn: `${MACHINE}:live`, input }],
      }),
    );
    it.triggers.run();
    await at(it.clock, 200, 300, 400);
    const [{ stateMachineArn, name } = {}] = it.started;
    expect(stateMachineArn).toBe(`${MACHINE}:live`);
    expect(it.inputs).toEqual([{ at: "2026-11-22T00:05:00Z", id: name, x: "<other>" }]);
    expect(await it.triggers.find(SCHEDULE)).toBeUndefined();
    await it.triggers.stop();
  });
});

describe("rules with an event pattern", () => {
  const EVENT = { id: "e1", time: "2026-11-22T00:00:00Z", source: "aws.states", detail: { status: "FAILED" } };
  const eventPattern = { source: ["aws.states"], detail: { status: ["FAILED"] } };

  test("start their targets for the events they mean, under names that are the same when an event comes again", async () => {
    const it = world();
    expect(it.triggers.wantsAny()).toBe(false);
    const { scheduleExpression: _, ...rule } = content({ eventPattern });
    await it.triggers.put(RULE, rule);
    await it.triggers.put(`${RULE}2`, { ...rule, state: "DISABLED" });
    expect(it.triggers.wants(EVENT)).toBe(true);
    const other = { ...EVENT, detail: { status: "RUNNING" } };
    expect(it.triggers.wants(other)).toBe(false);
    await it.triggers.deliver([other, EVENT]);
    await it.triggers.deliver([EVENT, { ...EVENT, id: "e2" }]);
    const names = it.started.map(({ name }) => name);
    expect(names[0]).toMatch(/^e1_/);
    expect(names[1]).toBe(names[0]);
    expect(names[2]).toMatch(/^e2_/);
    expect(it.inputs[0]).toEqual(EVENT);
    await it.triggers.delete(RULE);
    expect(it.triggers.wantsAny()).toBe(false);
  });

  test("what a machine refuses is told, what is away must come again", async () => {
    const it = world();
    const { scheduleExpression: _, ...rule } = content({ eventPattern });
    await it.triggers.put(RULE, rule);
    it.answer = () => {
      throw new Rejection("StateMachineDoesNotExist", "not there");
    };
    await it.triggers.deliver([EVENT]);
    expect(it.problems).toEqual(["StateMachineDoesNotExist: not there"]);
    it.answer = () => {
      throw new Error("away");
    };
    await expect(it.triggers.deliver([EVENT])).rejects.toThrow("away");
  });
});

describe("what is wrong is told", () => {
  const target = { id: "t", arn: MACHINE };
  test.each<[string, Partial<TriggerContent>, string]>([
    ["arn:aws:events:us-east-1:123456789012:queue/r", {}, "must have the ARN of a rule or of a schedule"],
    [RULE, { scheduleExpression: "rate(5 minute)" }, "/scheduleExpression rate must be 5 minutes"],
    [RULE, { scheduleExpressionTimezone: "Europe/Berlin" }, "/scheduleExpressionTimezone is for schedules"],
    [SCHEDULE, { eventPattern: { source: ["aws.states"] } }, "/eventPattern is for rules"],
    [RULE, { eventPattern: { source: [] } }, "/eventPattern source: must be an object, or an array"],
    [RULE, { targets: [{ id: "t", arn: "arn:aws:sqs:us-east-1:123456789012:q" }] }, "/targets/0/arn Invalid Arn"],
    [RULE, { targets: [target, target] }, '/targets/1/id must be unique, got "t"'],
    [RULE, { targets: "abcdef".split("").map((id) => ({ ...target, id })) }, "/targets must be at most 5"],
    [RULE, { targets: [{ ...target, input: "no JSON" }] }, "/targets/0/input must be JSON"],
    [RULE, { targets: [{ ...target, inputPath: "$.[" }] }, "/targets/0/inputPath must be a JSONPath"],
    [RULE, { targets: [{ ...target, inputPath: "$", input: "1" }] }, "/targets/0 must have one of"],
    [
      RULE,
      { targets: [{ ...target, inputTransformer: { inputPathsMap: { a: "$.a" }, inputTemplate: "<a> and <b>" } }] },
      "/targets/0/inputTransformer/inputTemplate <b> is not in the paths map",
    ],
    [
      RULE,
      { targets: [{ ...target, inputTransformer: { inputPathsMap: { a: "$.a" }, inputTemplate: "it is <a>" } }] },
      "/targets/0/inputTransformer/inputTemplate must make JSON",
    ],
  ])("%s %j", (arn, given, wanted) => {
    const told = triggerProblems(arn, content(given)).map(({ path, message }) => `${path} ${message}`.trim());
    expect(told.some((text) => text.startsWith(wanted))).toBe(true);
  });

  test("a trigger that is wrong is not stored", async () => {
    const { triggers } = world();
    const wrong = triggers.put(RULE, content({ scheduleExpression: "daily" }));
    await expect(wrong).rejects.toMatchObject({ name: "ValidationException" });
    expect(await triggers.find(RULE)).toBeUndefined();
  });
});
