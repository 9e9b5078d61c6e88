import { afterEach, describe, expect, test } from "vitest";
import type { AccessKey } from "../aws/authentication.ts";
import { type Answer, type ApiService, apiService, arnPath } from "./api-service.test-support.ts";
import { whyNotFromHere } from "./browser-guard.ts";
import { LoginTries } from "./login-tries.ts";
import { Sessions } from "./sessions.ts";

const ADMIN: AccessKey = {
  accessKeyId: "AKIAADMINADMINADMIN1",
  secretAccessKey: "admin secret",
  principalArn: "arn:aws:iam::123456789012:user/admin",
  allow: [{ actions: ["states:*"], resources: ["*"] }],
};
const READER: AccessKey = {
  accessKeyId: "AKIAREADERREADERREA1",
  secretAccessKey: "reader secret",
  principalArn: "arn:aws:iam::123456789012:user/reader",
  allow: [{ actions: ["states:Describe*", "stepwell:Search*", "states:GetExecutionHistory"], resources: ["*"] }],
};
const QUICK = { Quick: { Type: "Pass", End: true } };

let service: ApiService | undefined;

afterEach(async () => {
  await service?.close();
  service = undefined;
});

async function withKeys(...keys: AccessKey[]): Promise<{ api: ApiService; ring: Map<string, AccessKey> }> {
  const ring = new Map(keys.map((key) => [key.accessKeyId, key]));
  service = await apiService({ keys: ring });
  return { api: service, ring };
}

interface Login {
  readonly answer: Answer;
  /** Of a GET. */
  readonly cookie: Record<string, string>;
  /** Of everything else. */
  readonly headers: Record<string, string>;
}

async function login(api: ApiService, { accessKeyId, secretAccessKey }: AccessKey): Promise<Login> {
  const answer = await api.call("POST", "/session", { accessKeyId, secretAccessKey });
  const cookie = { cookie: answer.headers.get("set-cookie")?.split(";", 1)[0] ?? "" };
  return { answer, cookie, headers: { ...cookie, "x-stepwell-csrf": answer.body.csrfToken ?? "" } };
}

async function aws(api: ApiService, operation: string, input: object, headers: Record<string, string>) {
  const response = await fetch(api.url, {
    method: "POST",
    headers: { "x-amz-target": `AWSStepFunctions.${operation}`, ...headers },
    body: JSON.stringify(input),
  });
  return { status: response.status, body: (await response.json()) as { __type?: string } };
}

