/** What starts executions without anybody's call: a rule of EventBridge, or a schedule of EventBridge Scheduler. */
import { compileJsonPath, type EpochMs, type JsonObject, JsonPathSyntaxError } from "@stepwell/core";
import { parseStateMachineArn } from "../catalog/arn.ts";
import { Rejection } from "../rejection.ts";
import { patternProblem } from "./event-pattern.ts";
import { parseScheduleExpression, type ScheduleExpression } from "./schedule-expression.ts";
import { filledTemplate, templateProblem } from "./trigger-input.ts";

/** The members are AWS's: PutRule and PutTargets of EventBridge, CreateSchedule of EventBridge Scheduler. */
export interface TriggerContent {
  /** `rate(…)`, `cron(…)`, of a schedule also `at(…)`. */
  readonly scheduleExpression?: string;
  /** Of a schedule: an IANA name. Default UTC. */
  readonly scheduleExpressionTimezone?: string;
  /** Of a schedule: nothing is due before, or after. */
  readonly startDate?: EpochMs;
  readonly endDate?: EpochMs;
  /** Of a schedule: DELETE removes it when nothing will be due any more. */
  readonly actionAfterCompletion?: "NONE" | "DELETE";
  /** Of a rule: which events start the targets. */
  readonly eventPattern?: JsonObject;
  readonly state: "ENABLED" | "DISABLED";
  readonly targets: readonly TriggerTarget[];
}

/** At most one of the inputs is given; with none the target gets the event. */
export interface TriggerTarget {
  /** Unique in its trigger. */
  readonly id: string;
  /** A state machine, its version or its alias. */
  readonly arn: string;
  /** JSON text. */
  readonly input?: string;
  /** A JSONPath into the event. */
  readonly inputPath?: string;
  readonly inputTransformer?: InputTransformer;
}

export interface InputTransformer {
  readonly inputPathsMap: Readonly<Record<string, string>>;
  readonly inputTemplate: string;
}

/** `path`: a JSON Pointer into the content. */
export interface TriggerProblem {
  readonly path: string;
  readonly message: string;
}

/** AWS's quotas: five targets of a rule, 8,192 characters of a template, 100 paths, 256 KiB of an event. */
const TARGETS_MAX = 5;
const PATHS_MAX = 100;
const TEXT_LENGTH_MAX = 8_192;
const ARN_LENGTH_MAX = 1_600;
const PATTERN_LENGTH_MAX = 4_096;

export interface TriggerArn {
  readonly kind: "rule" | "schedule";
  readonly name: string;
}

/** `…:events:…:rule/<name>`, `…:rule/<bus>/<name>` or `…:scheduler:…:schedule/<group>/<name>`; `undefined`: neither. */
export function parseTriggerArn(arn: string): TriggerArn | undefined {
  if (arn.length > ARN_LENGTH_MAX) return undefined;
  const found =
    /^arn:[^:]+:(?:events:[^:]*:[^:]*:(rule)\/(?:[^:]+\/)?|scheduler:[^:]*:[^:]*:(schedule)\/[^:/]+\/)([^:/]+)$/.exec(
      arn,
    );
  const [, rule, , name] = found ?? [];
  return name === undefined ? undefined : { kind: rule === undefined ? "schedule" : "rule", name };
}

/** The trigger's schedule, beginning at `anchor`; a text when the expression is wrong, `undefined` when it has none. */
export function scheduleOf(
  arn: string,
  { scheduleExpression, scheduleExpressionTimezone, startDate }: TriggerContent,
  anchor: EpochMs,
): ScheduleExpression | string | undefined {
  if (scheduleExpression === undefined) return undefined;
  return parseScheduleExpression(scheduleExpression, {
    anchor: startDate ?? anchor,
    isRule: parseTriggerArn(arn)?.kind !== "schedule",
    ...(scheduleExpressionTimezone === undefined ? {} : { timeZone: scheduleExpressionTimezone }),
  });
}

