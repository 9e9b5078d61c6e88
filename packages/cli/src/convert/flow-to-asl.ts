/** A flow of CloudFlow as the ASL that it means, with comments on what ASL cannot say. */
import { compileFlow, type FlowDiagnostic, type Json, type JsonObject, parseStateMachine } from "@stepwell/core";
import { UsageError } from "../usage-error.ts";
import { CONVERSIONS } from "./conversions.ts";
import type { Converter, ConvertSource } from "./converter.ts";
import { stem } from "./definition-formats.ts";

export const flowToAsl: Converter = {
  ...CONVERSIONS.flowToAsl,
  accepts: isFlow,
  convert(source, { warn }) {
    const result = compileFlow((source.value ?? null) as Json, { plain: true });
    for (const finding of result.diagnostics) if (finding.severity === "WARNING") warn(sentence(finding));
    if (!result.ok) {
      throw new UsageError(`${source.path}: ${result.diagnostics.map(sentence).join("\n")}`);
    }
    const { definition, language, description } = result.flow;
    const about = description === undefined ? "" : `${description}. `;
    const machine = {
      Comment: `${about}${language === "steps" ? STEPS_COMMENT : STATES_COMMENT}`,
      ...commented(withReachable(definition)),
    };
    const text = `${JSON.stringify(machine, null, 2)}\n`;
    for (const { severity, message, location } of parseStateMachine(text).diagnostics) {
      if (severity === "ERROR") warn(`AWS would not take it: ${message} (${location ?? "the whole definition"})`);
    }
    return [{ name: `${stem(source.path)}.asl.json`, text }];
  },
};

/** True for a definition of either of CloudFlow's languages. */
export function isFlow({ value }: ConvertSource): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { type, Type } = value as { type?: unknown; Type?: unknown };
  return type === "flow" || Type === "StateMachine";
}

function sentence({ step, pointer, message }: FlowDiagnostic): string {
  return `${step === undefined ? "" : `step '${step}': `}${message}${pointer === "" ? "" : ` (${pointer})`}`;
}

const RULES =
  "In CloudFlow a path to nothing gives null and comparing unlike types gives false; in JSONata the one gives nothing and the other is an error.";
const STEPS_COMMENT = `Converted from a CloudFlow flow. What goes from state to state is {input, local}: a flow's steps see all that steps before them gave, which ASL does not have. ${RULES}`;
const STATES_COMMENT = `Converted from a CloudFlow state machine. ${RULES}`;

/** What AWS has in the place of what a flow calls, and what is lost. */
const RESOURCES: readonly (readonly [RegExp, string])[] = [
  [
    /:http:invoke/,
    "CloudFlow: HTTP:Request. AWS needs a connection for credentials, fails on any status but 2xx, and cannot wait for a callback with HTTP: send the token by another service.",
  ],
  [/:lambda:invoke/, "CloudFlow: a function of Function Compute, as the Lambda function of the same name."],
  [
    /:(sns:publish|sqs:sendMessage)/,
    "CloudFlow: a message to MNS, as SQS or SNS; names of queues and topics are the same.",
  ],
  [
    /:states:startExecution/,
    "CloudFlow: another flow, as the state machine of the same name. A failed one fails with States.TaskFailed, not with its own error.",
  ],
];

const GLOBAL =
  "CloudFlow: $Global belongs to the whole execution, also when a branch changes it; a variable of ASL belongs to its scope and those inside.";
const GLOBAL_INSIDE =
  "CloudFlow: this state also changes $Global, for the whole execution; ASL does not let a branch or an iteration assign a variable of the scope around it.";
const DISTRIBUTED =
  "CloudFlow: up to 100 children at once and 10,000 items; a Map that tolerates no failure fails with a name of its own.";
const MAP = "CloudFlow runs up to 100 iterations at once, an inline Map 40.";
const INTERVAL = "CloudFlow allows retries without a pause and rates below 1; ASL waits a second at least.";

/** The same definition with a `Comment` where ASL does not say all that the flow does. */
function commented(block: JsonObject, isInside = false): JsonObject {
  const entries = Object.entries((block["States"] ?? {}) as JsonObject) as [string, JsonObject][];
  const isOuter = isInside || entries.some(([, state]) => assigns(state));
  const states = entries.map(([name, state]) => [
    name,
    commentedState(isInside && assigns(state) ? withoutAssign(state) : state, isOuter),
  ]);
  return { ...block, States: Object.fromEntries(states) as JsonObject };
}

