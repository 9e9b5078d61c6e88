import { createTriggers, type StartRequest, type Triggers, VirtualClock } from "@stepwell/engine";
import { MemoryCatalogStore, SeededIds } from "@stepwell/engine/testing";
import { afterEach, expect, test } from "vitest";
import type { AccessKey } from "../aws/authentication.ts";
import { type ApiService, apiService, arnPath } from "./api-service.test-support.ts";

const IDENTITY = { partition: "aws", region: "us-east-1", accountId: "123456789012" };
const MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m";
const rule = (name: string): string => `arn:aws:events:us-east-1:123456789012:rule/${name}`;
const CONTENT = { scheduleExpression: "rate(5 minutes)", state: "ENABLED", targets: [{ id: "t", arn: MACHINE }] };

let service: ApiService | undefined;
afterEach(() => service?.close());

function triggers(): Triggers {
  const started: StartRequest[] = [];
  return createTriggers({
    store: new MemoryCatalogStore(),
    executions: { start: async (request) => ({ executionArn: String(started.push(request)), startDate: 0 }) },
    clock: new VirtualClock(0),
    ids: new SeededIds(1),
    identity: IDENTITY,
    onProblem: (problem) => {
      throw problem;
    },
  });
}

test("rules and schedules are put, listed, read and deleted by their ARN", async () => {
  service = await apiService({ triggers: triggers() });
  for (const name of ["a", "b", "bus/c"]) {
    const { status, body } = await service.call("PUT", `/triggers/${arnPath(rule(name))}`, CONTENT);
    expect([status, body]).toMatchObject([200, { ...CONTENT, arn: rule(name), dueAt: 300_000 }]);
  }
  const { body: page } = await service.call("GET", "/triggers?limit=2");
  expect(page.items.map(({ arn }: { arn: string }) => arn)).toEqual([rule("a"), rule("b")]);
  const { body: rest } = await service.call("GET", `/triggers?limit=2&cursor=${arnPath(page.cursor)}`);
  expect(rest.items).toHaveLength(1);
  expect(rest.cursor).toBeUndefined();
  expect((await service.call("DELETE", `/triggers/${arnPath(rule("a"))}`)).status).toBe(204);
  expect((await service.call("DELETE", `/triggers/${arnPath(rule("a"))}`)).status).toBe(404);
  expect((await service.call("GET", `/triggers/${arnPath(rule("a"))}`)).status).toBe(404);
  expect((await service.call("GET", `/triggers/${arnPath(rule("bus/c"))}`)).body).toMatchObject(CONTENT);
});

test.each([
  [{ ...CONTENT, scheduleExpression: "daily" }, "ValidationException", "/scheduleExpression must be rate(…), cron(…)"],
  [{ ...CONTENT, state: "ON" }, "InvalidRequest", "state"],
  [{ ...CONTENT, targets: [{ id: "t" }] }, "InvalidRequest", "arn"],
])("what is wrong answers 400: %j", async (content, error, message) => {
  service = await apiService({ triggers: triggers() });
  const { status, body } = await service.call("PUT", `/triggers/${arnPath(rule("a"))}`, content);
  expect([status, body.error]).toEqual([400, error]);
  expect(body.message).toContain(message);
});

test("whoever makes one must be allowed to start its targets", async () => {
  const secretAccessKey = "s".repeat(40);
  const allow = [{ actions: ["stepwell:*"], resources: ["*"] }];
  const key: AccessKey = {
    accessKeyId: "AKIAMINE",
    secretAccessKey,
    principalArn: "arn:aws:iam::123456789012:user/me",
    allow,
  };
  service = await apiService({ triggers: triggers(), keys: new Map([[key.accessKeyId, key]]) });
  const login = await service.call("POST", "/session", { accessKeyId: "AKIAMINE", secretAccessKey });
  const headers = {
    cookie: String(login.headers.get("set-cookie")).split(";")[0] ?? "",
    "x-stepwell-csrf": login.body.csrfToken,
  };
  const { status, body } = await service.call("PUT", `/triggers/${arnPath(rule("a"))}`, CONTENT, headers);
  expect([status, body.message]).toEqual([403, expect.stringContaining("states:StartExecution")]);
});
