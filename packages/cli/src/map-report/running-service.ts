/** A service that runs, as reports ask it: AWS's API and Stepwell's own. Signed when there are keys in the environment. */
import { signedSender } from "../signed-sender.ts";
import { UsageError } from "../usage-error.ts";

const TIMEOUT_MS = 30_000;

export interface RunningService {
  /** An operation of AWS's API. What is refused is a UsageError. */
  call<Answer extends object>(operation: string, input: object): Promise<Answer>;
  /** Of `/api/v1`; `undefined` when the service has no such API. */
  get<Answer extends object>(path: string): Promise<Answer | undefined>;
  post<Answer extends object>(path: string, body: object): Promise<Answer | undefined>;
}

export function mapRunPath(mapRunArn: string): string {
  return `/api/v1/map-runs/${encodeURIComponent(mapRunArn)}`;
}

export function runningService(endpoint: string, env: Readonly<Record<string, string | undefined>>): RunningService {
  const send = signedSender({ endpoint, env, timeoutMs: TIMEOUT_MS });
  const ask = async <Answer>(method: string, path: string, body?: object): Promise<Answer | undefined> => {
    const headers = body === undefined ? {} : { "content-type": "application/json" };
    const response = await send(method, path, headers, body && JSON.stringify(body));
    const answer = await jsonOf(response);
    if (response.ok && answer !== undefined) return answer as Answer;
    const { error, message } = (answer ?? {}) as { readonly error?: string; readonly message?: string };
    // Another server says this in other words, or none.
    if (error === undefined || error === "NotFound") return undefined;
    throw new UsageError(`${error}: ${message}`);
  };
  return {
    async call<Answer extends object>(operation: string, input: object): Promise<Answer> {
      const target = { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AWSStepFunctions.${operation}` };
      const response = await send("POST", "/", target, JSON.stringify(input));
      const answer = (await jsonOf(response)) as Answer & { readonly __type?: string; readonly message?: string };
      if (response.ok) return answer;
      throw new UsageError(`${operation}: ${answer?.__type?.split("#").at(-1) ?? response.status}: ${answer?.message}`);
    },
    get: (path) => ask("GET", path),
    post: (path, body) => ask("POST", path, body),
  };
}

async function jsonOf(response: Response): Promise<object | undefined> {
  try {
    return (await response.json()) as object;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
