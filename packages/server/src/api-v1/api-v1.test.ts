import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ApiService, apiService, arnPath } from "./api-service.test-support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const PAY = {
  Check: { Type: "Pass", Assign: { "seen.$": "$.n" }, Next: "Pay" },
  Pay: { Type: "Task", Resource: LAMBDA, Next: "Done" },
  Done: { Type: "Pass", Parameters: { "out.$": "$", "seen.$": "$seen" }, End: true },
};
const WAITS = {
  Ask: {
    Type: "Task",
    Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    Parameters: { QueueUrl: "q", MessageBody: { "Token.$": "$$.Task.Token" } },
    HeartbeatSeconds: 600,
    End: true,
  },
};
const QUICK = { Quick: { Type: "Pass", End: true } };

let service: ApiService;
let pay: string;
let failed: string;

beforeAll(async () => {
  service = await apiService({
    tasks: (call) =>
      call === 1
        ? { kind: "failed", error: "Card.Declined", cause: "no money" }
        : { kind: "succeeded", output: '{"paid":true}' },
  });
  pay = await service.machine("pay", PAY);
  failed = await service.start(pay, { n: 1, order: { id: "o-1" } }, "first");
});

afterAll(() => service.close());

describe("executions", () => {
  test("are searched, newest first, with the state that failed them", async () => {
    const quick = await service.machine("quick", QUICK);
    for (let n = 0; n < 5; n++) await service.start(quick, { n, order: { id: `q-${n}` } }, `quick-${n}`);
    const found = await service.call("GET", `/executions?status=FAILED&error=Declined`);
    expect(found).toMatchObject({ status: 200 });
    expect(found.body.items).toEqual([
      expect.objectContaining({ executionArn: failed, status: "FAILED", error: "Card.Declined", failedState: "Pay" }),
    ]);
    const page = await service.call("GET", `/executions?stateMachineArn=${arnPath(quick)}&limit=2`);
    expect(page.body.items.map(({ name }: { name: string }) => name)).toEqual(["quick-4", "quick-3"]);
    const next = await service.call(
      "GET",
      `/executions?stateMachineArn=${arnPath(quick)}&limit=9&cursor=${page.body.cursor}`,
    );
    expect(next.body.items.map(({ name }: { name: string }) => name)).toEqual(["quick-2", "quick-1", "quick-0"]);
    expect(next.body.cursor).toBeUndefined();
    const inside = await service.call(
      "GET",
      `/executions?in=input&path=${arnPath("$.order.id")}&equals=${arnPath('"q-3"')}&status=SUCCEEDED&status=FAILED`,
    );
    expect(inside.body.items.map(({ name }: { name: string }) => name)).toEqual(["quick-3"]);
  });

  test.each([
    ["/executions?limit=0", 400],
    ["/executions?limit=501", 400],
    ["/executions?status=DONE", 400],
    ["/executions?in=input&path=$.a", 400],
    ["/executions?in=input&path=$[&equals=1", 400],
    ["/executions?cursor=x", 400],
    ["/executions/arn%3Aaws%3Astates%3Aus-east-1%3A1%3Aexecution%3Am%3Anobody", 404],
    ["/executions/arn%3Aaws%3Astates%3Aus-east-1%3A1%3Aexecution%3Am%3Anobody/events", 404],
    ["/executions/arn%3Aaws%3Astates%3Aus-east-1%3A1%3Aexecution%3Am%3Anobody/stream", 404],
    ["/nothing", 404],
  ])("%s answers %d with an error and a message", async (path, status) => {
    const answer = await service.call("GET", path);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.any(String), message: expect.any(String) });
  });

  test("show all there is to know of one", async () => {
    const { body } = await service.call("GET", `/executions/${arnPath(failed)}`);
    expect(body).toMatchObject({
      executionArn: failed,
      stateMachineArn: pay,
      type: "STANDARD",
      status: "FAILED",
      error: "Card.Declined",
      cause: "no money",
      failedState: "Pay",
      input: '{"n":1,"order":{"id":"o-1"}}',
      waitingFor: [],
      timers: [],
      mapRuns: [],
      redriveStatus: "REDRIVABLE",
    });
    expect(JSON.parse(body.definition).StartAt).toBe("Check");
    expect(body.lastEventId).toBeGreaterThan(5);
  });

  test("are read event by event, long texts cut", async () => {
    const long = await service.start(await service.machine("long", QUICK), { text: "x".repeat(50_000) });
    const page = await service.call("GET", `/executions/${arnPath(long)}/events`);
    expect(page.body.events.map(({ type }: { type: string }) => type)).toEqual([
      "ExecutionStarted",
      "PassStateEntered",
      "PassStateExited",
      "ExecutionSucceeded",
    ]);
    const [first] = page.body.events;
    expect(first.truncated).toBe(true);
    expect(first.executionStartedEventDetails.input).toHaveLength(2_048);
    expect(first.timestamp).toBeGreaterThan(1e12);
    const whole = await service.call("GET", `/executions/${arnPath(long)}/events/1`);
    expect(whole.body.executionStartedEventDetails.input.length).toBeGreaterThan(50_000);
    expect((await service.call("GET", `/executions/${arnPath(long)}/events/99`)).status).toBe(404);
    const back = await service.call("GET", `/executions/${arnPath(long)}/events?reverse=true&limit=1`);
    expect(back.body.events.map(({ id }: { id: number }) => id)).toEqual([4]);
    const rest = await service.call("GET", `/executions/${arnPath(long)}/events?after=3`);
    expect(rest.body).toMatchObject({ events: [{ id: 4 }], lastEventId: 4 });
  });

  test("a page of many events stays below 100 KB", async () => {
    const definition = {
      Each: {
        Type: "Map",
        ItemsPath: "$.items",
        ItemProcessor: { StartAt: "One", States: { One: { Type: "Pass", End: true } } },
        End: true,
      },
    };
    const items = Array.from({ length: 1_000 }, (_, n) => ({ n, text: "y".repeat(100) }));
    const many = await service.start(await service.machine("many", definition), { items });
    const response = await fetch(`${service.url}/api/v1/executions/${arnPath(many)}/events?limit=1000`);
    const text = await response.text();
    expect(text.length).toBeLessThan(100_000);
    const { events, lastEventId } = JSON.parse(text);
    expect(events.at(-1).id).toBeLessThan(lastEventId);
  });
});

