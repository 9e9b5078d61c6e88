/** A service that runs, by its API. Requests are signed when there are credentials in the environment. */
import { signedHeaders } from "@stepwell/connectors";
import { UsageError } from "../../usage-error.ts";
import { ApiRefusal, type StepFunctionsTarget } from "./step-functions-target.ts";

const TIMEOUT_MS = 60_000;
const PROBE_MS = 3_000;

/** Whether a Stepwell answers there. */
export async function answers(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(new URL("/healthz", endpoint), { signal: AbortSignal.timeout(PROBE_MS) });
    return response.ok;
  } catch (error) {
    if (error instanceof TypeError && /Invalid URL/.test(error.message))
      throw new UsageError(`--endpoint must be a URL, got ${endpoint}`);
    return false;
  }
}

export function runningService(
  endpoint: string,
  region: string,
  env: Readonly<Record<string, string | undefined>>,
): StepFunctionsTarget {
  const accessKeyId = env["AWS_ACCESS_KEY_ID"];
  const secretAccessKey = env["AWS_SECRET_ACCESS_KEY"];
  const sessionToken = env["AWS_SESSION_TOKEN"];
  const credentials =
    accessKeyId && secretAccessKey
      ? { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }
      : undefined;
  return {
    description: `the service at ${endpoint}`,
    isRunning: true,
    call: async <Answer extends object>(operation: string, input: object): Promise<Answer> => {
      const url = new URL("/", endpoint);
      const body = JSON.stringify(input);
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AWSStepFunctions.${operation}`,
      };
      const signed =
        credentials === undefined
          ? headers
          : await signedHeaders({ method: "POST", url, headers, body }, "states", region, credentials);
      const response = await fetch(url, {
        method: "POST",
        headers: signed,
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).catch((error: unknown) => {
        throw new UsageError(`--endpoint ${endpoint}: ${String((error as Error).cause ?? error)}`);
      });
      const answer = (await response.json().catch(() => {
        throw new UsageError(`--endpoint ${endpoint}: what answers there is not Stepwell (status ${response.status})`);
      })) as Answer & { readonly __type?: string; readonly message?: string };
      if (response.ok) return answer;
      throw new ApiRefusal(operation, answer.__type?.split("#").at(-1) ?? "Unknown", answer.message ?? "");
    },
    close: async () => undefined,
  };
}
