import { createServer as createHttpServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DEFAULT_IDENTITY } from "@stepwell/engine";
import { type AccessKey, type ApiMapRunRedriveAnswer, createAuthenticator, createServer } from "@stepwell/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { composeStepwell, type Stepwell } from "../compose.ts";
import { UsageError } from "../usage-error.ts";
import { remoteSource } from "./remote-source.ts";
import { mapRunPath, runningService } from "./running-service.ts";

const KEY: AccessKey = {
  accessKeyId: "AKIAREPORT",
  secretAccessKey: "very-secret",
  principalArn: "arn:aws:iam::123456789012:user/report",
  allow: [{ actions: ["*"], resources: ["*"] }],
};
const ENV = { AWS_ACCESS_KEY_ID: KEY.accessKeyId, AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey };
const MAP = {
  Type: "Map",
  ToleratedFailureCount: 1,
  ItemProcessor: {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" },
    StartAt: "C",
    States: {
      C: { Type: "Choice", Choices: [{ Variable: "$.n", NumericEquals: 2, Next: "F" }], Default: "P" },
      F: { Type: "Fail", Error: "Bad", Cause: "a 2" },
      P: { Type: "Pass", End: true },
    },
  },
  End: true,
};

let stepwell: Stepwell;
let app: ReturnType<typeof createServer>;
let url: string;
let executionArn: string;
let mapRunArn: string;

beforeAll(async () => {
  stepwell = await composeStepwell({ dataDir: ":memory:" });
  const { catalog, executions, clock, ids } = stepwell;
  const authenticator = createAuthenticator({
    findKey: (id) => (id === KEY.accessKeyId ? KEY : undefined),
    identity: DEFAULT_IDENTITY,
    clock,
  });
  app = createServer({ catalog, executions, clock, ids, authenticator });
  await app.listen({ host: "127.0.0.1", port: 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  const definition = JSON.stringify({ StartAt: "M", States: { M: MAP } });
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const { stateMachineArn } = await catalog.createStateMachine({ name: "m", definition, roleArn });
  ({ executionArn } = await executions.start({ stateMachineArn, input: '[{"n":1},{"n":2},{"n":3}]' }));
  for await (const _ of executions.watch(executionArn, 0, new AbortController().signal));
  mapRunArn = (await executions.mapRuns?.list(executionArn, { limit: 1 }))?.items[0]?.mapRunArn ?? "";
});

afterAll(async () => {
  await app.close();
  await stepwell.close(0);
});

describe("a service that asks for signatures", () => {
  test("is asked with the keys of the environment", async () => {
    const source = remoteSource(runningService(url, ENV));
    const rows = await Array.fromAsync(source.children(mapRunArn, false));
    expect(rows.map(({ index, status, error }) => [index, status, error])).toEqual([
      [0, "SUCCEEDED", undefined],
      [1, "FAILED", "Bad"],
      [2, "SUCCEEDED", undefined],
    ]);
    expect(rows[1]).toMatchObject({ input: { n: 2 }, cause: "a 2", attempts: 1 });
    expect((await Array.fromAsync(source.children(mapRunArn, true))).map(({ index }) => index)).toEqual([1]);
    expect(await source.progress(mapRunArn)).toMatchObject({ status: "SUCCEEDED", done: 2, failed: 1, total: 3 });
    const types = (await Array.fromAsync(source.history(executionArn))).map(({ type }) => type);
    expect(types).toContain("MapRunSucceeded");
  });

  test("redrives chosen items", async () => {
    const service = runningService(url, ENV);
    const body = { items: "1", inputPatch: { n: 4 } };
    const rerun = await service.post<ApiMapRunRedriveAnswer>(`${mapRunPath(mapRunArn)}/redrive`, body);
    const { mapRuns } = stepwell.executions;
    const linked = rerun?.mapRunArn ?? "";
    while ((await mapRuns?.describe(linked))?.status === "RUNNING")
      await new Promise((resolve) => setImmediate(resolve));
    expect(await mapRuns?.describe(linked)).toMatchObject({ status: "SUCCEEDED", rerunOf: { mapRunArn } });
  });

  test("says so when there are no keys, or wrong ones", async () => {
    const rows = (env: Record<string, string>) =>
      Array.fromAsync(remoteSource(runningService(url, env)).children(mapRunArn, false));
    await expect(rows({})).rejects.toThrow(/^LoginRequired: /);
    await expect(rows({ ...ENV, AWS_SECRET_ACCESS_KEY: "wrong" })).rejects.toThrow(/^InvalidSignatureException: /);
  });

  test("says what it does not know", async () => {
    const missing = `${mapRunArn.slice(0, -4)}0000`;
    const rows = Array.fromAsync(remoteSource(runningService(url, ENV)).children(missing, false));
    await expect(rows).rejects.toThrow(new UsageError(`ResourceNotFound: Resource not found: '${missing}'`));
  });
});

describe("another service", () => {
  let other: Server;
  let otherUrl: string;

  beforeAll(async () => {
    // AWS's API alone, in front of the same executions.
    other = createHttpServer((request, response) => {
      const target = String(request.headers["x-amz-target"]);
      if (request.url !== "/") return void response.writeHead(404).end("<html>");
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        runningService(url, ENV)
          .call(target.split(".")[1] ?? "", JSON.parse(Buffer.concat(chunks).toString()) as object)
          .then((answer) => response.end(JSON.stringify(answer)))
          .catch(() => response.writeHead(400).end("{}"));
      });
    });
    await new Promise<void>((resolve) => void other.listen(0, "127.0.0.1", resolve));
    otherUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  });
  afterAll(() => void other.close());

  test("without Stepwell's own API is asked by AWS's", async () => {
    const rows = await Array.fromAsync(remoteSource(runningService(otherUrl, {})).children(mapRunArn, false));
    expect(rows.map(({ index, status }) => [index, status])).toEqual([
      [0, "SUCCEEDED"],
      [1, "FAILED"],
      [2, "SUCCEEDED"],
    ]);
  });

  test("that is not there is told by its address", async () => {
    const service = runningService("http://127.0.0.1:1", {});
    await expect(service.get("/x")).rejects.toThrow(/^--endpoint http:\/\/127\.0\.0\.1:1: /);
    await expect(runningService("nowhere", {}).get("/x")).rejects.toThrow('--endpoint: must be a URL, got "nowhere"');
  });
});