describe("a fork", () => {
  test("starts where the original failed, and both show it", async () => {
    const answer = await service.call("POST", `/executions/${arnPath(failed)}/fork`, {
      at: { stateName: "Pay" },
      input: { n: 1, fixed: true },
      name: "fixed",
    });
    expect(answer.status).toBe(200);
    await service.executions.idle();
    const fork = await service.call("GET", `/executions/${arnPath(answer.body.executionArn)}`);
    expect(fork.body).toMatchObject({
      status: "SUCCEEDED",
      output: '{"out":{"paid":true},"seen":1}',
      forkOf: { executionArn: failed, stateName: "Pay" },
    });
    const original = await service.call("GET", `/executions/${arnPath(failed)}`);
    expect(original.body).toMatchObject({ status: "FAILED", forks: [answer.body.executionArn] });
    const listed = await service.call("GET", "/executions?name=fixed");
    expect(listed.body.items[0].forkOf.executionArn).toBe(failed);
  });

  test("may run another definition or a version", async () => {
    const other = JSON.stringify({ StartAt: "Pay", States: { Pay: { Type: "Succeed" } } });
    const path = `/executions/${arnPath(failed)}/fork`;
    const forked = await service.call("POST", path, { at: { stateName: "Pay" }, definition: other });
    await service.executions.idle();
    const { body } = await service.call("GET", `/executions/${arnPath(forked.body.executionArn)}`);
    expect(body).toMatchObject({ status: "SUCCEEDED", definition: other, output: failedInput });
    const { stateMachineVersionArn } = await service.catalog.publishVersion({ stateMachineArn: pay });
    const versioned = await service.call("POST", path, { at: { stateName: "Pay" }, stateMachineVersionArn });
    expect(versioned.status).toBe(200);
  });
  const failedInput = '{"n":1,"order":{"id":"o-1"}}';

  test.each([
    [{}, 400],
    [{ at: {} }, 400],
    [{ at: { eventId: 1, stateName: "Pay" } }, 400],
    [{ at: { eventId: 1 } }, 400],
    [{ at: { stateName: "Nobody" } }, 400],
    [{ at: { stateName: "Pay" }, definition: "{}" }, 400],
    [{ at: { stateName: "Pay" }, definition: "{}", stateMachineVersionArn: "x" }, 400],
    [{ at: { stateName: "Pay" }, name: "first" }, 409],
  ])("%j answers %d", async (body, status) => {
    const answer = await service.call("POST", `/executions/${arnPath(failed)}/fork`, body);
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: expect.any(String), message: expect.any(String) });
  });
});

