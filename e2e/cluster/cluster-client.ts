import { setTimeout as sleep } from "node:timers/promises";
import type { Json } from "@stepwell/core";
import { callStepFunctions } from "../../conformance/step-functions/stepfunctions-client.ts";
import type { PatientClient } from "../crash/crash-client.ts";

const RETRY_MS = 20;
const GIVE_UP_MS = 90_000;
const ANSWER_MS = 6_000;
/** A long poll answers after a minute at the latest. */
const POLL_MS = 65_000;

type Answer = Awaited<ReturnType<typeof callStepFunctions>>;

/** What a balancer and a patient client make of a cluster: every call goes to the next node, until one answers it. */
export function clusterClient(urls: () => readonly string[], isOver: () => boolean): PatientClient {
  let next = 0;
  return {
    async call(operation, params, acceptable = []) {
      const deadline = Date.now() + GIVE_UP_MS;
      for (;;) {
        const nodes = urls();
        const url = nodes[next++ % nodes.length];
        const answer = url === undefined ? undefined : await tryCall(url, operation, params);
        if (answer?.error === undefined) {
          if (answer !== undefined) return answer.body;
        } else if (acceptable.includes(answer.error.code)) return { refused: answer.error.code };
        else if (answer.error.code !== "ServiceUnavailableException") {
          throw new Error(`${operation}: ${answer.error.code}: ${answer.error.message}`);
        }
        if (isOver() || Date.now() > deadline) throw new Error(`${operation}: no answer`);
        await sleep(RETRY_MS);
      }
    },
  };
}

/** `undefined`: no connection, a cut one, or a node that does not answer. */
async function tryCall(url: string, operation: string, params: Json): Promise<Answer | undefined> {
  const waited = new AbortController();
  try {
    const answer = callStepFunctions(url, operation, params);
    // An answer that comes too late is no failure of the test.
    answer.catch(() => undefined);
    const late = sleep(operation === "GetActivityTask" ? POLL_MS : ANSWER_MS, undefined, { signal: waited.signal });
    late.catch(() => undefined);
    return await Promise.race([answer, late]);
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === "SocketError") return undefined;
    throw error;
  } finally {
    waited.abort();
  }
}