function commentedState({ [LEFT_OUT]: isLeftOut, ...state }: JsonObject, isOuter: boolean): JsonObject {
  const retry = ((state["Retry"] ?? []) as readonly JsonObject[]).map(atLeast);
  const changed = retry.some(({ changed }) => changed);
  const resource = String(state["Resource"] ?? "");
  const comments = [
    ...RESOURCES.filter(([pattern]) => pattern.test(resource)).map(([, comment]) => comment),
    ...(state["Assign"] === undefined && state["Type"] !== "Choice" ? [] : assigns(state) ? [GLOBAL] : []),
    ...(isLeftOut === true ? [GLOBAL_INSIDE] : []),
    ...(Number(state["MaxConcurrency"] ?? 0) > 40 && !isDistributed(state) ? [MAP] : []),
    ...(isDistributed(state) ? [DISTRIBUTED] : []),
    ...(changed ? [INTERVAL] : []),
  ];
  const { Type, ...rest } = state;
  return {
    ...(Type === undefined ? {} : { Type }),
    ...(comments.length === 0 ? {} : { Comment: comments.join(" ") }),
    ...rest,
    ...(retry.length === 0 ? {} : { Retry: retry.map(({ retrier }) => retrier) }),
    ...(Array.isArray(state["Branches"])
      ? { Branches: (state["Branches"] as JsonObject[]).map((branch) => commented(branch, isOuter)) }
      : {}),
    ...(state["ItemProcessor"] === undefined
      ? {}
      : { ItemProcessor: commented(state["ItemProcessor"] as JsonObject, isOuter && !isDistributed(state)) }),
  };
}

/** Stands in a state until its comments are written. */
const LEFT_OUT = "\u0000left out";

/** A branch cannot assign what is assigned around it. */
function withoutAssign(state: JsonObject): JsonObject {
  const { Assign: _, ...rest } = state;
  const rules = state["Choices"] as readonly JsonObject[] | undefined;
  const Choices = rules?.map(({ Assign: __, ...rule }) => rule as JsonObject);
  return { ...rest, ...(Choices === undefined ? {} : { Choices }), [LEFT_OUT]: true };
}

function isDistributed(state: JsonObject): boolean {
  const config = (state["ItemProcessor"] as JsonObject | undefined)?.["ProcessorConfig"];
  return (config as JsonObject | undefined)?.["Mode"] === "DISTRIBUTED";
}

function assigns(state: JsonObject): boolean {
  return state["Assign"] !== undefined || JSON.stringify(state["Choices"] ?? []).includes('"Assign"');
}

function atLeast(retrier: JsonObject): { retrier: JsonObject; changed: boolean } {
  const interval = Math.max(1, Number(retrier["IntervalSeconds"] ?? 1));
  const rate = Math.max(1, Number(retrier["BackoffRate"] ?? 1));
  const changed = interval !== retrier["IntervalSeconds"] || rate !== retrier["BackoffRate"];
  return { retrier: { ...retrier, IntervalSeconds: interval, BackoffRate: rate }, changed };
}

/** Without the states that nothing leads to, which ASL does not allow. */
function withReachable(block: JsonObject): JsonObject {
  const states = (block["States"] ?? {}) as { readonly [name: string]: JsonObject };
  const reached = new Set<string>();
  const toVisit = [String(block["StartAt"])];
  for (let name = toVisit.pop(); name !== undefined; name = toVisit.pop()) {
    const state = Object.hasOwn(states, name) ? states[name] : undefined;
    if (state === undefined || reached.has(name)) continue;
    reached.add(name);
    toVisit.push(...targetsOf(state));
  }
  const kept = Object.entries(states).flatMap(([name, state]) =>
    reached.has(name) ? [[name, withReachableInside(state)] as const] : [],
  );
  return { ...block, States: Object.fromEntries(kept) };
}

function targetsOf(state: JsonObject): string[] {
  const rules = [...((state["Choices"] ?? []) as JsonObject[]), ...((state["Catch"] ?? []) as JsonObject[])];
  return [state["Next"], state["Default"], ...rules.map(({ Next }) => Next)].filter((name) => typeof name === "string");
}

function withReachableInside(state: JsonObject): JsonObject {
  return {
    ...state,
    ...(Array.isArray(state["Branches"]) ? { Branches: (state["Branches"] as JsonObject[]).map(withReachable) } : {}),
    ...(state["ItemProcessor"] === undefined
      ? {}
      : { ItemProcessor: withReachable(state["ItemProcessor"] as JsonObject) }),
  };
}
