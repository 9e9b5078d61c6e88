import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@stepwell/core";
import { awaitCondition, type Lookup } from "./awaits.ts";
import type { RecordedCase, Step, StepAnswer } from "./recorded-case.ts";
import { callStepFunctions } from "./stepfunctions-client.ts";
import type { FunctionUnderTest, OtherServices, ServerUnderTest } from "./target.ts";
import { expandJson, expandText, freshNames, type TemplateValues } from "./template.ts";

/** What replaying a case needs. */
export interface Stage {
  readonly server: ServerUnderTest;
  /** Absent where no stand-in could be started. */
  readonly others: OtherServices | undefined;
}

/** A case with the ids that its next replay will use, so that the server can be started with the case's functions. */
export interface PreparedCase {
  readonly recorded: RecordedCase;
  readonly fresh: (name: string) => string;
  readonly functions: readonly FunctionUnderTest[];
}

/** Chooses the fresh ids of a case's replay. */
export function prepare(recorded: RecordedCase, account: string): PreparedCase {
  const fresh = freshNames(account);
  const values: TemplateValues = { account, now: "", fresh, answer: () => undefined };
  const functions = recorded.steps.flatMap((step) =>
    "lambda" in step
      ? [{ name: expandText(step.lambda, values), behaviour: step.behaviour, timeoutSeconds: step.timeout ?? 30 }]
      : [],
  );
  return { recorded, fresh, functions };
}

/** What the steps of a case answered, as far as they could be made. */
export interface Replay {
  readonly answers: ReadonlyMap<number, StepAnswer>;
  readonly values: TemplateValues;
  /** Why the replay stopped before its end. */
  readonly stopped?: string;
}

/** Makes the steps of a case, in order, and stops where one cannot be made or is refused though it must succeed. */
export async function replay({ recorded, fresh }: PreparedCase, stage: Stage): Promise<Replay> {
  const answers = new Map<number, StepAnswer>();
  const values: TemplateValues = {
    account: stage.server.account,
    now: new Date().toISOString().slice(0, 19),
    fresh,
    answer: (step) => answers.get(step)?.body,
  };
  for (const step of recorded.steps) {
    try {
      const answer = await perform(step, values, stage);
      answers.set(step.step, answer);
      if (answer.error !== undefined && !mayFail(step)) {
        return { answers, values, stopped: `step ${step.step}: ${answer.error.code}: ${answer.error.message}` };
      }
    } catch (error) {
      return { answers, values, stopped: `step ${step.step}: ${describe(error)}` };
    }
  }
  return { answers, values };
}

async function perform(step: Step, values: TemplateValues, stage: Stage): Promise<StepAnswer> {
  if ("call" in step) {
    const params = expandJson(step.params, values);
    const lookup = lookupOf(stage);
    if (step.service === "stepfunctions") return await lookup.stepFunctions(step.call, params);
    return await lookup.other(step.service, step.call, params);
  }
  if ("lambda" in step) {
    const name = expandText(step.lambda, values);
    return { body: { FunctionArn: `arn:aws:lambda:us-east-1:${values.account}:function:${name}` } };
  }
  if ("sleep" in step) {
    await sleep(step.sleep * 1000);
    return { body: {} };
  }
  const { step: _step, await: name, match: _match, ...params } = step;
  return await awaitCondition(name, expandJson(params as JsonObject, values) as JsonObject, lookupOf(stage));
}

function lookupOf({ server, others }: Stage): Lookup {
  return {
    stepFunctions: async (operation, params) => await callStepFunctions(server.endpoint, operation, params),
    async other(service, operation, params) {
      if (others === undefined) throw new Error(`no stand-in for ${service} runs`);
      return await others.call(service, operation, params);
    },
  };
}

function mayFail(step: Step): boolean {
  if ("may_fail" in step && step.may_fail === true) return true;
  return (step.match ?? []).some(({ form }) => form === "error" || form === "exception" || form === "error_only");
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
  return `${error.name}: ${error.message}${cause}`;
}
