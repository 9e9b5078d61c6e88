/** What CreateFlow takes for a flow, by Alibaba's clients in turn (cloudflow.md 8). */
import { afterAll, beforeAll, expect, test } from "vitest";
import { REFUSED, REFUSED_EXPRESS, TAKEN } from "./definition-cases.ts";
import { type Answer, type CallFlows, CLIENTS } from "./flow-clients.ts";
import { type FlowServer, KEY, startFlowServer } from "./flow-server.ts";

let server: FlowServer;
let calls: readonly CallFlows[];

beforeAll(async () => {
  server = await startFlowServer();
  calls = Object.values(CLIENTS).map((client) => client(server.endpoint, KEY));
});

afterAll(async () => {
  await server.close();
});

function create(at: number, name: string, Definition: string, ExecutionMode = ""): Promise<Answer> {
  const call = calls[at % calls.length]!;
  return call("CreateFlow", { Name: `${name}_${at}`, Definition, Description: "d", Type: "FDL", ExecutionMode });
}

test.each(REFUSED.map(([about, text], at) => [about, text, at] as const))("refused: %s", async (_about, text, at) => {
  await expect(create(at, "refused", text)).rejects.toMatchObject({ code: "InvalidArgument" });
});

test.each(REFUSED_EXPRESS)("refused of an Express flow: %s", async (_about, text) => {
  await expect(create(0, "express", text, "Express")).rejects.toMatchObject({ code: "InvalidArgument" });
});

test.each(TAKEN.map(([about, text, mode], at) => [about, text, mode, at] as const))(
  "taken: %s",
  async (_about, text, mode, at) => {
    expect(await create(at, "taken", text, mode)).toMatchObject({ Definition: text });
  },
);
