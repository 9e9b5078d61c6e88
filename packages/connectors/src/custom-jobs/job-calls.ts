/** Performs the calls of a job type: HTTP or a command. What is called stands in the configuration, not in workflows. */
import { spawn } from "node:child_process";
import type { Json, JsonObject } from "@stepwell/core";
import { type Environment, passedOn } from "../functions/environment.ts";
import { bodyJson, HttpConnections } from "../http-task/http-call.ts";
import { isJsonText } from "../json-text.ts";
import type { JobCall } from "./job-type.ts";
import { filledJson, filledText } from "./placeholders.ts";

const TIMEOUT_MS = 60_000;
const ANSWER_BYTES_MAX = 1_048_576;
/** Of what a failed command printed. */
const SHOWN_LENGTH_MAX = 4_096;

/** The call was refused: told to the workflow. */
export class JobCallFailed extends Error {
  readonly error: string;

  constructor(error: string, message: string) {
    super(message);
    this.name = "JobCallFailed";
    this.error = error;
  }
}

export interface JobCallOptions {
  readonly method: "POST" | "GET";
  /** Sent when the call names no body. */
  readonly body?: Json;
  readonly signal: AbortSignal;
}

export class JobCalls {
  readonly #http = new HttpConnections();
  readonly #baseDirectory: string;
  readonly #env: Environment;

  constructor(baseDirectory: string, env: Environment) {
    this.#baseDirectory = baseDirectory;
    this.#env = env;
  }

  /** Throws JobCallFailed for a refusal, NoAnswer when nobody answers. */
  perform(call: JobCall, values: JsonObject, options: JobCallOptions): Promise<Json> {
    return "command" in call ? this.#run(call, values, options) : this.#send(call, values, options);
  }

  close(): void {
    this.#http.close();
  }

  async #send(call: Extract<JobCall, { url: string }>, values: JsonObject, options: JobCallOptions): Promise<Json> {
    const body = call.body === undefined ? options.body : filledJson(call.body, values);
    const headers = Object.entries(call.headers ?? {}).map(([name, value]) => [
      name,
      oneLine(filledText(value, values)),
    ]);
    const answer = await this.#http.call({
      method: call.method ?? options.method,
      url: new URL(filledText(call.url, values, encodeURIComponent)),
      headers: {
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...Object.fromEntries(headers),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: TIMEOUT_MS,
      responseBytesMax: ANSWER_BYTES_MAX,
      signal: options.signal,
    });
    if (answer.statusCode < 300) return JSON.parse(bodyJson(answer)) as Json;
    throw new JobCallFailed(`States.Http.StatusCode.${answer.statusCode}`, answer.body.toString() || answer.statusText);
  }

  async #run(
    { command, env }: Extract<JobCall, { command: readonly string[] }>,
    values: JsonObject,
    { signal }: JobCallOptions,
  ): Promise<Json> {
    const [program = "", ...parts] = command.map((part) => filledText(part, values));
    const child = spawn(program, parts, {
      cwd: this.#baseDirectory,
      env: { ...passedOn(this.#env), ...env },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      stdio: ["pipe", "pipe", "pipe"],
    });
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once("error", reject).once("close", resolve);
    });
    child.stdin.on("error", () => child.stdin.destroy());
    child.stdin.end(JSON.stringify(values));
    const printed = Promise.all([textOf(child.stdout), textOf(child.stderr)]);
    const code = await ended;
    const [out, log] = await printed;
    if (code !== 0) {
      const cause = (log || out).slice(-SHOWN_LENGTH_MAX) || `${program} ended with ${code}`;
      throw new JobCallFailed("Custom.CommandFailed", cause);
    }
    return isJsonText(out) ? (JSON.parse(out) as Json) : out.trimEnd();
  }
}

/** No value of a workflow can add a header. */
function oneLine(value: string): string {
  return value.replaceAll(/[^\t\x20-\x7e\x80-\xff]+/g, " ");
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.byteLength;
    if (bytes <= ANSWER_BYTES_MAX) chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
