import { type ExecutionSummary, parseExecutionArn, parseStateMachineArn, Rejection } from "@stepwell/engine";
import { type Operation, page } from "../operation.ts";
import { epochSeconds, type Output } from "../operation-types.ts";
import { describeExpressChild, listChildren } from "./map-runs.ts";

export const describeExecution: Operation<"DescribeExecution"> = async (input, { executions }) => {
  const child = await describeExpressChild(executions, input.executionArn, input.includedData !== "METADATA_ONLY");
  if (child !== undefined) return child;
  parseExecutionArn(input.executionArn);
  const { input: text, output, error, cause, ...execution } = await executions.describe(input.executionArn);
  const hidden = input.includedData === "METADATA_ONLY";
  const { traceHeader, redriveStatus, redriveStatusReason } = execution;
  return {
    ...summaryOf(execution),
    redriveStatus,
    ...(redriveStatusReason === undefined ? {} : { redriveStatusReason }),
    ...(traceHeader === undefined ? {} : { traceHeader }),
    ...(hidden ? {} : { input: text, inputDetails: { included: true } }),
    ...(hidden || output === undefined ? {} : { output, outputDetails: { included: true } }),
    ...(hidden || error === undefined ? {} : { error }),
    ...(hidden || cause === undefined ? {} : { cause }),
  };
};

export const listExecutions: Operation<"ListExecutions"> = async (input, context) => {
  const { stateMachineArn, mapRunArn, statusFilter, redriveFilter } = input;
  if ((stateMachineArn === undefined) === (mapRunArn === undefined)) {
    throw new Rejection("ValidationException", "Exactly one of stateMachineArn and mapRunArn must be specified");
  }
  if (stateMachineArn === undefined) return listChildren(input, context);
  if (statusFilter === "PENDING_REDRIVE") {
    throw new Rejection("ValidationException", "The statusFilter PENDING_REDRIVE is valid only with a mapRunArn");
  }
  const parsed = parseStateMachineArn(stateMachineArn);
  if ((await context.catalog.typeOf(stateMachineArn)) === "EXPRESS") throw typeNotSupported();
  const isQualified = parsed.version !== undefined || parsed.alias !== undefined;
  const { items, ...next } = await page(context, "ListExecutions", input, (wanted) =>
    context.executions.list({
      ...wanted,
      stateMachineArn: parsed.stateMachineArn,
      ...(isQualified ? { qualifiedArn: stateMachineArn } : {}),
      ...(statusFilter === undefined ? {} : { status: statusFilter }),
      ...(redriveFilter === undefined ? {} : { redrive: redriveFilter }),
    }),
  );
  return { executions: items.map(summaryOf), ...next };
};

export const stopExecution: Operation<"StopExecution"> = async (input, { executions }) => {
  parseExecutionArn(input.executionArn);
  const { stopDate } = await executions.stop(input.executionArn, input.error, input.cause);
  return { stopDate: epochSeconds(stopDate) };
};

export const redriveExecution: Operation<"RedriveExecution"> = async (input, { executions }) => {
  parseExecutionArn(input.executionArn);
  const { redriveDate } = await executions.redrive(input.executionArn, input.clientToken);
  return { redriveDate: epochSeconds(redriveDate) };
};

export function typeNotSupported(): Rejection {
  const message = "This operation is not supported by this type of state machine";
  return new Rejection("StateMachineTypeNotSupported", message);
}

type SummaryMembers = NonNullable<Output<"ListExecutions">["executions"]>[number];

function summaryOf(execution: ExecutionSummary): SummaryMembers {
  const { stopDate, redriveDate, stateMachineVersionArn, stateMachineAliasArn } = execution;
  return {
    executionArn: execution.executionArn,
    stateMachineArn: execution.stateMachineArn,
    name: execution.name,
    status: execution.status,
    startDate: epochSeconds(execution.startDate),
    ...(stopDate === undefined ? {} : { stopDate: epochSeconds(stopDate) }),
    ...(stateMachineVersionArn === undefined ? {} : { stateMachineVersionArn }),
    ...(stateMachineAliasArn === undefined ? {} : { stateMachineAliasArn }),
    ...(execution.mapRunArn === undefined ? {} : { mapRunArn: execution.mapRunArn }),
    redriveCount: execution.redriveCount,
    ...(redriveDate === undefined ? {} : { redriveDate: epochSeconds(redriveDate) }),
  };
}
