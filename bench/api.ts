/**
 * What the API costs over HTTP, beside a bare `node:http` server that parses and writes JSON, in the same run.
 *
 *   node --conditions=stepwell-source bench/api.ts [--rounds=5] [--seconds=2] [--connections=64] [--dir=/tmp]
 *
 * The servers are processes of their own, `stepwell start` as its users run it. The load comes from this process, over raw
 * sockets with one request in flight on each: a heavier client would hide the servers' differences. Configurations take
 * turns; medians of the rounds are shown, and their ratios are what counts on a shared machine.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "2" },
    connections: { type: "string", default: "64" },
    dir: { type: "string", default: tmpdir() },
    echo: { type: "boolean", default: false },
  },
});

const INPUT = JSON.stringify({ orderId: "order-0000000001", customer: { id: 42, name: "Ada Lovelace" }, total: 44.98 });
const ROLE = "arn:aws:iam::123456789012:role/bench";

interface Measured {
  readonly name: string;
  readonly rates: number[];
  run(): Promise<number>;
}

function passes(): string {
  const names = ["One", "Two", "Three", "Four", "Five"];
  const states = names.map((name, i) => [name, { Type: "Pass", ...(i < 4 ? { Next: names[i + 1] } : { End: true }) }]);
  return JSON.stringify({ StartAt: "One", States: Object.fromEntries(states) });
}

/** The bare server: what any JSON service over node:http costs at least. */
function serveEcho(): void {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.stringify(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) });
      response.end(body);
    });
  });
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
  });
}

async function start(...args: string[]): Promise<{ readonly child: ChildProcess; readonly port: number }> {
  const child = spawn(process.execPath, ["--conditions=stepwell-source", ...args], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const port = /:(\d+)$/.exec(line)?.[1];
    if (port !== undefined) return { child, port: Number(port) };
  }
  throw new Error(`${args.join(" ")} must say where it listens`);
}

function requestBytes(operation: string, body: object): Buffer {
  const text = JSON.stringify(body);
  return Buffer.from(
    `POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\nX-Amz-Target: AWSStepFunctions.${operation}\r\nContent-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
}

/** Answers per second over so many connections. Throws on the first answer that is not 200. */
async function load(port: number, request: Buffer, ms: number, connections: number): Promise<number> {
  const until = performance.now() + ms;
  let answers = 0;
  const one = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, "127.0.0.1").setNoDelay(true);
      let received = "";
      socket.on("error", reject);
      socket.on("connect", () => socket.write(request));
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        const head = received.indexOf("\r\n\r\n");
        if (head < 0) return;
        const length = Number(/content-length: (\d+)/i.exec(received)?.[1] ?? 0);
        if (received.length < head + 4 + length) return;
        if (!received.startsWith("HTTP/1.1 200")) return reject(new Error(received));
        received = "";
        answers += 1;
        if (performance.now() < until) socket.write(request);
        else {
          socket.destroy();
          resolve();
        }
      });
    });
  const began = performance.now();
  await Promise.all(Array.from({ length: connections }, one));
  return (answers * 1000) / (performance.now() - began);
}

async function call(port: number, operation: string, body: object): Promise<{ readonly [member: string]: unknown }> {
  const headers = { "x-amz-target": `AWSStepFunctions.${operation}`, "content-type": "application/x-amz-json-1.0" };
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body: JSON.stringify(body) });
  const answer = (await response.json()) as { readonly [member: string]: unknown };
  if (!response.ok) throw new Error(`${operation}: ${JSON.stringify(answer)}`);
  return answer;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function main(): Promise<void> {
  const ms = Number(values.seconds) * 1000;
  const connections = Number(values.connections);
  const data = mkdtempSync(join(values.dir, "stepwell-bench-"));
  const cli = fileURLToPath(import.meta.resolve("../packages/cli/src/main.ts"));
  const echo = await start(fileURLToPath(import.meta.url), "--echo");
  const stepwell = await start(cli, "start", "--data", data, "--port", "0");
  try {
    const arnOf = async (name: string, type: string): Promise<unknown> => {
      const request = { name, type, definition: passes(), roleArn: ROLE };
      return (await call(stepwell.port, "CreateStateMachine", request))["stateMachineArn"];
    };
    const standard = { stateMachineArn: await arnOf("standard", "STANDARD"), input: INPUT };
    const express = { stateMachineArn: await arnOf("express", "EXPRESS"), input: INPUT };
    const measure = (name: string, port: number, request: Buffer): Measured => ({
      name,
      rates: [],
      run: () => load(port, request, ms, connections),
    });
    const all = [
      measure("bare node:http echo of the same body", echo.port, requestBytes("StartExecution", standard)),
      measure("ListActivities", stepwell.port, requestBytes("ListActivities", {})),
      measure("StartExecution, Standard", stepwell.port, requestBytes("StartExecution", standard)),
      measure("StartExecution, Express", stepwell.port, requestBytes("StartExecution", express)),
      measure("StartSyncExecution, Express", stepwell.port, requestBytes("StartSyncExecution", express)),
    ];
    for (let round = 0; round <= Number(values.rounds); round++) {
      for (const each of all) {
        const rate = await each.run();
        // The first round warms up.
        if (round > 0) each.rates.push(rate);
      }
    }
    const bare = median(all[0]?.rates ?? []);
    console.log(`${connections} connections, 5 Pass states, medians of ${values.rounds} rounds of ${values.seconds} s`);
    for (const { name, rates } of all) {
      const rate = median(rates);
      console.log(
        `${name.padEnd(40)} ${Math.round(rate).toString().padStart(7)}/s ${((rate / bare) * 100).toFixed(0).padStart(5)} % of bare`,
      );
    }
  } finally {
    echo.child.kill();
    stepwell.child.kill("SIGTERM");
    await new Promise((resolve) => stepwell.child.once("exit", resolve));
    rmSync(data, { recursive: true, force: true });
  }
}

if (values.echo) serveEcho();
else await main();
