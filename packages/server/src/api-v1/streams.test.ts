import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiService, apiService, arnPath } from "./api-service.test-support.ts";

const WAITS = {
  First: { Type: "Pass", Next: "Ask" },
  Ask: {
    Type: "Task",
    Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    Parameters: { QueueUrl: "q", MessageBody: { "Token.$": "$$.Task.Token" } },
    End: true,
  },
};
const QUICK = { Quick: { Type: "Pass", End: true } };

let service: ApiService;

beforeAll(async () => {
  service = await apiService({ tasks: () => ({ kind: "submitted", output: "{}" }) });
});

afterAll(() => service.close());

interface Message {
  readonly event: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: a marked edge: JSON as it came.
  readonly data: any;
}

/** Reads a stream until `isEnough`. */
async function read(
  path: string,
  isEnough: (messages: readonly Message[]) => boolean,
  { headers = {}, begun }: { headers?: Record<string, string>; begun?: () => unknown } = {},
): Promise<Message[]> {
  const stop = new AbortController();
  const response = await fetch(`${service.url}/api/v1${path}`, { headers, signal: stop.signal });
  expect(response.headers.get("content-type")).toContain("text/event-stream");
  const messages: Message[] = [];
  const decoder = new TextDecoder();
  let rest = "";
  let first = true;
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    if (first) void begun?.();
    first = false;
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const lines = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2)));
      if (lines["event"] !== undefined) messages.push({ ...lines, data: JSON.parse(lines["data"]) } as Message);
    }
    if (isEnough(messages)) break;
  }
  stop.abort();
  return messages;
}

function ids(messages: readonly Message[]): number[] {
  return messages
    .filter(({ event }) => event === "history")
    .flatMap(({ data }) => data.map(({ id }: { id: number }) => id));
}

test("an execution's history is followed from any event on, with its status, to its end", async () => {
  const arn = await service.start(await service.machine("waits", WAITS), {});
  const { body } = await service.call("GET", `/executions/${arnPath(arn)}`);
  const [{ taskToken }] = body.waitingFor;
  const path = `/executions/${arnPath(arn)}/stream`;
  const hasEnded = (messages: readonly Message[]): boolean =>
    messages.some(({ event, data }) => event === "status" && data.status === "SUCCEEDED");
  const messages = await read(path, hasEnded, { begun: () => service.executions.sendTaskSuccess(taskToken, '"yes"') });
  const { body: ended } = await service.call("GET", `/executions/${arnPath(arn)}`);
  expect(ids(messages)).toEqual(Array.from({ length: ended.lastEventId }, (_, n) => n + 1));
  expect(messages.filter(({ event }) => event === "history").at(-1)?.id).toBe(String(ended.lastEventId));
  expect(messages.filter(({ event }) => event === "status").map(({ data }) => data.status)).toEqual([
    "RUNNING",
    "SUCCEEDED",
  ]);

  const resumed = await read(path, hasEnded, { headers: { "last-event-id": "4" } });
  expect(ids(resumed)[0]).toBe(5);
  expect(ids(await read(`${path}?after=${ended.lastEventId - 1}`, hasEnded))).toEqual([ended.lastEventId]);
});

test("executions that begin and end are told, of one machine or of all", async () => {
  const quick = await service.machine("quick", QUICK);
  const other = await service.machine("other", QUICK);
  const run = async (): Promise<void> => {
    await service.start(other, {}, "o1");
    await service.start(quick, {}, "q1");
  };
  const names = (messages: readonly Message[]): string[] =>
    messages
      .filter(({ event }) => event === "execution")
      .flatMap(({ data }) => data.map((item: { name: string }) => item.name));
  const all = await read("/stream", (messages) => names(messages).length >= 2, { begun: run });
  // Who comes back with a list that may be old is told so.
  expect(all[0]).toMatchObject({ event: "missed", data: {} });
  expect(new Set(names(all))).toEqual(new Set(["o1", "q1"]));
  expect(all.at(-1)?.data[0]).toMatchObject({ status: "SUCCEEDED", stateMachineArn: quick });
  const one = await read(`/stream?stateMachineArn=${arnPath(quick)}`, (messages) => names(messages).length > 0, {
    begun: async () => {
      await service.start(other, {}, "o2");
      await service.start(quick, {}, "q2");
    },
  });
  expect(names(one)).toEqual(["q2"]);
});

test("a closing server ends its streams", async () => {
  const short = await apiService();
  const response = await fetch(`${short.url}/api/v1/stream`);
  const reading = response.text();
  await short.close();
  expect(await reading).toContain("retry:");
});
