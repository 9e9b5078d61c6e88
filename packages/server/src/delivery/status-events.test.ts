import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Announcement, CommittedChange } from "@stepwell/engine";
import { afterAll, describe, expect, test } from "vitest";
import { change, event } from "./committed-change.test-support.ts";
import { type DeadLetter, deadLetterFile } from "./dead-letters.ts";
import type { DeliveryOutcome, EventSink } from "./event-sink.ts";
import { fileEventSink, webhookEventSink } from "./event-sinks.ts";
import type { StatusEvent } from "./status-event.ts";
import { statusEventsOf } from "./status-event.ts";
import { createStatusEvents, type Outbox, type StatusEvents } from "./status-events.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-events-"));
afterAll(() => rmSync(directory, { recursive: true }));

const OPTIONS = {
  identity: { region: "us-east-1", accountId: "123456789012" },
  uuid: () => "11111111-2222-4333-8444-555555555555",
  historyEventsMax: 25_000,
  now: () => 1_000_000,
};
const started = change({ started: true, history: [event(1, "ExecutionStarted")] });
const failed = change({
  history: [event(2, "ExecutionFailed")],
  end: { status: "FAILED", stopDate: 1_002_500, error: "E", cause: "c" },
});

describe("a status event", () => {
  test("of a start says what EventBridge would", () => {
    expect(statusEventsOf(started, OPTIONS)).toEqual([
      {
        version: "0",
        id: "11111111-2222-4333-8444-555555555555",
        "detail-type": "Step Functions Execution Status Change",
        source: "aws.states",
        account: "123456789012",
        time: "1970-01-01T00:16:40Z",
        region: "us-east-1",
        resources: [started.executionArn],
        detail: {
          executionArn: started.executionArn,
          stateMachineArn: started.stateMachineArn,
          name: "one",
          status: "RUNNING",
          startDate: 1_000_000,
          stopDate: null,
          input: '{"a":1}',
          output: null,
          stateMachineVersionArn: null,
          stateMachineAliasArn: null,
          redriveCount: 0,
          redriveDate: null,
          redriveStatus: "NOT_REDRIVABLE",
          redriveStatusReason: "Execution is RUNNING and cannot be redriven",
          inputDetails: { included: true },
          outputDetails: null,
          error: null,
          cause: null,
        },
      },
    ]);
  });

  const detail = (given: Parameters<typeof change>[0]) =>
    statusEventsOf(change(given), OPTIONS).map((each) => each.detail);

  test("of an end says how it ended", () => {
    expect(detail(failed)[0]).toMatchObject({ status: "FAILED", error: "E", cause: "c", redriveStatus: "REDRIVABLE" });
    expect(detail(failed)[0]).toMatchObject({ redriveStatusReason: null, stopDate: 1_002_500, outputDetails: null });
    const timedOut = { status: "TIMED_OUT", stopDate: 1_000_001, error: "States.Timeout" } as const;
    expect(detail({ end: timedOut })[0]).toMatchObject({ status: "TIMED_OUT", error: null, cause: null });
    const succeeded = { status: "SUCCEEDED", stopDate: 1_000_001, output: "1" } as const;
    expect(detail({ end: succeeded })[0]).toMatchObject({ output: "1", outputDetails: { included: true } });
  });

  test("comes for a start, an end and a redrive, and never for Express", () => {
    const end = { status: "SUCCEEDED", stopDate: 1_000_001, output: "1" } as const;
    expect(detail({ started: true, end }).map(({ status }) => status)).toEqual(["RUNNING", "SUCCEEDED"]);
    expect(detail({ redriven: true, redriveCount: 1, redriveDate: 7 })[0]).toMatchObject({
      status: "RUNNING",
      redriveCount: 1,
      redriveDate: 7,
    });
    expect(detail({ history: [event(2, "PassStateEntered")] })).toEqual([]);
    expect(detail({ started: true, start: { ...started.start, type: "EXPRESS" } })).toEqual([]);
  });

  test("leaves out payloads of more than 248 KiB", () => {
    const output = JSON.stringify("x".repeat(250 * 1024));
    const end = { status: "SUCCEEDED", stopDate: 1_000_001, output } as const;
    expect(detail({ end })[0]).toMatchObject({
      input: null,
      output: null,
      inputDetails: { included: false },
      outputDetails: { included: false },
    });
  });
});

