/**
 * AWS::Events::Rule and AWS::Scheduler::Schedule: those that start state machines of this service start them here. What they
 * would do besides is said.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { matchesPattern, type TriggerContent, type TriggerTarget } from "@stepwell/engine";
import { shown } from "../problem.ts";
import type { PlanContext, ResourceKind } from "./resource-kind.ts";
import { type PlannedTarget, STATUS_EVENT, triggerKind } from "./trigger-kind.ts";

export const rule: ResourceKind = triggerKind((context) => {
  const { properties } = context;
  const name = context.name(properties["Name"], { lengthMax: 64 });
  const bus = busOf(properties["EventBusName"]);
  const Arn = `${prefixOf(context, "events")}:rule/${bus === "default" ? "" : `${bus}/`}${name}`;
  const given = isJsonArray(properties["Targets"] ?? null) ? (properties["Targets"] as readonly Json[]) : [];
  const targets = given.map((target, index) =>
    ruleTarget(isJsonObject(target) ? target : {}, index, `Targets/${index}`, context),
  );
  const pattern = patternOf(context);
  const content: TriggerContent = {
    ...text(properties, "ScheduleExpression"),
    ...(pattern && { eventPattern: pattern }),
    state: stateOf(context),
    targets: [],
  };
  const isScheduled = content.scheduleExpression !== undefined && bus === "default";
  return {
    name,
    reference: bus === "default" ? name : `${bus}|${name}`,
    arn: Arn,
    content,
    targets,
    whyNot: isScheduled ? undefined : whyNoEvent(bus, pattern),
  };
});

export const schedule: ResourceKind = triggerKind((context) => {
  const { properties } = context;
  const name = context.name(properties["Name"], { lengthMax: 64 });
  const group = typeof properties["GroupName"] === "string" ? properties["GroupName"] : "default";
  const { startDate, endDate } = datesOf(context);
  const action = properties["ActionAfterCompletion"] === "DELETE" ? "DELETE" : "NONE";
  const target = isJsonObject(properties["Target"] ?? null) ? (properties["Target"] as JsonObject) : {};
  return {
    name,
    reference: name,
    arn: `${prefixOf(context, "scheduler")}:schedule/${group}/${name}`,
    content: {
      ...text(properties, "ScheduleExpression"),
      ...text(properties, "ScheduleExpressionTimezone"),
      ...(startDate === undefined ? {} : { startDate }),
      ...(endDate === undefined ? {} : { endDate }),
      ...(action === "DELETE" ? { actionAfterCompletion: action } : {}),
      state: stateOf(context),
      targets: [],
    },
    targets: [scheduleTarget(target, context)],
    whyNot: undefined,
  };
});

function ruleTarget(target: JsonObject, index: number, place: string, context: PlanContext): PlannedTarget {
  const { Arn, Id, Input, InputPath, InputTransformer } = target;
  if (!isServed(Arn, context)) return { place, arn: Arn };
  const served: TriggerTarget = {
    id: typeof Id === "string" ? Id : `Target${index}`,
    arn: Arn,
    ...(Input === undefined ? {} : { input: jsonText(Input) }),
    ...(InputPath === undefined ? {} : { inputPath: String(InputPath) }),
    ...(isJsonObject(InputTransformer ?? null)
      ? { inputTransformer: transformerOf(InputTransformer as JsonObject) }
      : {}),
  };
  return { place, arn: Arn, served };
}

function transformerOf({ InputPathsMap, InputTemplate }: JsonObject): NonNullable<TriggerTarget["inputTransformer"]> {
  const paths = isJsonObject(InputPathsMap ?? null) ? Object.entries(InputPathsMap as JsonObject) : [];
  return {
    inputPathsMap: Object.fromEntries(paths.map(([name, path]) => [name, String(path)])),
    inputTemplate: jsonText(InputTemplate ?? ""),
  };
}

/** A universal target that starts an execution is one, too. */
function scheduleTarget({ Arn, Input }: JsonObject, context: PlanContext): PlannedTarget {
  const place = "Target";
  if (isServed(Arn, context))
    return {
      place,
      arn: Arn,
      served: { id: "target", arn: Arn, ...(Input === undefined ? {} : { input: jsonText(Input) }) },
    };
  if (typeof Arn !== "string" || !/:aws-sdk:sfn:startExecution$/i.test(Arn)) return { place, arn: Arn };
  const call = parsed(Input);
  const machine = call["StateMachineArn"];
  if (!isServed(machine, context)) return { place, arn: machine ?? Arn };
  return { place, arn: machine, served: { id: "target", arn: machine, input: jsonText(call["Input"] ?? "{}") } };
}

