import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { createTaskRouter } from "../task-router.ts";
import { functionTask, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";

const TRACEPARENT = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";
const X_RAY = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

test("a function knows the span of the state that calls it", async () => {
  const server = createServer((request, response) => {
    const { traceparent, "x-amzn-trace-id": xray } = request.headers;
    response.end(JSON.stringify({ traceparent, xray }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { directory, remove } = writeFiles({ "f.mjs": "export const f = () => process.env._X_AMZN_TRACE_ID;" });
  const router = createTaskRouter({
    baseDirectory: directory,
    functions: {
      web: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      local: { handler: "./f.mjs#f" },
    },
  });
  try {
    const traced = { traceparent: TRACEPARENT };
    expect(await outputOf(perform(router, functionTask("web", {}, traced)))).toEqual({ ...traced, xray: X_RAY });
    expect(await outputOf(perform(router, functionTask("local", {}, traced)))).toBe(X_RAY);
    expect(await outputOf(perform(router, functionTask("web", {})))).toEqual({
      xray: expect.stringMatching(/^root=1-[0-9a-f]{8}-[0-9a-f]{24};sampled=0$/),
    });
  } finally {
    await router.close();
    server.close();
    remove();
  }
});
