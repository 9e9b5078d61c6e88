import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Json, JsonObject } from "@stepwell/core";
import type { StepAnswer } from "./recorded-case.ts";
import type { OtherServices } from "./target.ts";

const START_TIMEOUT_MS = 30_000;

/**
 * Starts moto's server in a Python process that also makes the calls, with boto3. Undefined where Python, moto or boto3 is
 * missing: they are on a developer's machine, never on a user's.
 */
export async function startOtherServices(account: string): Promise<OtherServices | undefined> {
  const script = join(import.meta.dirname, "stand-in.py");
  const child = spawn("python3", [script, account], { stdio: ["pipe", "pipe", "ignore"] });
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<string | undefined>((resolve) => {
    lines.once("line", (line) => resolve((JSON.parse(line) as { endpoint: string }).endpoint));
    child.once("error", () => resolve(undefined));
    child.once("exit", () => resolve(undefined));
    setTimeout(resolve, START_TIMEOUT_MS, undefined).unref();
  });
  const endpoint = await ready;
  if (endpoint === undefined) {
    child.kill();
    return undefined;
  }
  return speak(child, lines, endpoint);
}

interface Reply {
  readonly id: number;
  readonly body: JsonObject;
  readonly error: { readonly code: string; readonly message: string } | null;
}

function speak(child: ChildProcess, lines: NodeJS.EventEmitter, endpoint: string): OtherServices {
  const waiting = new Map<number, (reply: Reply) => void>();
  let lastId = 0;
  lines.on("line", (line: string) => {
    const reply = JSON.parse(line) as Reply;
    waiting.get(reply.id)?.(reply);
    waiting.delete(reply.id);
  });
  child.once("exit", () => {
    const error = { code: "StandInEnded", message: "the stand-in's process has ended" };
    for (const [id, answer] of waiting) answer({ id, body: {}, error });
  });
  return {
    endpoint,
    async call(service: string, call: string, params: Json): Promise<StepAnswer> {
      lastId += 1;
      const id = lastId;
      const reply = await new Promise<Reply>((resolve) => {
        waiting.set(id, resolve);
        child.stdin!.write(`${JSON.stringify({ id, service, call, params })}\n`);
      });
      return reply.error === null ? { call, body: reply.body } : { call, body: reply.body, error: reply.error };
    },
    async close() {
      const ended = child.exitCode === null ? once(child, "exit") : undefined;
      child.stdin!.end();
      child.kill();
      await ended;
    },
  };
}
