import { setTimeout as sleep } from "node:timers/promises";
import type { Json, JsonObject } from "@stepwell/core";
import { callStepFunctions } from "../../conformance/step-functions/stepfunctions-client.ts";

/** A call was refused for a reason that a dying server does not explain. */
class UnexpectedAnswer extends Error {
  override readonly name = "UnexpectedAnswer";
}

/** Calls a server that may be dead for a while: the same call again until an answer comes, as AWS's SDKs do. */
export interface PatientClient {
  /** Answers the body; refusals whose code is in `acceptable` answer `{ refused: code }`. Rejects with the others. */
  call(operation: string, params: Json, acceptable?: readonly string[]): Promise<JsonObject>;
}

const RETRY_MS = 20;
const GIVE_UP_MS = 60_000;

/** `isOver` ends the retries of a client nobody waits for any more. */
export function patientClient(endpoint: string, isOver: () => boolean): PatientClient {
  return {
    async call(operation, params, acceptable = []) {
      const deadline = Date.now() + GIVE_UP_MS;
      for (;;) {
        const answer = await tryCall(endpoint, operation, params);
        if (answer !== undefined) {
          if (answer.error === undefined) return answer.body;
          if (acceptable.includes(answer.error.code)) return { refused: answer.error.code };
          throw new UnexpectedAnswer(`${operation}: ${answer.error.code}: ${answer.error.message}`);
        }
        if (isOver() || Date.now() > deadline) throw new UnexpectedAnswer(`${operation}: no answer`);
        await sleep(RETRY_MS);
      }
    },
  };
}

// A refused or broken connection: the server is away. An answer with a 5xx status would be one, and is not retried.
async function tryCall(
  endpoint: string,
  operation: string,
  params: Json,
): Promise<Awaited<ReturnType<typeof callStepFunctions>> | undefined> {
  try {
    return await callStepFunctions(endpoint, operation, params);
  } catch (error) {
    if (error instanceof TypeError || (error as Error).name === "SocketError") return undefined;
    throw error;
  }
}
