import fc from "fast-check";
import { expect, test } from "vitest";
import { apiService, arnPath } from "./api-service.test-support.ts";

const MEMBERS = [
  ...["stateMachineArn", "status", "from", "to", "name", "error", "in", "path", "equals", "limit", "cursor"],
  ...["after", "reverse", "hours", "prefix", "at", "input", "definition", "stateMachineVersionArn", "format", "type"],
];
const TEXTS = [
  "",
  "0",
  "-1",
  "1e9",
  "null",
  "\u0000",
  "😀",
  "$..*",
  "$[?(@.a==1)]",
  "{",
  '"x"',
  "input",
  "__proto__",
  "A",
];
const JSONS: readonly unknown[] = [null, 1, "x", [], {}, { eventId: 2 }, { stateName: "A" }, { eventId: "2" }, true];

test("whatever is asked, the answer is no failure of the server's own", { timeout: 60_000 }, async () => {
  const service = await apiService();
  const machine = await service.machine("quick", { A: { Type: "Pass", End: true } });
  const one = `/executions/${arnPath(await service.start(machine, {}, "one"))}`;
  const reads = ["/overview", "/machines", "/executions", one, `${one}/events`, `${one}/events/1`, "/tokens", "/x"];
  const ask = async (method: "GET" | "POST", url: string, payload?: string): Promise<void> => {
    const headers = { host: "localhost", ...(payload === undefined ? {} : { "content-type": "application/json" }) };
    const answer = await service.app.inject({
      method,
      url: `/api/v1${url}`,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    expect(answer.statusCode, `${method} ${url} ${payload}: ${answer.body}`).toBeLessThan(500);
  };
  const query = fc.array(fc.tuple(fc.constantFrom(...MEMBERS), fc.oneof(fc.constantFrom(...TEXTS), fc.string())), {
    maxLength: 4,
  });
  const body = fc.dictionary(fc.constantFrom(...MEMBERS), fc.oneof(fc.constantFrom(...JSONS), fc.jsonValue()));
  const read = fc.asyncProperty(fc.constantFrom(...reads), query, async (path, members) => {
    await ask("GET", `${path}?${new URLSearchParams(members)}`);
  });
  const write = fc.asyncProperty(fc.constantFrom(`${one}/fork`, "/lint", "/session"), body, async (path, members) => {
    await ask("POST", path, JSON.stringify(members));
  });
  await fc.assert(read, { numRuns: 500 });
  await fc.assert(write, { numRuns: 500 });
  await service.close();
});
