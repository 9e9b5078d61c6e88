import { NotOwned, Rejection, StoreUnavailable } from "@stepwell/engine";
import { afterEach, expect, test } from "vitest";
import { PeerClient } from "./peer-client.ts";
import { openPeerServer, type PeerServer } from "./peer-server.ts";
import { PeerWire } from "./peer-wire.ts";

let server: PeerServer | undefined;
const clients: PeerClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await server?.close();
});

async function open(answer: Parameters<typeof openPeerServer>[0]["answer"]): Promise<string> {
  server = await openPeerServer({
    host: "127.0.0.1",
    port: 0,
    secret: () => "secret",
    answer,
    tellOf: () => () => undefined,
  });
  return `127.0.0.1:${server.port}`;
}

function client(secret = "secret"): PeerClient {
  const made = new PeerClient(new PeerWire(() => secret));
  clients.push(made);
  return made;
}

test("answers come back each by itself, with what was refused", async () => {
  const address = await open(async ({ method, args }) => {
    if (method === "slow") await new Promise((resolve) => setTimeout(resolve, 100));
    if (method === "refuse") throw new Rejection("TaskTimedOut", "too late", { reason: "r" });
    if (method === "away") throw new StoreUnavailable("no database");
    if (method === "elsewhere") throw new NotOwned("arn:x");
    return { method, args, missing: args[1] === undefined };
  });
  const peer = client();
  const order: string[] = [];
  const ask = async (method: string, ...args: unknown[]): Promise<unknown> => {
    const answer = await peer.ask(address, { method, args });
    order.push(method);
    return answer;
  };
  const [slow, quick] = [ask("slow", 1), ask("quick", "é", undefined)];
  expect(await quick).toEqual({ method: "quick", args: ["é", null], missing: true });
  expect(await slow).toMatchObject({ args: [1] });
  expect(order).toEqual(["quick", "slow"]);
  await expect(ask("refuse")).rejects.toMatchObject({
    name: "TaskTimedOut",
    message: "too late",
    details: { reason: "r" },
  });
  await expect(ask("away")).rejects.toThrow(StoreUnavailable);
  await expect(ask("elsewhere")).rejects.toMatchObject({ name: "NotOwned", executionArn: "arn:x" });
});

test("who does not know the secret, or asks for something else, gets nothing", async () => {
  let asked = 0;
  const address = await open(async () => {
    asked += 1;
  });
  await expect(client("wrong").ask(address, { method: "stop", args: [] })).rejects.toThrow(NotOwned);
  const authorization = "Bearer secret";
  expect((await fetch(`http://${address}/calls`, { method: "POST", body: "{}" })).status).toBe(401);
  expect((await fetch(`http://${address}/other`, { method: "POST", headers: { authorization } })).status).toBe(404);
  expect(asked).toBe(0);
});

test("nobody there: nothing was done; cut in the middle: unknown, or asked again where that does no harm", async () => {
  const address = await open(() => new Promise(() => undefined));
  const peer = client();
  await expect(peer.ask("127.0.0.1:1", { method: "sendTaskSuccess", args: [] })).rejects.toThrow(NotOwned);
  const unknown = peer.ask(address, { method: "sendTaskSuccess", args: [] });
  const repeatable = peer.ask(address, { method: "stop", args: [] });
  await new Promise((resolve) => setTimeout(resolve, 100));
  peer.keepOnly(new Set());
  await expect(unknown).rejects.toThrow(StoreUnavailable);
  await expect(repeatable).rejects.toThrow(NotOwned);
});

test("a node that dies with answers outstanding is survived", async () => {
  const begun = Promise.withResolvers<void>();
  const address = await open(({ method }) => {
    if (method === "stop") begun.resolve();
    return method === "quick" ? Promise.resolve() : new Promise(() => undefined);
  });
  const peer = client();
  const quick = peer.ask(address, { method: "quick", args: [] });
  const pending = peer.ask(address, { method: "stop", args: [] });
  // Its answer has begun.
  await Promise.all([quick, begun.promise]);
  await server?.close();
  await expect(pending).rejects.toThrow(NotOwned);
  // An error nobody hears would be thrown by now, and fail the run.
  await new Promise((resolve) => setImmediate(resolve));
});
