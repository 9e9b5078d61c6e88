import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";

/** The built command line. `npm test` builds it first. */
export const CLI: string = join(import.meta.dirname, "..", "packages", "cli", "dist", "main.js");

/** STEPWELL_E2E_SOURCE=1: the sources instead, while working on them. */
export const PROGRAM: readonly string[] =
  process.env["STEPWELL_E2E_SOURCE"] === "1"
    ? ["--conditions=stepwell-source", join(import.meta.dirname, "..", "packages", "cli", "src", "main.ts")]
    : [CLI];

/** A `stepwell start` that runs as its users run it: as a process of its own. */
export interface StepwellProcess {
  readonly url: string;
  readonly pid: number;
  /** Milliseconds from the start of the process to its line with the URL. */
  readonly readyMs: number;
  /** `kill -9`; resolves when the process is gone. */
  killHard(): Promise<void>;
  /** Stops it in its tracks, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Asks it to end and waits for it; rejects when it needs more than a minute or ends with another status than 0. */
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 90_000;
/** The last lines a process wrote are told with an end that nobody expected. */
const LAST_LINES = 30;
const STOP_TIMEOUT_MS = 60_000;

/** Starts the server on a data directory and waits until it says where it listens. Rejects with what it printed when it ends. */
export async function startStepwell(
  dataDirectory: string,
  options: {
    readonly port?: number;
    readonly args?: readonly string[];
    readonly cwd?: string;
    /** How long it may take to listen; default 20 seconds. */
    readonly readyMs?: number;
    readonly onLine?: (line: string) => void;
  } = {},
): Promise<StepwellProcess> {
  if (!existsSync(PROGRAM.at(-1) ?? "")) throw new Error(`${CLI} is not built: run "npm run build" first`);
  const begun = performance.now();
  const args = [
    ...PROGRAM,
    "start",
    "--data",
    dataDirectory,
    "--port",
    String(options.port ?? 0),
    ...(options.args ?? []),
  ];
  const child = spawn(process.execPath, args, {
    cwd: options.cwd ?? dataDirectory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const last: string[] = [];
  const url = await urlOf(child, options.readyMs ?? READY_TIMEOUT_MS, (line) => {
    options.onLine?.(line);
    last.push(line);
    if (last.length > LAST_LINES) last.shift();
  });
  return {
    url,
    pid: child.pid ?? 0,
    readyMs: Math.round(performance.now() - begun),
    async killHard() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGKILL");
      await gone;
    },
    freeze: () => void child.kill("SIGSTOP"),
    thaw: () => void child.kill("SIGCONT"),
    async stop() {
      const gone = once(child, "exit", { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) });
      child.kill("SIGTERM");
      const [code, signal] = (await gone) as [number | null, string | null];
      if (code !== 0) throw new Error(`stepwell start ended with ${code ?? signal}\n${last.join("\n")}`);
    },
  };
}

async function urlOf(child: ChildProcess, readyMs: number, onLine: (line: string) => void): Promise<string> {
  const printed: string[] = [];
  const lines = [createInterface({ input: child.stdout! }), createInterface({ input: child.stderr! })];
  return await new Promise((resolve, reject) => {
    const fail = (what: string): void => {
      child.kill("SIGKILL");
      reject(new Error(`stepwell start ${what}\n${printed.join("\n")}`));
    };
    const timer = setTimeout(() => fail(`said no URL within ${readyMs} ms`), readyMs);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      fail(`ended with ${code ?? signal}`);
    });
    child.once("error", (error) => fail(`did not start: ${error.message}`));
    for (const stream of lines) {
      stream.on("line", (line) => {
        onLine(line);
        if (printed.length < 200) printed.push(line);
        const url = /https?:\/\/[^\s"']+/.exec(line)?.[0];
        if (url === undefined) return;
        clearTimeout(timer);
        resolve(url);
      });
    }
  });
}

/** A port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