/** All that is wrong with a trigger, found without asking whether its state machines are there. */
export function triggerProblems(arn: string, content: TriggerContent): readonly TriggerProblem[] {
  const problems: TriggerProblem[] = [];
  const problem = (path: string, message: string): void => void problems.push({ path, message });
  const named = parseTriggerArn(arn);
  if (named === undefined) problem("", "must have the ARN of a rule or of a schedule");
  const { scheduleExpression, eventPattern, scheduleExpressionTimezone, targets } = content;
  if (scheduleExpression === undefined && eventPattern === undefined)
    problem("", named?.kind === "schedule" ? "must have a schedule" : "must have a schedule or an event pattern");
  if (named?.kind === "schedule" && eventPattern !== undefined) problem("/eventPattern", "is for rules");
  if (named?.kind === "rule" && scheduleExpressionTimezone !== undefined)
    problem("/scheduleExpressionTimezone", "is for schedules: the cron of a rule is in UTC");
  const schedule = scheduleOf(arn, content, 0);
  if (typeof schedule === "string") problem("/scheduleExpression", schedule);
  const wrongPattern = eventPattern === undefined ? undefined : patternProblem(eventPattern);
  if (wrongPattern !== undefined) problem("/eventPattern", wrongPattern);
  if (JSON.stringify(eventPattern ?? {}).length > PATTERN_LENGTH_MAX)
    problem("/eventPattern", `must have at most ${PATTERN_LENGTH_MAX} characters`);
  if (targets.length > TARGETS_MAX) problem("/targets", `must be at most ${TARGETS_MAX}`);
  for (const [index, target] of targets.slice(0, TARGETS_MAX).entries()) {
    if (targets.findIndex(({ id }) => id === target.id) !== index)
      problem(`/targets/${index}/id`, `must be unique, got ${JSON.stringify(target.id)}`);
    for (const { path, message } of targetProblems(target)) problem(`/targets/${index}${path}`, message);
  }
  return problems;
}

function targetProblems({ arn, input, inputPath, inputTransformer }: TriggerTarget): TriggerProblem[] {
  const problems: TriggerProblem[] = [];
  try {
    parseStateMachineArn(arn);
  } catch (error) {
    if (!(error instanceof Rejection)) throw error;
    problems.push({ path: "/arn", message: error.message });
  }
  if ([input, inputPath, inputTransformer].filter((part) => part !== undefined).length > 1)
    problems.push({ path: "", message: "must have one of input, inputPath and inputTransformer at most" });
  if (input !== undefined && !isJson(input))
    problems.push({ path: "/input", message: "must be JSON: a state machine takes nothing else" });
  if (inputPath !== undefined) {
    const message = pathProblem(inputPath);
    if (message !== undefined) problems.push({ path: "/inputPath", message });
  }
  if (inputTransformer !== undefined)
    problems.push(
      ...transformerProblems(inputTransformer).map((wrong) => ({ ...wrong, path: `/inputTransformer${wrong.path}` })),
    );
  return problems;
}

function transformerProblems({ inputPathsMap, inputTemplate }: InputTransformer): TriggerProblem[] {
  const paths = Object.entries(inputPathsMap);
  if (paths.length > PATHS_MAX) return [{ path: "/inputPathsMap", message: `must have at most ${PATHS_MAX} members` }];
  const problems = paths.flatMap(([name, path]): TriggerProblem[] => {
    const message = name.startsWith("AWS.") ? "must not begin with AWS." : pathProblem(path);
    return message === undefined ? [] : [{ path: `/inputPathsMap/${name}`, message }];
  });
  const message =
    inputTemplate.length > TEXT_LENGTH_MAX
      ? `must have at most ${TEXT_LENGTH_MAX} characters`
      : templateProblem(inputTemplate, new Set(Object.keys(inputPathsMap)));
  if (message !== undefined) return [...problems, { path: "/inputTemplate", message }];
  if (!isJson(filledTemplate(inputTemplate, () => "")))
    problems.push({
      path: "/inputTemplate",
      message: "must make JSON, for a state machine takes nothing else: a text stands in quotes",
    });
  return problems;
}

/** A text that says what is wrong. */
function pathProblem(path: string): string | undefined {
  try {
    compileJsonPath(path);
    return undefined;
  } catch (error) {
    if (!(error instanceof JsonPathSyntaxError)) throw error;
    return `must be a JSONPath: ${error.message}`;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // What does not parse is the answer.
    return false;
  }
}
