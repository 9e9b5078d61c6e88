/** A service that runs, as reports ask it: AWS's API and Stepwell's own. Signed when there are keys in the environment. */
import { signedHeaders } from "@stepwell/connectors";
import { DEFAULT_IDENTITY } from "@stepwell/engine";
import { UsageError } from "../usage-error.ts";

const TIMEOUT_MS = 30_000;

export interface RunningService {
  /** An operation of AWS's API. What is refused is a UsageError. */
  call<Answer extends object>(operation: string, input: object): Promise<Answer>;
  /** Of `/api/v1`; `undefined` when the service has no such API. */
  get<Answer extends object>(path: string): Promise<Answer | undefined>;
  post<Answer extends object>(path: string, body: object): Promise<Answer | undefined>;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function mapRunPath(mapRunArn: string): string {
  return `/api/v1/map-runs/${encodeURIComponent(mapRunArn)}`;
}

export function runningService(endpoint: string, env: Environment): RunningService {
  const send = sender(endpoint, env);
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

type Send = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
) => Promise<Response>;

function sender(endpoint: string, env: Environment): Send {
  const credentials = credentialsIn(env);
  const region = env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || DEFAULT_IDENTITY.region;
  return async (method, path, headers, body) => {
    const url = urlOf(path, endpoint);
    const request = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const signed = credentials === undefined ? headers : await signedHeaders(request, "states", region, credentials);
    return fetch(url, {
      method,
      headers: signed,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).catch((error: unknown) => {
      throw new UsageError(`--endpoint ${endpoint}: ${String((error as Error).cause ?? error)}`);
    });
  };
}

function urlOf(path: string, endpoint: string): URL {
  if (!URL.canParse(path, endpoint)) throw new UsageError(`--endpoint: must be a URL, got "${endpoint}"`);
  return new URL(path, endpoint);
}

/** As AWS's command line finds them in the environment. */
function credentialsIn(
  env: Environment,
): { accessKeyId: string; secretAccessKey: string; sessionToken?: string } | undefined {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}
