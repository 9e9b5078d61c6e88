import { parseJsonLikeJackson } from "@stepwell/core";
import { checkName, type ExecutionDescription, Rejection, type StartRequest, traceHeaderOf } from "@stepwell/engine";
import type { Operation, OperationContext } from "../operation.ts";
import { epochSeconds, type Input, type Output } from "../operation-types.ts";
import { typeNotSupported } from "./executions.ts";

export const startExecution: Operation<"StartExecution"> = async (input, context) => {
  const { executionArn, startDate } = await context.executions.start(requestOf(input, context));
  return { executionArn, startDate: epochSeconds(startDate) };
};

/** Answers 200 also when the execution fails. */
export const startSyncExecution: Operation<"StartSyncExecution"> = async (input, context) => {
  const request = requestOf(input, context);
  if ((await context.catalog.typeOf(input.stateMachineArn)) !== "EXPRESS") throw typeNotSupported();
  const ended = await context.executions.startSync(request);
  return {
    executionArn: ended.executionArn,
    stateMachineArn: ended.stateMachineArn,
    name: ended.name,
    startDate: epochSeconds(ended.startDate),
    stopDate: epochSeconds(ended.stopDate ?? ended.startDate),
    status: syncStatusOf(ended),
    ...(ended.traceHeader === undefined ? {} : { traceHeader: ended.traceHeader }),
    ...(input.includedData === "METADATA_ONLY" ? {} : payloadOf(ended)),
    billingDetails: billingOf(ended),
  };
};

function requestOf(input: Input<"StartExecution">, context: OperationContext): StartRequest {
  const { stateMachineArn, name, input: text } = input;
  if (name !== undefined) checkName(name);
  if (text !== undefined) checkExecutionInput(text);
  // The header of the request comes first. API reference, "StartExecution", traceHeader.
  const traceHeader = givenHeader(context) ?? input.traceHeader ?? parentOf(context);
  return {
    stateMachineArn,
    ...(name === undefined ? {} : { name }),
    ...(text === undefined ? {} : { input: text }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
  };
}

/** Of ASCII and no longer than the member of the request may be: what tells the trace must not make the start fail. */
function givenHeader({ traceHeader = "" }: OperationContext): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII, as the API model says
  return /^[\x00-\x7f]{1,256}$/.test(traceHeader) ? traceHeader : undefined;
}

/** A client that knows W3C Trace Context alone, and not AWS's header. */
function parentOf({ traceparent }: OperationContext): string | undefined {
  return traceparent === undefined ? undefined : traceHeaderOf(traceparent);
}

/** Throws InvalidExecutionInput in the words of recorded-behaviour.md 35. */
function checkExecutionInput(text: string): void {
  const parsed = parseJsonLikeJackson(text);
  if (parsed.ok) return;
  const reason = text.trim() === "" ? "Invalid execution input." : parsed.message;
  throw new Rejection("InvalidExecutionInput", `Invalid State Machine Execution Input: '${reason}'`);
}

function syncStatusOf({ status }: ExecutionDescription): "SUCCEEDED" | "FAILED" | "TIMED_OUT" {
  return status === "SUCCEEDED" || status === "TIMED_OUT" ? status : "FAILED";
}

/** `outputDetails` is there also without an output (recorded-behaviour.md 3). */
function payloadOf({ input, output, error, cause }: ExecutionDescription): Partial<Output<"StartSyncExecution">> {
  return {
    input,
    inputDetails: { included: true },
    ...(output === undefined ? {} : { output }),
    outputDetails: { included: true },
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** Rounded up to 100 ms, and at least the 64 MB that are always billed (recorded-behaviour.md 43). */
function billingOf({
  startDate,
  stopDate = startDate,
}: ExecutionDescription): Output<"StartSyncExecution">["billingDetails"] {
  const billedDurationInMilliseconds = Math.max(100, Math.ceil((stopDate - startDate) / 100) * 100);
  return { billedMemoryUsedInMB: 64, billedDurationInMilliseconds };
}
