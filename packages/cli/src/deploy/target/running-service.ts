/** A service that runs, by its API. Requests are signed when there are credentials in the environment. */
import type { Trigger } from "@stepwell/engine";
import { type Send, signedSender } from "../../signed-sender.ts";
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
  const send = signedSender({ endpoint, env, region, timeoutMs: TIMEOUT_MS });
  return {
    description: `the service at ${endpoint}`,
    isRunning: true,
    call: async <Answer extends object>(operation: string, input: object): Promise<Answer> => {
      const headers = {
        "content-type": "application/x-amz-json-1.0",
        "x-amz-target": `AWSStepFunctions.${operation}`,
      };
      const response = await send("POST", "/", headers, JSON.stringify(input));
      const answer = (await response.json().catch(() => {
        throw new UsageError(`--endpoint ${endpoint}: what answers there is not Stepwell (status ${response.status})`);
      })) as Answer & { readonly __type?: string; readonly message?: string };
      if (response.ok) return answer;
      throw new ApiRefusal(operation, answer.__type?.split("#").at(-1) ?? "Unknown", answer.message ?? "");
    },
    triggers: triggersOf(send, endpoint),
    close: async () => undefined,
  };
}

/** By `/api/v1/triggers`. */
function triggersOf(send: Send, endpoint: string): StepFunctionsTarget["triggers"] {
  const call = async (method: string, arn: string, content?: object): Promise<Response> => {
    const path = `/api/v1/triggers/${encodeURIComponent(arn)}`;
    const headers = content === undefined ? {} : { "content-type": "application/json" };
    const response = await send(method, path, headers, content && JSON.stringify(content));
    if (response.ok || (content === undefined && response.status === 404)) return response;
    const { error = "Unknown", message = `status ${response.status} from ${endpoint}` } = (await response
      .json()
      .catch(() => ({}))) as { readonly error?: string; readonly message?: string };
    throw new ApiRefusal(`${method} /triggers`, error, message);
  };
  return {
    put: async (arn, content) => (await (await call("PUT", arn, content)).json()) as Trigger,
    delete: async (arn) => (await call("DELETE", arn)).ok,
    async find(arn) {
      const response = await call("GET", arn);
      return response.ok ? ((await response.json()) as Trigger) : undefined;
    },
  };
}