describe("what waits", () => {
  test("for the clock is told with its end, and to which visit it belongs", async () => {
    const naps = { Nap: { Type: "Wait", SecondsPath: "$.seconds", End: true } };
    const nap = await service.start(await service.machine("naps", naps), { seconds: 3_600 }, "nap");
    const { body } = await service.call("GET", `/executions/${arnPath(nap)}`);
    expect(body.timers).toEqual([
      { kind: "wait", stateName: "Nap", eventId: 2, since: expect.any(Number), until: expect.any(Number) },
    ]);
    expect(body.timers[0].until - body.timers[0].since).toBe(3_600_000);
  });

  test("is listed with who has to answer", async () => {
    const waiting = await apiService({ tasks: () => ({ kind: "submitted", output: "{}" }) });
    try {
      const executionArn = await waiting.start(await waiting.machine("waits", WAITS));
      const { body } = await waiting.call("GET", "/tokens");
      expect(body.items).toEqual([
        expect.objectContaining({
          executionArn,
          stateName: "Ask",
          kind: "token",
          since: expect.any(Number),
          heartbeatDueAt: expect.any(Number),
          taskToken: expect.any(String),
        }),
      ]);
      const described = await waiting.call("GET", `/executions/${arnPath(executionArn)}`);
      expect(described.body.waitingFor).toEqual(body.items);
      const overview = await waiting.call("GET", "/overview");
      expect(overview.body).toMatchObject({ running: 1, waiting: [{ stateName: "Ask" }], isPartial: false });
      expect(overview.body.waiting[0]).not.toHaveProperty("taskToken");
      await waiting.executions.sendTaskSuccess(body.items[0].taskToken, "1");
      expect((await waiting.call("GET", "/tokens")).body.items).toEqual([]);
    } finally {
      await waiting.close();
    }
  });

  test("activities show their queues", async () => {
    const { activityArn } = await service.catalog.createActivity({ name: "pack" });
    const machine = await service.machine("packs", { Pack: { Type: "Task", Resource: activityArn, End: true } });
    await service.start(machine);
    const { body } = await service.call("GET", "/activities");
    expect(body.items).toEqual([
      { activityArn, name: "pack", creationDate: expect.any(Number), queued: 1, oldestSince: expect.any(Number) },
    ]);
  });
});

test("machines show how their newest executions went", async () => {
  const { body } = await service.call("GET", "/machines?prefix=pay");
  expect(body.items).toEqual([
    expect.objectContaining({
      stateMachineArn: pay,
      type: "STANDARD",
      status: "ACTIVE",
      running: 0,
      recent: { succeeded: expect.any(Number), failed: 1, timedOut: 0, aborted: 0 },
    }),
  ]);
  const all = await service.call("GET", "/machines?limit=2");
  const next = await service.call("GET", `/machines?limit=2&cursor=${arnPath(all.body.cursor)}`);
  expect(all.body.items).toHaveLength(2);
  expect(next.body.items[0].name > all.body.items[1].name).toBe(true);
});

test("the overview groups what fails", async () => {
  const { body } = await service.call("GET", "/overview?hours=1");
  expect(body.failing).toContainEqual({
    stateMachineArn: pay,
    name: "pay",
    stateName: "Pay",
    error: "Card.Declined",
    count: 1,
    lastExecutionArn: failed,
    lastAt: expect.any(Number),
  });
  expect(body.buckets).toHaveLength(48);
  const succeeded = body.buckets.reduce((sum: number, bucket: { succeeded: number }) => sum + bucket.succeeded, 0);
  expect(succeeded).toBeGreaterThan(5);
});

describe("lint", () => {
  test("says what is wrong and where, in JSON and in YAML", async () => {
    const json = '{\n  "StartAt": "A",\n  "States": {\n    "A": { "Type": "Pass", "Next": "B" }\n  }\n}';
    const { body } = await service.call("POST", "/lint", { definition: json });
    expect(body.findings).toContainEqual(
      expect.objectContaining({ code: "MISSING_TRANSITION_TARGET", severity: "ERROR", line: 4 }),
    );
    const yaml = "StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n";
    const again = await service.call("POST", "/lint", { definition: yaml, format: "yaml" });
    expect(again.body.findings).toContainEqual(expect.objectContaining({ code: "MISSING_TRANSITION_TARGET", line: 5 }));
    const broken = await service.call("POST", "/lint", { definition: "a: [", format: "yaml" });
    expect(broken.body.findings).toMatchObject([{ code: "INVALID_YAML", severity: "ERROR" }]);
    const risky =
      '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:us-east-1:123456789012:activity:a","End":true}}}';
    const { body: linted } = await service.call("POST", "/lint", { definition: risky });
    expect(linted.findings).toMatchObject([{ code: "token-without-timeout", pointer: "/States/A", line: 1 }]);
    const growing = `a: &a [x]\nb: [${"*a,".repeat(200)}*a]`;
    const refused = await service.call("POST", "/lint", { definition: growing, format: "yaml" });
    expect(refused.body.findings).toMatchObject([{ code: "INVALID_YAML", severity: "ERROR" }]);
    const fine = await service.call("POST", "/lint", {
      definition: '{"StartAt":"A","States":{"A":{"Type":"Succeed"}}}',
    });
    expect(fine.body.findings).toEqual([]);
  });
});
