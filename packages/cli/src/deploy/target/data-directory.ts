/** A data directory that no service uses: machines are stored in it, and are there when a service starts on it. */
import { Rejection } from "@stepwell/engine";
import { DatabaseFailure } from "@stepwell/runtime-embedded";
import { createInProcessApi } from "@stepwell/server/in-process";
import { composeStepwell, type StepwellOptions } from "../../compose.ts";
import { UsageError } from "../../usage-error.ts";
import { ApiRefusal, type StepFunctionsTarget } from "./step-functions-target.ts";

/** Executions that wait in the directory are left alone. Throws UsageError when a service has it. */
export async function dataDirectory(options: StepwellOptions): Promise<StepFunctionsTarget> {
  const stepwell = await composeStepwell({ ...options, resume: false }).catch((error: unknown) => {
    if (!(error instanceof DatabaseFailure)) throw error;
    throw new UsageError(`${error.message} (a service that runs on it is named by --endpoint)`);
  });
  const { catalog, executions, clock, pageTokenKey, triggers } = stepwell;
  const api = createInProcessApi({ catalog, executions, clock, pageTokenKey, activityPollMs: 1_000 });
  return {
    description: `the data directory ${options.dataDir}, on which no service runs`,
    isRunning: false,
    call: async <Answer extends object>(operation: string, input: object): Promise<Answer> => {
      try {
        return (await api(operation, input, AbortSignal.timeout(60_000))) as Answer;
      } catch (error) {
        if (error instanceof Rejection) throw new ApiRefusal(operation, error.name, error.message);
        throw error;
      }
    },
    triggers,
    close: () => stepwell.close(0),
  };
}
