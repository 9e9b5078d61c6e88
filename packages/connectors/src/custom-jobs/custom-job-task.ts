/**
 * `arn:aws:states:::custom:<name>[.sync]`: jobs of the user's own systems, with the history, the durable polling and the
 * cancellation that AWS's own have.
 */
import type { Json, JsonObject, StartTask } from "@stepwell/core";
import type { Connector, RecoveredJob, TaskOutcome, TaskRequest } from "@stepwell/engine";
import type { Environment } from "../functions/environment.ts";
import { NoAnswer } from "../http-task/http-call.ts";
import { wildcard } from "../routing/pattern.ts";
import { tokenName } from "../services/idempotency.ts";
import { JobCallFailed, JobCalls } from "./job-calls.ts";
import type { JobType } from "./job-type.ts";
import { memberAt } from "./placeholders.ts";

export interface CustomJobsOptions {
  /** By the name in the resource. */
  readonly jobs: Readonly<Record<string, JobType>>;
  readonly baseDirectory: string;
  readonly env: Environment;
}

const POLL_SECONDS = 1;

/** One connector for each type of job, so that a slow system holds up no other. */
export function customJobConnectors({ jobs, baseDirectory, env }: CustomJobsOptions): Connector[] {
  return Object.entries(jobs).map(([name, type]) => new CustomJobTask(name, type, new JobCalls(baseDirectory, env)));
}

interface Handle {
  readonly job: Json;
}

class CustomJobTask implements Connector {
  readonly #name: string;
  readonly #type: JobType;
  readonly #calls: JobCalls;
  /** When a job may be asked for again, by task token. */
  readonly #nextPoll = new Map<string, number>();

  constructor(name: string, type: JobType, calls: JobCalls) {
    this.#name = name;
    this.#type = type;
    this.#calls = calls;
  }

  handles({ resource }: Pick<StartTask, "resource" | "stateName">): boolean {
    return resource.kind === "service" && resource.service === "custom" && resource.action === this.#name;
  }

  async start(request: TaskRequest, signal: AbortSignal): Promise<TaskOutcome> {
    try {
      const job = await this.#started(request, signal);
      const output = JSON.stringify(job);
      const { resource } = request;
      if (resource.kind !== "service" || resource.pattern !== "sync") return { kind: "succeeded", output };
      const handle: Handle = { job };
      return { kind: "submitted", output, handle: JSON.stringify(handle) };
    } catch (error) {
      return failed(error);
    }
  }

  async poll(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const { taskToken } = request;
    if ((this.#nextPoll.get(taskToken) ?? 0) > Date.now()) return undefined;
    this.#nextPoll.set(taskToken, Date.now() + (this.#type.pollSeconds ?? POLL_SECONDS) * 1000);
    const outcome = await this.#described(request, handle, signal);
    if (outcome !== undefined) this.#nextPoll.delete(taskToken);
    return outcome;
  }

  async cancel(request: TaskRequest, handle: string | undefined): Promise<void> {
    this.#nextPoll.delete(request.taskToken);
    if (handle === undefined || this.#type.stop === undefined) return;
    const { signal } = new AbortController();
    await this.#calls.perform(this.#type.stop, valuesOf(request, handle), { method: "POST", signal });
  }

  /** The same token gives the same job (docs/integrations.md). */
  async recover(request: TaskRequest, signal: AbortSignal): Promise<RecoveredJob> {
    if (this.#type.stop === undefined) return { kind: "none" };
    try {
      const handle: Handle = { job: await this.#started(request, signal) };
      return { kind: "found", handle: JSON.stringify(handle) };
    } catch (error) {
      if (!(error instanceof JobCallFailed) || mayPass(error)) throw error;
      return { kind: "none" };
    }
  }

  #started(request: TaskRequest, signal: AbortSignal): Promise<Json> {
    const input = JSON.parse(request.input) as Json;
    const values = { input, token: tokenName(request.taskToken) };
    return this.#calls.perform(this.#type.start, values, { method: "POST", body: input, signal });
  }

  async close(): Promise<void> {
    this.#calls.close();
  }

  async #described(request: TaskRequest, handle: string, signal: AbortSignal): Promise<TaskOutcome | undefined> {
    const { describe, status = "status", success, failure, result } = this.#type;
    try {
      const described = await this.#calls.perform(describe, valuesOf(request, handle), { method: "GET", signal });
      const now = memberAt(described, status);
      const text = typeof now === "string" ? now : JSON.stringify(now ?? null);
      if (success.some((pattern) => wildcard(pattern).test(text))) {
        const output = result === undefined ? described : (memberAt(described, result) ?? null);
        return { kind: "succeeded", output: JSON.stringify(output) };
      }
      if (!failure.some((pattern) => wildcard(pattern).test(text))) return undefined;
      return { kind: "failed", error: "States.TaskFailed", cause: JSON.stringify(described) };
    } catch (error) {
      // What passes by itself is asked again by the engine.
      if (!(error instanceof JobCallFailed) || mayPass(error)) throw error;
      return failed(error);
    }
  }
}

function mayPass({ error }: JobCallFailed): boolean {
  return /StatusCode\.(5\d\d|429)$/.test(error);
}

function valuesOf(request: TaskRequest, handle: string): JsonObject {
  const { job } = JSON.parse(handle) as Handle;
  return { input: JSON.parse(request.input) as Json, token: tokenName(request.taskToken), job };
}

function failed(error: unknown): TaskOutcome {
  if (error instanceof JobCallFailed) return { kind: "failed", error: error.error, cause: error.message };
  if (error instanceof NoAnswer) return { kind: "failed", error: "States.Http.Socket", cause: error.message };
  if ((error as NodeJS.ErrnoException).code === "ENOENT") {
    return { kind: "failed", error: "Custom.CommandFailed", cause: (error as Error).message };
  }
  throw error;
}
