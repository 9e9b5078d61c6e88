/** Requests to a running service, signed as AWS's command line does when there are credentials in the environment. */
import { signedHeaders } from "@stepwell/connectors";
import { DEFAULT_IDENTITY } from "@stepwell/engine";
import { UsageError } from "./usage-error.ts";

type Environment = Readonly<Record<string, string | undefined>>;

export interface SignedSenderOptions {
  readonly endpoint: string;
  readonly env: Environment;
  /** Default: what the environment says. */
  readonly region?: string;
  readonly timeoutMs: number;
}

export type Send = (
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
) => Promise<Response>;

/** Throws UsageError for an endpoint that is no URL, or at which nobody answers. */
export function signedSender({ endpoint, env, region: given, timeoutMs }: SignedSenderOptions): Send {
  const credentials = credentialsIn(env);
  const region = given ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || DEFAULT_IDENTITY.region);
  return async (method, path, headers, body) => {
    const url = urlOf(path, endpoint);
    const request = { method, url, headers, ...(body === undefined ? {} : { body }) };
    const signed = credentials === undefined ? headers : await signedHeaders(request, "states", region, credentials);
    return fetch(url, {
      method,
      headers: signed,
      ...(body === undefined ? {} : { body }),
      signal: AbortSignal.timeout(timeoutMs),
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
