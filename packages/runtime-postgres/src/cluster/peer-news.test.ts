import type { ExecutionChange } from "@stepwell/engine";
import { afterEach, expect, test } from "vitest";
import { PeerNews } from "./peer-news.ts";
import { openPeerServer, type PeerServer } from "./peer-server.ts";
import { PeerWire } from "./peer-wire.ts";

const PATIENT = { timeout: 15_000, interval: 10 };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Teller {
  readonly address: string;
  readonly server: PeerServer;
  readonly topics: Map<string, (change: ExecutionChange) => void>;
}

async function teller(port = 0): Promise<Teller> {
  const topics = new Map<string, (change: ExecutionChange) => void>();
  const server = await openPeerServer({
    host: "127.0.0.1",
    port,
    secret: () => "secret",
    answer: async () => undefined,
    tellOf(topic, tell) {
      topics.set(topic, tell);
      return () => topics.delete(topic);
    },
  });
  closing.push(() => server.close());
  return { address: `127.0.0.1:${server.port}`, server, topics };
}

/** Patient with a machine that is busy, so that nothing is missed for that alone. */
function hearer(readyMs = 60_000): { news: PeerNews; heard: string[]; missed: () => number } {
  const wire = new PeerWire(() => "secret");
  const heard: string[] = [];
  let missed = 0;
  const news = new PeerNews({
    request: (address, path) => wire.request(address, path, { ownConnection: true }),
    heard: ({ name, lastEventId }) => void heard.push(`${name} ${lastEventId}`),
    missed: () => {
      missed += 1;
    },
    readyMs,
  });
  closing.push(() => wire.close());
  closing.push(() => news.close());
  return { news, heard, missed: () => missed };
}

const change = (name: string, lastEventId: number): ExecutionChange => ({
  executionArn: `arn:${name}`,
  stateMachineArn: "arn:m",
  name,
  status: "RUNNING",
  startDate: 1,
  redriveCount: 0,
  lastEventId,
  turned: true,
});

test("all nodes are heard from when a topic is ready; nobody is asked while nothing is to be heard", async () => {
  const [one, two] = [await teller(), await teller()];
  const { news, heard, missed } = hearer();
  news.nodes(new Set([one.address, two.address]));
  const hearing = news.hear("all");
  await hearing.ready;
  const other = news.hear("execution x");
  await other.ready;
  for (const { topics } of [one, two]) expect([...topics.keys()]).toEqual(["all", "execution x"]);
  one.topics.get("all")?.(change("a", 2));
  one.topics.get("all")?.(change("a", 5));
  two.topics.get("execution x")?.(change("b", 2));
  // Of one execution the last; of all of them each.
  await expect.poll(() => [...heard].sort(), PATIENT).toEqual(["a 5", "b 2"]);
  other.stop();
  for (const { topics } of [one, two]) await expect.poll(() => [...topics.keys()], PATIENT).toEqual(["all"]);
  hearing.stop();
  for (const { topics } of [one, two]) await expect.poll(() => topics.size, PATIENT).toBe(0);
  expect(missed()).toBe(0);
});

test("a node that joins is heard too, and one that goes or comes back may have done something meanwhile", async () => {
  const one = await teller();
  const { news, heard, missed } = hearer();
  news.nodes(new Set([one.address]));
  await news.hear("all").ready;
  const two = await teller();
  news.nodes(new Set([one.address, two.address]));
  await expect.poll(missed, PATIENT).toBe(1);
  expect(two.topics.has("all")).toBe(true);
  await one.server.close();
  await expect.poll(missed, PATIENT).toBeGreaterThan(1);
  const again = await teller(one.server.port);
  await expect.poll(() => again.topics.has("all"), PATIENT).toBe(true);
  again.topics.get("all")?.(change("c", 2));
  await expect.poll(() => heard, PATIENT).toEqual(["c 2"]);
  const before = missed();
  news.nodes(new Set([again.address]));
  expect(missed()).toBe(before + 1);
  await expect.poll(() => two.topics.size, PATIENT).toBe(0);
});

test("more changes than are kept: some are told, and that some are not", async () => {
  const { address, topics } = await teller();
  const { news, heard, missed } = hearer();
  news.nodes(new Set([address]));
  await news.hear("all").ready;
  for (let i = 0; i < 5_000; i++) topics.get("all")?.(change(`e${i}`, 2));
  await expect.poll(() => heard.at(-1), PATIENT).toBe("e4999 2");
  expect(heard).toHaveLength(1_000);
  expect(missed()).toBe(1);
});

test("who cannot be reached does not keep anybody waiting, and is said to be missed", async () => {
  const { news, missed } = hearer(100);
  news.nodes(new Set(["127.0.0.1:1"]));
  await news.hear("all").ready;
  await expect.poll(missed, PATIENT).toBeGreaterThan(1);
});
