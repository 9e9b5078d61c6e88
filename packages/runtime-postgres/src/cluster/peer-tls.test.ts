import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NotOwned } from "@stepwell/engine";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type TestCertificate, testCertificate } from "./certificates.test-support.ts";
import { PeerClient } from "./peer-client.ts";
import { openPeerServer, type PeerServer } from "./peer-server.ts";
import { PeerTls, PeerTlsFailure, type PeerTlsFiles } from "./peer-tls.ts";
import { PeerWire } from "./peer-wire.ts";

// Certificates are made here, each time: none is kept that would end one day.

let directory: string;
const closing: (() => unknown)[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "stepwell-tls-"));
  const [ca, stranger] = [testCertificate("ca"), testCertificate("stranger")];
  const ended = { from: Date.UTC(2020, 0, 1), to: Date.UTC(2021, 0, 1) };
  const made = {
    ca,
    stranger,
    node: testCertificate("127.0.0.1", ca),
    named: testCertificate("stepwell-peers", ca),
    foreign: testCertificate("127.0.0.1", stranger),
    old: testCertificate("127.0.0.1", ca, ended),
  };
  for (const [name, { cert, key }] of Object.entries(made)) {
    writeFileSync(path(`${name}.pem`), cert);
    writeFileSync(path(`${name}.key`), key);
  }
  writeFileSync(path("text.pem"), "no certificate");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

const path = (name: string): string => join(directory, name);

const filesOf = (name: string, more: Partial<PeerTlsFiles> = {}): PeerTlsFiles => ({
  cert: path(`${name}.pem`),
  key: path(`${name}.key`),
  ca: path("ca.pem"),
  ...more,
});

async function serve(tls?: PeerTls): Promise<PeerServer> {
  const server = await openPeerServer({
    host: "127.0.0.1",
    port: 0,
    secret: () => "secret",
    answer: async ({ args }) => args[0],
    tellOf: () => () => undefined,
    ...(tls && { tls }),
  });
  closing.push(() => server.close());
  return server;
}

const problems: string[] = [];

function ask(address: string, tls?: PeerTls): Promise<unknown> {
  const wire = new PeerWire(
    () => "secret",
    tls,
    (problem) => problems.push(String(problem)),
  );
  closing.push(() => wire.close());
  return new PeerClient(wire).ask(address, { method: "echo", args: ["heard"] });
}

test("nodes with certificates of an authority they know hear each other; others are not told anything", async () => {
  const tls = new PeerTls(filesOf("node"));
  const { port } = await serve(tls);
  const address = `https://127.0.0.1:${port}`;
  await tls.check(port, "127.0.0.1", `127.0.0.1:${port}`);
  expect(await ask(address, tls)).toBe("heard");
  const stranger = await serve(new PeerTls(filesOf("foreign")));
  await expect(ask(`https://127.0.0.1:${stranger.port}`, tls)).rejects.toThrow(NotOwned);
  expect(problems).toEqual([expect.stringContaining("unable to verify")]);
  // One that has no TLS, and one that has it for one that has not.
  await expect(ask(`127.0.0.1:${(await serve()).port}`, tls)).rejects.toThrow(NotOwned);
  await expect(ask(address)).rejects.toThrow(NotOwned);
  expect(new PeerWire(() => "secret").problemOf(address)).toContain("peers.tls must be set at all nodes or none");
});

test("a name stands for addresses that nobody knows before", async () => {
  const tls = new PeerTls(filesOf("named", { name: "stepwell-peers" }));
  const { port } = await serve(tls);
  await tls.check(port, "127.0.0.1", `127.0.0.1:${port}`);
  expect(await ask(`https://127.0.0.1:${port}`, tls)).toBe("heard");
});

test("certificates that were renewed in their place are shown and trusted without a restart", async () => {
  const files = { cert: path("renewed.pem"), key: path("renewed.key"), ca: path("renewed-ca.pem") };
  const put = (ca: TestCertificate): void => {
    const { cert, key } = testCertificate("127.0.0.1", ca);
    writeFileSync(files.ca, ca.cert);
    writeFileSync(files.key, key);
    writeFileSync(files.cert, cert);
  };
  put(testCertificate("first"));
  const tls = new PeerTls(files, 10);
  const { port } = await serve(tls);
  expect(await ask(`https://127.0.0.1:${port}`, tls)).toBe("heard");
  // A key without its certificate, as while they are being written: the old ones serve.
  writeFileSync(files.key, testCertificate("127.0.0.1").key);
  expect(await ask(`https://127.0.0.1:${port}`, tls)).toBe("heard");
  put(testCertificate("second"));
  const others = new PeerTls(files);
  await expect.poll(() => ask(`https://127.0.0.1:${port}`, others), { timeout: 15_000 }).toBe("heard");
  await expect.poll(() => ask(`https://127.0.0.1:${port}`, tls), { timeout: 15_000 }).toBe("heard");
});

test("what others would refuse is refused at the start, with its reason", async () => {
  const checked = async (tls: PeerTls, at = "127.0.0.1"): Promise<void> => {
    const { port } = await serve(tls);
    await tls.check(port, "127.0.0.1", `${at}:${port}`);
  };
  await expect(checked(new PeerTls(filesOf("foreign")))).rejects.toThrow(/foreign\.pem: other nodes, .* refuse it/);
  await expect(checked(new PeerTls(filesOf("node")), "10.1.2.3")).rejects.toThrow(/ask for 10\.1\.2\.3.*IP/);
  await expect(checked(new PeerTls(filesOf("node", { name: "stepwell-peers" })))).rejects.toThrow(/stepwell-peers/);
  await expect(checked(new PeerTls(filesOf("node")))).resolves.toBeUndefined();
});

test.each([
  ["a file that is not there", { cert: "/nowhere/node.pem" }, /^peers\.tls\.cert: ENOENT.*\/nowhere\/node\.pem/],
  ["no certificate", { cert: "text.pem" }, /peers\.tls\.cert .*text\.pem: must be a certificate in PEM/],
  ["no key", { key: "text.pem" }, /peers\.tls\.key .*text\.pem: must be a private key in PEM/],
  ["no authorities", { ca: "text.pem" }, /peers\.tls\.ca .*text\.pem: must be certificates in PEM/],
  ["another one's key", { key: "named.key" }, /named\.key: is not the key of the certificate .*node\.pem/],
  ["one that has ended", { cert: "old.pem", key: "old.key" }, /old\.pem: was valid to .*2021/],
])("files that cannot be used: %s", (_, given, message) => {
  const files = Object.fromEntries(
    Object.entries(given).map(([what, file]) => [what, path(file).replace(/.*\/\//, "/")]),
  );
  const open = (): PeerTls => new PeerTls({ ...filesOf("node"), ...files });
  expect(open).toThrow(PeerTlsFailure);
  expect(open).toThrow(message);
});
