import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import type { FunctionRouter } from "../task-router.ts";
import { createTaskRouter } from "../task-router.ts";
import { failureOf, functionTask, outputOf, perform } from "../testing/task-fixture.ts";
import { FunctionsClosedError } from "./functions-closed.ts";

let server: Server | undefined;
let router: FunctionRouter | undefined;
afterEach(async () => {
  await router?.close();
  server?.closeAllConnections();
  server?.close();
});

async function functionAt(
  handle: (request: IncomingMessage, body: string, response: ServerResponse) => void,
  settings: object = {},
): Promise<FunctionRouter> {
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    handle(request, body, response);
  });
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/invoke`;
  router = createTaskRouter({ functions: { U: { url, ...settings } } });
  return router;
}

const call = (target: FunctionRouter, event: unknown = {}) => perform(target, functionTask("U", event));

describe("a function behind a URL", () => {
  it("is POSTed the event, and its body is the result", async () => {
    const target = await functionAt((request, body, response) => {
      const { method, url, headers } = request;
      response.end(JSON.stringify({ method, url, type: headers["content-type"], event: JSON.parse(body) }));
    });
    expect(await outputOf(call(target, { n: 1 }))).toEqual({
      method: "POST",
      url: "/invoke",
      type: "application/json",
      event: { n: 1 },
    });
  });

  it("fails as a function does when it says so in x-amz-function-error", async () => {
    const target = await functionAt((_request, _body, response) => {
      response.setHeader("x-amz-function-error", "Unhandled").end('{"errorType": "Bad.Row", "errorMessage": "7"}');
    });
    expect(await failureOf(call(target))).toEqual({
      error: "Bad.Row",
      cause: '{"errorType": "Bad.Row", "errorMessage": "7"}',
    });
  });

  it.each([
    [429, {}, "Lambda.TooManyRequestsException", "Error Code: TooManyRequestsException"],
    [503, {}, "Lambda.ServiceException", "503 Service Unavailable: sorry (Service: AWSLambda; Status Code: 503;"],
    [404, {}, "Lambda.AWSLambdaException", "Error Code: Http404"],
    [404, { "x-amzn-errortype": "ResourceNotFoundException:http://x" }, "Lambda.ResourceNotFoundException", "404"],
    [302, { location: "http://169.254.169.254/" }, "Lambda.AWSLambdaException", "Error Code: Http302"],
  ])("status %i %j", async (status, headers, error, cause) => {
    const target = await functionAt((_request, _body, response) => response.writeHead(status, headers).end("sorry"));
    const failure = await failureOf(call(target));
    expect(failure.error).toBe(error);
    expect(failure.cause).toContain(cause);
  });

  it("that nobody serves is Lambda.SdkClientException, which the usual Retry names", async () => {
    router = createTaskRouter({ functions: { U: { url: "http://127.0.0.1:1/invoke" } } });
    const { error, cause } = await failureOf(call(router));
    expect(error).toBe("Lambda.SdkClientException");
    expect(cause).toMatch(/^Unable to execute HTTP request: 127.0.0.1:1: .*ECONNREFUSED/);
  });

  it("is given up at its timeout", async () => {
    const target = await functionAt(() => undefined, { timeoutSeconds: 1 });
    expect((await failureOf(call(target))).error).toBe("Sandbox.Timedout");
  });

  it("may not answer more than Lambda allows", async () => {
    const target = await functionAt((_request, _body, response) => response.end("a".repeat(7_000_000)));
    expect((await failureOf(call(target))).error).toBe("Function.ResponseSizeTooLarge");
  });

  it("gives text that is not JSON as a text", async () => {
    const target = await functionAt((_request, _body, response) => response.end("OK"));
    expect(await outputOf(call(target))).toBe("OK");
  });

  it("is asked no more often at once than its concurrency", async () => {
    let running = 0;
    let most = 0;
    const target = await functionAt(
      async (_request, _body, response) => {
        most = Math.max(most, ++running);
        await delay(10);
        running--;
        response.end("1");
      },
      { concurrency: 2 },
    );
    await Promise.all(Array.from({ length: 8 }, () => call(target)));
    expect(most).toBe(2);
  });

  it("lets those go who wait, when they abort and when the server stops", async () => {
    const target = await functionAt(() => undefined, { concurrency: 1 });
    const running = call(target);
    const abort = new AbortController();
    const waiting = perform(target, functionTask("U", {}), abort.signal);
    const another = call(target);
    abort.abort(new Error("stopped"));
    await expect(waiting).rejects.toThrow("stopped");
    await Promise.all([
      expect(running).rejects.toThrow(FunctionsClosedError),
      expect(another).rejects.toThrow(FunctionsClosedError),
      target.close(),
    ]);
  });
});