function parsed(input: Json | undefined): JsonObject {
  if (isJsonObject(input ?? null)) return input as JsonObject;
  try {
    const value: Json = JSON.parse(String(input));
    return isJsonObject(value) ? value : {};
  } catch {
    // What is no JSON names no state machine.
    return {};
  }
}

function isServed(arn: Json | undefined, context: PlanContext): arn is string {
  return typeof arn === "string" && arn.startsWith(`${prefixOf(context, "states")}:stateMachine:`);
}

function prefixOf({ identity }: PlanContext, service: string): string {
  return `arn:${identity.partition}:${service}:${identity.region}:${identity.accountId}`;
}

/** By name, or by ARN. */
function busOf(bus: Json | undefined): string {
  return typeof bus === "string" && bus !== "" ? bus.slice(bus.lastIndexOf("/") + 1) : "default";
}

function patternOf({ properties, problem }: PlanContext): JsonObject | undefined {
  const pattern = properties["EventPattern"];
  if (pattern === undefined) return undefined;
  const value = typeof pattern === "string" ? parsed(pattern) : pattern;
  if (isJsonObject(value) && Object.keys(value).length > 0) return value;
  problem("EventPattern", `must be an object that is not empty, got ${shown(pattern)}`);
  return undefined;
}

/** The only events there are here are those of executions. */
function whyNoEvent(bus: string, pattern: JsonObject | undefined): string | undefined {
  if (bus !== "default") return `nothing is put on the event bus ${bus}`;
  if (pattern === undefined) return "it has neither a schedule nor an event pattern";
  const outside = Object.entries(STATUS_EVENT).find(([name, value]) => {
    const wanted = pattern[name];
    return wanted !== undefined && !isMet(wanted, name, value);
  });
  return outside && `of events, only those of executions (aws.states) are there, not ${shown(pattern[outside[0]])}`;
}

function isMet(wanted: Json, name: string, value: string): boolean {
  return isJsonArray(wanted) && wanted.length > 0 && matchesPattern({ [name]: wanted }, { [name]: value });
}

function stateOf({ properties, problem }: PlanContext): TriggerContent["state"] {
  const state = properties["State"] ?? "ENABLED";
  if (state === "DISABLED") return state;
  if (state !== "ENABLED" && state !== "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS")
    problem("State", `must be ENABLED or DISABLED, got ${shown(state)}`);
  return "ENABLED";
}

function datesOf({ properties, problem }: PlanContext): { readonly startDate?: number; readonly endDate?: number } {
  const dates = (["StartDate", "EndDate"] as const).flatMap((name) => {
    const value = properties[name];
    if (value === undefined) return [];
    const at = Date.parse(String(value));
    if (Number.isNaN(at)) problem(name, `must be a date, got ${shown(value)}`);
    return [[name === "StartDate" ? "startDate" : "endDate", at] as const];
  });
  return Object.fromEntries(dates);
}

/** A property that is a text, under AWS's name with a small initial. */
function text(
  properties: JsonObject,
  name: "ScheduleExpression" | "ScheduleExpressionTimezone",
): Partial<TriggerContent> {
  const value = properties[name];
  return value === undefined ? {} : { [`${name.slice(0, 1).toLowerCase()}${name.slice(1)}`]: String(value) };
}

/** Templates have JSON as a text, or as itself. */
function jsonText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
