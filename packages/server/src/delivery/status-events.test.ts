import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Announcement, CommittedChange } from "@stepwell/engine";
import { afterAll, describe, expect, test } from "vitest";
import { change, event } from "./committed-change.test-support.ts";
import type { EventSink } from "./event-sink.ts";
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

function sinkOf(taken: StatusEvent[], accept: () => boolean = () => true): EventSink {
  return {
    async send(batch) {
      if (!accept()) throw new Error("away");
      taken.push(...batch);
      return [];
    },
  };
}

class Box implements Outbox {
  #waiting: Announcement[] = [];
  #next = 1;

  /** As the engine: stored with the commit, told after it. */
  commit(events: StatusEvents, change: CommittedChange): void {
    for (const text of events.announcementsOf(change)) this.#waiting.push({ position: this.#next++, text });
    events.committed(change);
  }

  async announcements(limit: number): Promise<readonly Announcement[]> {
    return this.#waiting.slice(0, limit);
  }

  async forgetAnnouncements(positions: readonly number[]): Promise<void> {
    this.#waiting = this.#waiting.filter(({ position }) => !positions.includes(position));
  }

  get size(): number {
    return this.#waiting.length;
  }
}

describe("status events", () => {
  test("that were not delivered when the process ended come at the next start", async () => {
    const outbox = new Box();
    const first = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf([], () => false) });
    outbox.commit(first, started);
    outbox.commit(first, failed);
    await first.close(10);
    expect(outbox.size).toBe(2);
    const taken: StatusEvent[] = [];
    const second = createStatusEvents({ ...OPTIONS, outbox, sink: sinkOf(taken) });
    await expect.poll(() => taken.map(({ detail: { status } }) => status)).toEqual(["RUNNING", "FAILED"]);
    await second.close(1_000);
    expect(outbox.size).toBe(0);
  });

  test("wait while the sink is away, and are given up after a day", async () => {
    const outbox = new Box();
    const taken: StatusEvent[] = [];
    let attempts = 0;
    let dropped = 0;
    const count = (lost: number): void => {
      dropped += lost;
    };
    const sink = sinkOf(taken, () => ++attempts > 3);
    const now = (): number => 1_000_000 + 86_400_000;
    const events = createStatusEvents({ ...OPTIONS, outbox, sink, pauseMs: 1, now, dropped: count });
    outbox.commit(events, started);
    await expect.poll(() => taken.length).toBe(1);
    expect(dropped).toBe(0);
    await events.close(1_000);
    const later = (): number => now() + 1_000;
    const lost = createStatusEvents({
      ...OPTIONS,
      outbox,
      sink: sinkOf([], () => false),
      pauseMs: 1,
      now: later,
      dropped: count,
    });
    outbox.commit(lost, started);
    await expect.poll(() => dropped).toBe(1);
    expect(outbox.size).toBe(0);
    await lost.close(1_000);
  });

  test("of an execution that the sink does not take keep no others from it", async () => {
    const taken: string[] = [];
    const sink: EventSink = {
      async send(batch) {
        const isStuck = ({ detail }: StatusEvent): boolean => detail.name === "stuck";
        taken.push(...batch.filter((each) => !isStuck(each)).map(({ detail }) => detail.name));
        return batch.filter(isStuck);
      },
    };
    const outbox = new Box();
    const events = createStatusEvents({ ...OPTIONS, outbox, sink, pauseMs: 20 });
    const commit = (name: string): void =>
      outbox.commit(events, change({ started: true, start: { ...started.start, executionName: name } }));
    commit("stuck");
    for (let index = 1; index <= 12; index += 1) {
      commit(`other ${index}`);
      await expect.poll(() => taken.length).toBe(index);
    }
    await events.close(1);
    expect(outbox.size).toBe(1);
  });

  test("go to a file as lines", async () => {
    const path = join(directory, "status.jsonl");
    const outbox = new Box();
    const events = createStatusEvents({ ...OPTIONS, outbox, sink: fileEventSink(path) });
    outbox.commit(events, started);
    outbox.commit(events, failed);
    await events.close(1_000);
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    expect(lines.map((line) => JSON.parse(line).detail.status)).toEqual(["RUNNING", "FAILED"]);
  });

  test("are POSTed to a webhook until it takes them; what it refuses is counted", async () => {
    const bodies: StatusEvent[] = [];
    const statuses = [503, 200, 400];
    const server = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk) => {
        body += chunk;
      });
      request.on("end", () => {
        const status = statuses.shift() ?? 200;
        if (status === 200) bodies.push(JSON.parse(body));
        response.writeHead(status).end();
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
      dropped: (count) => {
        dropped += count;
      },
    });
    outbox.commit(events, started);
    outbox.commit(events, failed);
    await events.close(5_000);
    server.close();
    expect(bodies.map(({ detail: { status } }) => status)).toEqual(["RUNNING"]);
    expect(dropped).toBe(1);
  });
});