type Answer = DeliveryOutcome["kind"] | "away";

/** A sink that takes what `answer` says, one event at a call, and remembers what it took. */
function sinkOf(taken: StatusEvent[], answer: (event: StatusEvent) => Answer = () => "taken"): EventSink {
  return {
    batchMax: 1,
    callsAtOnce: 4,
    isWhole: true,
    async send(batch) {
      return batch.map((event) => {
        const kind = answer(event);
        if (kind === "away") throw new Error("away");
        if (kind === "taken") taken.push(event);
        return { kind, code: "503", reason: new Error("not now") };
      });
    },
  };
}

class Box implements Outbox {
  waiting: Announcement[] = [];
  reads = 0;
  #next = 1;

  commit(events: StatusEvents, change: CommittedChange): void {
    for (const text of events.announcementsOf(change)) this.waiting.push({ position: this.#next++, text });
    events.committed(change);
  }

  async announcements(limit: number, after = 0): Promise<readonly Announcement[]> {
    this.reads += 1;
    return this.waiting.filter(({ position }) => position > after).slice(0, limit);
  }

  async announcementsAt(positions: readonly number[]): Promise<readonly Announcement[]> {
    return this.waiting.filter(({ position }) => positions.includes(position));
  }

  async countAnnouncements(): Promise<number> {
    return this.waiting.length;
  }

  async forgetAnnouncements(positions: readonly number[]): Promise<void> {
    this.waiting = this.waiting.filter(({ position }) => !positions.includes(position));
  }

  get size(): number {
    return this.waiting.length;
  }
}

const PATIENT = { timeout: 30_000 };

function of(name: string, more: Parameters<typeof change>[0] = { started: true }): CommittedChange {
  const executionArn = started.executionArn.replace(/[^:]+$/, name);
  return change({ ...more, executionArn, start: { ...started.start, executionArn, executionName: name } });
}

function named(events: readonly StatusEvent[]): string[] {
  return events.map(({ detail: { name, status } }) => `${name} ${status}`);
}

const ENDED = { status: "SUCCEEDED", stopDate: 1_000_001, output: "1" } as const;

describe("status events", () => {
  test("that were not delivered when the process ended come at the next start", async () => {
    const outbox = new Box();
    const first = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf([], () => "away") });
    outbox.commit(first, started);
    outbox.commit(first, failed);
    await first.close(10);
    expect(outbox.size).toBe(2);
    const taken: StatusEvent[] = [];
    const second = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken) });
    await expect.poll(() => taken.map(({ detail: { status } }) => status), PATIENT).toEqual(["RUNNING", "FAILED"]);
    await second.close(30_000);
    expect(outbox.size).toBe(0);
  });

  test("wait while nobody is there, and are given up after a day", async () => {
    const outbox = new Box();
    const taken: StatusEvent[] = [];
    let attempts = 0;
    let dropped = 0;
    const count = (lost: number): void => {
      dropped += lost;
    };
    const sink = sinkOf(taken, () => (++attempts > 3 ? "taken" : "away"));
    const now = (): number => 1_000_000 + 86_399_000;
    const events = createStatusEvents({ ...OPTIONS, outbox, sink, pauseMs: 1, now, dropped: count });
    outbox.commit(events, started);
    await expect.poll(() => taken.length, PATIENT).toBe(1);
    await events.close(30_000);
    expect(dropped).toBe(0);
    const letters: DeadLetter[] = [];
    const lost = createStatusEvents({
      ...OPTIONS,
      outbox,
      sink: sinkOf([], () => "away"),
      pauseMs: 1,
      now: () => now() + 2_000,
      dropped: count,
      deadLetters: async (more) => void letters.push(...more),
    });
    outbox.commit(lost, started);
    await expect.poll(() => dropped, PATIENT).toBe(1);
    await lost.close(30_000);
    expect(outbox.size).toBe(0);
    expect(letters).toMatchObject([{ exhausted: "MaximumEventAgeInSeconds", event: { detail: { name: "one" } } }]);
  });

  test("that the sink does not take keep no others from it, however many they are", async () => {
    const taken: StatusEvent[] = [];
    const outbox = new Box();
    let refused = 0;
    const sink = sinkOf(taken, ({ detail }) => (detail.name.startsWith("bad") ? "again" : "taken"));
    const counted = {
      refused(count: number): void {
        refused += count;
      },
    };
    const events = createStatusEvents({ ...OPTIONS, ...counted, outbox, sink, pauseMs: 60_000 });
    for (let index = 0; index < 1_200; index += 1) {
      outbox.commit(events, of(`bad ${index}`));
      outbox.commit(events, of(`good ${index}`));
    }
    await expect.poll(() => taken.length, PATIENT).toBe(1_200);
    outbox.commit(events, of("good news"));
    await expect.poll(() => named(taken).at(-1), PATIENT).toBe("good news RUNNING");
    await expect.poll(() => refused, PATIENT).toBe(1_200);
    await expect.poll(() => outbox.size, PATIENT).toBe(1_200);
    expect(await events.backlog()).toEqual({ events: 1_200, oldestAgeSeconds: 0 });
    await events.close(1);
  });

  test("of one execution never overtake each other, unless the first was given up", async () => {
    const taken: StatusEvent[] = [];
    const letters: DeadLetter[] = [];
    const outbox = new Box();
    let tries = 0;
    const sink = sinkOf(taken, ({ detail: { name, status } }) => {
      if (status !== "RUNNING" || name === "quick") return "taken";
      tries += 1;
      return name === "slow" && tries > 40 ? "taken" : "again";
    });
    const events = createStatusEvents({
      ...OPTIONS,
      outbox,
      sink,
      pauseMs: 1,
      maximumRetryAttempts: 5,
      deadLetters: async (more) => void letters.push(...more),
    });
    for (const name of ["never", "quick"]) {
      outbox.commit(events, of(name));
      outbox.commit(events, of(name, { end: ENDED }));
    }
    await expect
      .poll(() => named(taken).toSorted(), PATIENT)
      .toEqual(["never SUCCEEDED", "quick RUNNING", "quick SUCCEEDED"]);
    expect(named(taken).indexOf("quick RUNNING")).toBeLessThan(named(taken).indexOf("quick SUCCEEDED"));
    expect(tries).toBe(6);
    expect(letters).toEqual([
      {
        event: expect.objectContaining({ detail: expect.objectContaining({ name: "never", status: "RUNNING" }) }),
        errorCode: "503",
        errorMessage: "not now",
        retryAttempts: 5,
        exhausted: "MaximumRetryAttempts",
      },
    ]);
    await events.close(30_000);
    expect(outbox.size).toBe(0);
  });

  test("are given up by a receiver that takes nothing, however many there are", async () => {
    const outbox = new Box();
    let dropped = 0;
    const events = createStatusEvents({
      ...OPTIONS,
      outbox,
      sink: sinkOf([], () => "again"),
      pauseMs: 1,
      maximumRetryAttempts: 1,
      dropped: (count) => {
        dropped += count;
      },
    });
    for (let index = 0; index < 40; index += 1) outbox.commit(events, of(`${index}`));
    await expect.poll(() => dropped, PATIENT).toBe(40);
    await expect.poll(() => outbox.size, PATIENT).toBe(0);
    await events.close(30_000);
  });

  test("are left to the process that owns their execution now", async () => {
    const taken: StatusEvent[] = [];
    const outbox = new Box();
    const owns = (arn: string): boolean => !arn.endsWith(":theirs");
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken), owns });
    outbox.commit(events, of("theirs"));
    outbox.commit(events, of("ours"));
    await expect.poll(() => named(taken), PATIENT).toEqual(["ours RUNNING"]);
    await events.close(30_000);
    expect(outbox.size).toBe(1);
  });

  test("are told to another first, again when that fails", async () => {
    const taken: StatusEvent[] = [];
    const first: string[] = [];
    const outbox = new Box();
    const tellFirst = async (batch: readonly StatusEvent[]): Promise<void> => {
      first.push(...named(batch));
      if (first.length === 1) throw new Error("away");
    };
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken), tellFirst, pauseMs: 1 });
    outbox.commit(events, of("a"));
    await expect.poll(() => named(taken), PATIENT).toEqual(["a RUNNING"]);
    expect(first).toEqual(["a RUNNING", "a RUNNING"]);
    await events.close(30_000);
  });

  test("that a commit under way adds late are seen with the next news", async () => {
    const taken: StatusEvent[] = [];
    const outbox = new Box();
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken) });
    outbox.commit(events, of("a"));
    const late = outbox.waiting.pop() as Announcement;
    outbox.commit(events, of("b"));
    await expect.poll(() => named(taken), PATIENT).toEqual(["b RUNNING"]);
    outbox.waiting.push(late);
    events.committed(of("a"));
    await expect.poll(() => named(taken), PATIENT).toEqual(["b RUNNING", "a RUNNING"]);
    await events.close(30_000);
  });

  test("are not held up by what is no event", async () => {
    const taken: StatusEvent[] = [];
    const problems: string[] = [];
    const outbox = new Box();
    outbox.waiting.push({ position: 0.1, text: "{" }, { position: 0.2, text: "null" });
    const onProblem = (problem: unknown): void => void problems.push(String(problem));
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken), onProblem });
    outbox.commit(events, of("a"));
    await expect.poll(() => named(taken), PATIENT).toEqual(["a RUNNING"]);
    await events.close(30_000);
    expect(outbox.size).toBe(0);
    expect(problems).toHaveLength(2);
  });

  test("go to a file as lines, and those that are refused to another", async () => {
    const path = join(directory, "status.jsonl");
    const outbox = new Box();
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: fileEventSink(path) });
    outbox.commit(events, started);
    outbox.commit(events, failed);
    await events.close(30_000);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).detail.status)).toEqual(["RUNNING", "FAILED"]);
    expect(outbox.size).toBe(0);
    const letters = join(directory, "letters.jsonl");
    const deadLetters = deadLetterFile(letters, "http://there/");
    const refusing = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf([], () => "refused"), deadLetters });
    outbox.commit(refusing, started);
    await refusing.close(30_000);
    expect(JSON.parse(readFileSync(letters, "utf8"))).toMatchObject({
      attributes: { ERROR_CODE: "503", ERROR_MESSAGE: "not now", RETRY_ATTEMPTS: 0, TARGET_ARN: "http://there/" },
      body: { detail: { status: "RUNNING" } },
    });
    expect(outbox.size).toBe(0);
  });

  test("are POSTed to a webhook until it takes them; what it refuses is counted", async () => {
    const bodies: StatusEvent[] = [];
    const statuses: (readonly [number, string?])[] = [[503], [429, "0"], [200], [400]];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const [status, after] = statuses.shift() ?? [200];
        if (status === 200) bodies.push(JSON.parse(body));
        response.writeHead(status, after === undefined ? {} : { "retry-after": after }).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
    let dropped = 0;
    const outbox = new Box();
    const events = createStatusEvents({
      ...OPTIONS,
      outbox,
      sink: webhookEventSink(url),
      pauseMs: 1,
      dropped: (count) => {
        dropped += count;
      },
    });
    outbox.commit(events, started);
    outbox.commit(events, failed);
    await expect.poll(() => dropped, PATIENT).toBe(1);
    await events.close(30_000);
    server.closeAllConnections();
    server.close();
    expect(bodies.map(({ detail: { status } }) => status)).toEqual(["RUNNING"]);
    expect(outbox.size).toBe(0);
  });
});
