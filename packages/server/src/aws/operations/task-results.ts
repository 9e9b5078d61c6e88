import { parseJsonLikeJackson } from "@stepwell/core";
import { Rejection } from "@stepwell/engine";
import type { Operation } from "../operation.ts";

export const sendTaskSuccess: Operation<"SendTaskSuccess"> = async (input, { executions }) => {
  const parsed = parseJsonLikeJackson(input.output);
  if (!parsed.ok) throw new Rejection("InvalidOutput", `Invalid Output: '${parsed.message}'`);
  await executions.sendTaskSuccess(input.taskToken, input.output);
  return {};
};

export const sendTaskFailure: Operation<"SendTaskFailure"> = async (input, { executions }) => {
  await executions.sendTaskFailure(input.taskToken, input.error, input.cause);
  return {};
};

export const sendTaskHeartbeat: Operation<"SendTaskHeartbeat"> = async (input, { executions }) => {
  await executions.sendTaskHeartbeat(input.taskToken);
  return {};
};