describe("with authentication", () => {
  test("nothing is answered without a session or a signature but what a login needs", async () => {
    const { api } = await withKeys(ADMIN);
    expect((await api.call("GET", "/executions")).status).toBe(401);
    const session = await api.call("GET", "/session");
    expect(session.body).toEqual({
      auth: true,
      version: "development",
      accountId: "123456789012",
      region: "us-east-1",
    });
  });

  test("a login gives a strict cookie, and a token for what changes something", async () => {
    const { api } = await withKeys(ADMIN);
    const { answer, cookie, headers } = await login(api, ADMIN);
    expect(answer.status).toBe(200);
    const setCookie = answer.headers.get("set-cookie") ?? "";
    for (const part of ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"]) expect(setCookie).toContain(part);
    expect(setCookie).not.toContain("Secure");
    expect(answer.body.user).toEqual({ accessKeyId: ADMIN.accessKeyId, name: "admin" });
    expect((await api.call("GET", "/session", undefined, cookie)).body.csrfToken).toBe(answer.body.csrfToken);

    const machine = await api.machine("m", QUICK);
    expect((await api.call("GET", "/executions", undefined, cookie)).status).toBe(200);
    const input = { stateMachineArn: machine, name: "one" };
    expect((await aws(api, "StartExecution", input, cookie)).body.__type).toContain("AccessDenied");
    expect((await aws(api, "StartExecution", input, headers)).status).toBe(200);
    const arn = machine.replace(":stateMachine:", ":execution:");
    const fork = { at: { stateName: "Quick" } };
    const path = `/executions/${arnPath(`${arn}:one`)}/fork`;
    expect((await api.call("POST", path, fork, cookie)).status).toBe(403);
    expect((await api.call("POST", path, fork, { ...cookie, "x-stepwell-csrf": "x" })).status).toBe(403);
    expect((await api.call("POST", path, fork, headers)).status).toBe(200);
  });

  test("behind a proxy that speaks TLS the cookie is for TLS alone", async () => {
    const { api } = await withKeys(ADMIN);
    const { accessKeyId, secretAccessKey } = ADMIN;
    const answer = await api.call(
      "POST",
      "/session",
      { accessKeyId, secretAccessKey },
      { "x-forwarded-proto": "https" },
    );
    expect(answer.headers.get("set-cookie")).toContain("Secure");
  });

  test("a key's rules hold for its sessions", async () => {
    const { api } = await withKeys(ADMIN, READER);
    const { cookie, headers } = await login(api, READER);
    const machine = await api.machine("m", QUICK);
    const execution = await api.start(machine, {}, "one");
    expect((await api.call("GET", "/executions", undefined, cookie)).status).toBe(200);
    expect((await api.call("GET", `/executions/${arnPath(execution)}`, undefined, cookie)).status).toBe(200);
    expect((await api.call("GET", "/tokens", undefined, cookie)).status).toBe(403);
    const fork = await api.call("POST", `/executions/${arnPath(execution)}/fork`, { at: { eventId: 2 } }, headers);
    expect(fork).toMatchObject({ status: 403, body: { error: "AccessDeniedException" } });
    expect((await aws(api, "StartExecution", { stateMachineArn: machine }, headers)).body.__type).toContain(
      "AccessDenied",
    );
  });

  test("a session ends with its key, with its secret, and by logging out", async () => {
    const { api, ring } = await withKeys(ADMIN, READER);
    const first = await login(api, ADMIN);
    const second = await login(api, ADMIN);
    expect((await api.call("DELETE", "/session", undefined, first.cookie)).status).toBe(403);
    const out = await api.call("DELETE", "/session", undefined, first.headers);
    expect(out.status).toBe(204);
    expect(out.headers.get("set-cookie")).toContain("Max-Age=0");
    expect((await api.call("GET", "/executions", undefined, first.cookie)).status).toBe(401);
    expect((await api.call("GET", "/executions", undefined, second.cookie)).status).toBe(200);
    ring.set(ADMIN.accessKeyId, { ...ADMIN, secretAccessKey: "another" });
    expect((await api.call("GET", "/executions", undefined, second.cookie)).status).toBe(401);
    const reader = await login(api, READER);
    ring.delete(READER.accessKeyId);
    expect((await api.call("GET", "/executions", undefined, reader.cookie)).status).toBe(401);
    expect((await aws(api, "ListStateMachines", {}, reader.headers)).body.__type).toContain("UnrecognizedClient");
  });

  test("a wrong secret is refused, and too many of them lock out for a while", async () => {
    const { api } = await withKeys(ADMIN);
    const wrong = { accessKeyId: ADMIN.accessKeyId, secretAccessKey: "wrong" };
    for (let i = 0; i < 10; i++) expect((await api.call("POST", "/session", wrong)).status).toBe(401);
    expect((await api.call("POST", "/session", wrong)).status).toBe(429);
    expect((await login(api, ADMIN)).answer.status).toBe(429);
  });

  test("a body that is not JSON by its type is not read", async () => {
    const { api } = await withKeys(ADMIN);
    const response = await fetch(`${api.url}/api/v1/session`, { method: "POST", body: "{}" });
    expect(response.status).toBe(415);
  });
});

describe("sessions", () => {
  const options = { authenticator: { findKey: async () => ADMIN }, signingKey: "k" };

  test("end after their time, and are not believed when they were changed", async () => {
    let now = 1_000;
    const sessions = new Sessions({ ...options, now: () => now });
    const { setCookie } = sessions.begin(ADMIN, false);
    const cookie = setCookie.split(";", 1)[0] ?? "";
    expect((await sessions.of({ cookie }))?.key).toBe(ADMIN);
    const [name = "", value = ""] = cookie.split("=");
    const [payload = "", signature = ""] = value.split(".");
    const [accessKeyId, id, expiresAt] = JSON.parse(Buffer.from(payload, "base64url").toString()) as string[];
    const forged = Buffer.from(JSON.stringify([accessKeyId, id, Number(expiresAt) + 1])).toString("base64url");
    for (const other of [`${forged}.${signature}`, payload, `${payload}.`, `${payload}.${signature}.x`, "x.y", "%%"]) {
      expect(await sessions.of({ cookie: `${name}=${other}` })).toBeUndefined();
    }
    expect(await new Sessions({ ...options, signingKey: "other", now: () => now }).of({ cookie })).toBeUndefined();
    now += 12 * 60 * 60 * 1_000;
    expect(await sessions.of({ cookie })).toBeUndefined();
  });
});

test("tries are counted by minute, of a key and of an address", () => {
  let now = 0;
  const tries = new LoginTries(() => now);
  for (let i = 0; i < 10; i++) tries.failed("::1", "a");
  expect([tries.mayTry("::1", "a"), tries.mayTry("::2", "a"), tries.mayTry("::1", "b")]).toEqual([false, false, true]);
  for (let i = 0; i < 50; i++) tries.failed("::1", `other ${i}`);
  expect([tries.mayTry("::1", "b"), tries.mayTry("::2", "b")]).toEqual([false, true]);
  now = 60_000;
  expect(tries.mayTry("::1", "a")).toBe(true);
});

describe("without authentication", () => {
  test.each([
    [{ host: "localhost:8083" }, true],
    [{ host: "127.0.0.1:8083", origin: "http://127.0.0.1:8083", "sec-fetch-site": "same-origin" }, true],
    [{ host: "[::1]:8083" }, true],
    [{ host: "stepwell.localhost" }, true],
    [{ host: "localhost:8083", "sec-fetch-site": "none" }, true],
    [{ host: "evil.example:8083" }, false],
    [{ host: "localhost.evil.example" }, false],
    [{ host: "" }, false],
    [{ host: "localhost:8083", origin: "http://evil.example" }, false],
    [{ host: "localhost:8083", origin: "http://localhost:3000" }, false],
    [{ host: "localhost:8083", origin: "null" }, false],
    [{ host: "localhost:8083", "sec-fetch-site": "cross-site" }, false],
    [{ host: "localhost:8083", "sec-fetch-site": "same-site" }, false],
  ])("%j comes from here: %s", (headers, isFine) => {
    expect(whyNotFromHere(headers) === undefined).toBe(isFine);
  });

  test("a page of another site can neither read nor start anything, other programs can", async () => {
    const api = await apiService();
    service = api;
    const machine = await api.machine("m", QUICK);
    const evil = { origin: "http://evil.example" };
    expect((await api.call("GET", "/executions", undefined, evil)).status).toBe(403);
    expect((await api.call("GET", "/session", undefined, evil)).status).toBe(403);
    const start = { stateMachineArn: machine };
    expect((await aws(api, "StartExecution", start, evil)).body.__type).toContain("AccessDenied");
    expect((await aws(api, "StartExecution", start, { origin: api.url })).status).toBe(200);
    expect((await aws(api, "StartExecution", start, {})).status).toBe(200);
    const named = { method: "GET", url: "/api/v1/executions", headers: { host: "evil.example" } } as const;
    expect((await api.app.inject(named)).statusCode).toBe(403);
    const rebound = { method: "GET", url: "/console/", headers: { host: "evil.example" } } as const;
    expect((await api.app.inject(rebound)).statusCode).toBe(403);
    expect((await api.call("POST", "/session", { accessKeyId: "A", secretAccessKey: "B" })).status).toBe(400);
    expect((await api.call("GET", "/session")).body).toMatchObject({ auth: false });
  });
});
