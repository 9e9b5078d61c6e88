import { connect } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { InvocationRequest } from "./invocation.ts";
import type { RuntimeListener } from "./runtime-api.ts";
import { RuntimeApi } from "./runtime-api.ts";

const INVOCATION: InvocationRequest = {
  requestId: "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
  payload: '{"n":1}',
  functionArn: "arn:aws:lambda:us-east-1:123456789012:function:F",
  traceId: "root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;sampled=0",
  executionArn: "e",
  stateName: "s",
};

let api: RuntimeApi | undefined;
afterEach(() => api?.close());

async function listen(token?: string) {
  const listener = {
    onReady: vi.fn(),
    onLeft: vi.fn(),
    onResponse: vi.fn(),
    onError: vi.fn(),
    onInitError: vi.fn(),
  } satisfies RuntimeListener;
  api = await RuntimeApi.listen(listener, token);
  return { api, listener, url: `http://${api.address}/2018-06-01/runtime` };
}

describe("the runtime API", () => {
  it("gives an invocation with what Lambda tells about it", async () => {
    const { api, listener, url } = await listen();
    const next = fetch(`${url}/invocation/next`);
    await vi.waitFor(() => expect(listener.onReady).toHaveBeenCalled(), 30_000);
    api.next(INVOCATION, 1_542_409_706_888);
    const response = await next;
    expect(await response.text()).toBe('{"n":1}');
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "application/json",
      "lambda-runtime-aws-request-id": INVOCATION.requestId,
      "lambda-runtime-deadline-ms": "1542409706888",
      "lambda-runtime-invoked-function-arn": INVOCATION.functionArn,
      "lambda-runtime-trace-id": INVOCATION.traceId,
    });
  });

  it("takes a result once, and only for the invocation it gave", async () => {
    const { api, listener, url } = await listen();
    const next = fetch(`${url}/invocation/next`);
    await vi.waitFor(() => expect(listener.onReady).toHaveBeenCalled(), 30_000);
    api.next(INVOCATION, 0);
    await next;
    const post = (id: string) => fetch(`${url}/invocation/${id}/response`, { method: "POST", body: "1" });
    expect((await post("other")).status).toBe(400);
    expect((await fetch(`${url}/invocation/next`)).status).toBe(403);
    expect((await post(INVOCATION.requestId)).status).toBe(202);
    expect((await post(INVOCATION.requestId)).status).toBe(400);
    expect(listener.onResponse).toHaveBeenCalledExactlyOnceWith(INVOCATION.requestId, Buffer.from("1"));
  });

  it("tells when a runtime hangs up while it waits", async () => {
    const { listener, url } = await listen();
    const abort = new AbortController();
    const next = fetch(`${url}/invocation/next`, { signal: abort.signal });
    await vi.waitFor(() => expect(listener.onReady).toHaveBeenCalled(), 30_000);
    abort.abort();
    await expect(next).rejects.toThrow();
    await vi.waitFor(() => expect(listener.onLeft).toHaveBeenCalledOnce(), 30_000);
  });

  it.each([
    ["GET", "/nothing"],
    ["POST", "/invocation/next"],
    ["POST", "/invocation/x/y"],
  ])("knows no %s %s", async (method, path) => {
    const { url } = await listen();
    expect((await fetch(url + path, { method })).status).toBe(404);
  });

  it("refuses what a page in a browser could send", async () => {
    const { api, listener, url } = await listen();
    const headers = { origin: "https://example.com" };
    expect((await fetch(`${url}/init/error`, { method: "POST", headers, body: "{}" })).status).toBe(403);
    const rebound = await raw(api, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: evil.example\r\n\r\n");
    expect(rebound).toContain("403");
    const marked = `GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: ${api.address}\r\nSec-Fetch-Site: cross-site\r\n\r\n`;
    expect(await raw(api, marked)).toContain("403");
    expect(listener.onReady).not.toHaveBeenCalled();
    expect(listener.onInitError).not.toHaveBeenCalled();
  });

  it("wants the secret where there is one", async () => {
    const { listener, url } = await listen("secret");
    const post = (token: string) =>
      fetch(`${url}/init/error`, { method: "POST", body: "{}", headers: { "stepwell-runtime-token": token } });
    expect((await post("secreT")).status).toBe(403);
    expect((await post("s")).status).toBe(403);
    expect((await post("secret")).status).toBe(202);
    expect(listener.onInitError).toHaveBeenCalledOnce();
  });
});

/** Sends bytes as they are; `fetch` would choose these headers itself. */
function raw(target: RuntimeApi, text: string): Promise<string> {
  const [host, port] = target.address.split(":");
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host!, () => socket.write(text));
    socket.once("data", (chunk) => {
      socket.destroy();
      resolve(chunk.toString());
    });
    socket.once("error", reject);
  });
}
