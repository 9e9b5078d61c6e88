/** The steps of the old language, one function each (cloudflow.md 5.3). */
import { parseTimestamp } from "../data/timestamp.ts";
import { isJsonObject, type Json, type JsonObject } from "../json.ts";
import { defined, handlersOf } from "./error-names.ts";
import type { FlowNode } from "./flow-findings.ts";
import { constantOf, expressionOf, StatesWriter } from "./flow-states.ts";
import { parseFlowResourceArn } from "./resource-arn.ts";
import type { Continuation, Sequence, StepSite, StepsCompiler } from "./steps-flow.ts";
import { awsResult, type TaskCall, type TaskPattern, taskFields } from "./task-call.ts";

type CompileStep = (compiler: StepsCompiler, site: StepSite) => void;

/** cloudflow.md 5.3 and 9. */
const BRANCHES_MAX = 100;
const ITERATIONS_AT_ONCE_MAX = 100;
const WAIT_SECONDS_MAX = 172_800;
const INTERVAL_SECONDS_MAX = 86_400;
const ATTEMPTS_MAX = 99_999_999;
const TIMEOUT_SECONDS_MAX = 31_536_000;

export const STEP_TYPES: { readonly [type: string]: CompileStep } = {
  pass(compiler, site) {
    compiler.whole(site, {
      Type: "Pass",
      Output: expressionOf(compiler.text.left(site.step, "{}", "$local")),
      ...site.after,
    });
  },

  succeed(compiler, site) {
    const Output = expressionOf(compiler.text.left(site.step, "{}", "$local"));
    compiler.whole(site, { Type: "Pass", Output, ...site.sequence.stop() });
  },

  fail(compiler, site) {
    const { step } = site;
    const constant = (text: string | undefined): Json | undefined => (text === undefined ? text : constantOf(text));
    compiler.whole(
      site,
      defined({ Type: "Fail", Error: constant(step.words("error")), Cause: constant(step.words("cause")) }),
    );
  },

  wait(compiler, site) {
    const { text } = compiler;
    const { step } = site;
    if (step.has("duration") === step.has("timestamp")) {
      step.refuse("exactly one of duration and timestamp is required");
      return;
    }
    const until = step.has("duration") ? waitSeconds(compiler, step) : waitTimestamp(compiler, step);
    if (until === undefined) return;
    compiler.whole(site, {
      Type: "Wait",
      ...until,
      Output: expressionOf(text.left(step, "{}", "$local")),
      ...site.after,
    });
  },

  task(compiler, site) {
    const { step } = site;
    const call = taskCall(compiler, step);
    const timeout = step.number("timeoutSeconds", { min: 1, max: TIMEOUT_SECONDS_MAX });
    const plain = compiler.text.plain && call !== undefined;
    const local = plain ? awsResult(call) : compiler.text.checked("fnfObject", "$states.result");
    const rest = {
      TimeoutSeconds: timeout,
      ...errorHandling(compiler, site),
      Output: expressionOf(compiler.text.left(step, local, "$local")),
      ...site.after,
    };
    if (call === undefined) return;
    compiler.whole(site, defined({ Type: "Task", ...taskFields(call, compiler.text.plain), ...rest }));
  },

  choice: compileChoice,
  parallel: compileParallel,
  foreach: compileForeach,
};

function waitSeconds(compiler: StepsCompiler, step: FlowNode): JsonObject | undefined {
  const duration = step.get("duration");
  if (typeof duration !== "string") {
    const Seconds = step.number("duration", { min: 0, max: WAIT_SECONDS_MAX });
    return Seconds === undefined ? undefined : { Seconds };
  }
  const { text } = compiler;
  const path = step.expression("duration", () => text.ofInput(duration));
  if (path === undefined) return undefined;
  const seconds = text.checked("fnfSeconds", path, "0", String(WAIT_SECONDS_MAX));
  return { Seconds: expressionOf(text.withInput(step, seconds)) };
}

function waitTimestamp(compiler: StepsCompiler, step: FlowNode): JsonObject | undefined {
  const timestamp = step.text("timestamp");
  if (timestamp === undefined) return undefined;
  const { text } = compiler;
  if (!timestamp.startsWith("$")) {
    if (parseTimestamp(timestamp) === undefined) {
      return step.refuse(`timestamp must be an RFC 3339 time, got ${JSON.stringify(timestamp)}`, "timestamp");
    }
    return { Timestamp: expressionOf(text.checked("fnfTimestamp", JSON.stringify(timestamp))) };
  }
  const path = step.expression("timestamp", () => text.ofInput(timestamp));
  if (path === undefined) return undefined;
  return { Timestamp: expressionOf(text.withInput(step, text.checked("fnfTimestamp", path))) };
}

const PATTERNS: { readonly [pattern: string]: TaskPattern } = {
  requestResponse: "requestResponse",
  sync: "sync",
  waitForCallback: "waitForTaskToken",
};

function taskCall(compiler: StepsCompiler, step: FlowNode): TaskCall | undefined {
  const resourceArn = step.text("resourceArn", true);
  const named = step.text("pattern") ?? "requestResponse";
  const pattern = Object.hasOwn(PATTERNS, named) ? PATTERNS[named] : undefined;
  if (pattern === undefined) {
    return step.refuse(`pattern must be one of ${Object.keys(PATTERNS).join(", ")}, got '${named}'`, "pattern");
  }
  if (resourceArn === undefined) return undefined;
  const arn = parseFlowResourceArn(resourceArn);
  if (arn === undefined) {
    const known = "acs:fc:…:functions/…, acs:mns:::/topics|queues/…/messages or acs:fnf:::flow/…";
    return step.refuse(`resourceArn '${resourceArn}' cannot be called here: must be ${known}`, "resourceArn");
  }
  if (arn.service === "mns" && pattern === "sync") {
    return step.refuse("pattern sync is not possible with messages: requestResponse or waitForCallback", "pattern");
  }
  const { service } = arn;
  const parameters = { resourceArn, ...serviceParameters(compiler, step, service, pattern) };
  return { service, action: ACTIONS[service], pattern, parameters };
}

const ACTIONS = { fnf: "startExecution", fc: "invokeFunction", mns: "sendMessage" } as const;

function serviceParameters(
  compiler: StepsCompiler,
  step: FlowNode,
  service: keyof typeof ACTIONS,
  pattern: TaskPattern,
): JsonObject {
  const { text } = compiler;
  const given = step.child("serviceParams");
  const parameter = (name: string, otherwise?: Json): Json | undefined => {
    const value = given?.get(name) ?? otherwise;
    if (value === undefined) return undefined;
    const written = (given ?? step).expression(name, () => text.template(value, step));
    return written === undefined ? undefined : expressionOf(text.withInput(step, written));
  };
  if (service === "fnf") return defined({ input: parameter("Input", "$"), executionName: parameter("ExecutionName") });
  if (service === "fc") {
    return defined({ invocationType: pattern === "sync" ? "Async" : "Sync", body: expressionOf(text.stepInput(step)) });
  }
  const others = Object.keys(given?.value ?? {}).filter((name) => name !== "MessageBody");
  const members = others.map((name) => [name.charAt(0).toLowerCase() + name.slice(1), parameter(name)] as const);
  return defined({ messageBody: parameter("MessageBody", "$"), ...Object.fromEntries(members) });
}

/** `retry` and `catch` of task, parallel and foreach. */
function errorHandling(compiler: StepsCompiler, site: StepSite): { [name: string]: Json | undefined } {
  const { step } = site;
  const retry = handlersOf(step.nodes("retry"), "errors").map(({ errorEquals, node }) => ({
    ErrorEquals: errorEquals,
    IntervalSeconds: node.number("intervalSeconds", { min: 0, max: INTERVAL_SECONDS_MAX }) ?? 1,
    MaxAttempts: node.number("maxAttempts", { min: 0, max: ATTEMPTS_MAX }) ?? 3,
    BackoffRate: node.number("multiplier", { min: 0, max: 1_000, whole: false }) ?? 2,
    MaxDelaySeconds: node.number("maxIntervalSeconds", { min: 1, max: INTERVAL_SECONDS_MAX }) ?? INTERVAL_SECONDS_MAX,
  }));
  const catchers = handlersOf(step.nodes("catch"), "errors").flatMap(({ errorEquals, node }) => {
    node.required("goto");
    const Next = site.target(node, "goto");
    if (Next === undefined) return [];
    return [{ ErrorEquals: errorEquals, Output: expressionOf(compiler.text.caught(step)), Next }];
  });
  return {
    Retry: retry.length === 0 ? undefined : retry,
    Catch: catchers.length === 0 ? undefined : catchers,
  };
}

function compileChoice(compiler: StepsCompiler, site: StepSite): void {
  const { text } = compiler;
  const { step } = site;
  const branches = step.nodes("choices", true);
  if (branches.length === 0 && step.has("choices")) step.refuse("choices must not be empty", "choices");
  const Choices = branches.flatMap((branch): JsonObject[] => {
    const Next = choiceBranch(compiler, site, branch);
    const condition = branch.condition("condition");
    const written = condition && branch.expression("condition", () => text.condition(condition));
    if (!written) return [];
    return [
      {
        Condition: expressionOf(text.withInput(step, written)),
        Output: expressionOf(text.withInput(step, text.entered())),
        Next,
      },
    ];
  });
  const Default = choiceBranch(compiler, site, step.child("default"));
  const Output = expressionOf(text.withInput(step, text.entered()));
  compiler.put(site, site.state, "begin", { Type: "Choice", Choices, Default, Output });
}

/** The steps of one branch, and the state in which the choice ends after them. Gives the branch's first state. */
function choiceBranch(compiler: StepsCompiler, site: StepSite, branch: FlowNode | undefined): string {
  const { step, sequence } = site;
  const exits = new Map<string, string>();
  /** The choice's last state, from where it goes on there. */
  const exit = (to: Continuation): string => {
    const key = JSON.stringify(to);
    const known = exits.get(key);
    if (known !== undefined) return known;
    const name = compiler.names.take(`${site.state}#end`, sequence.around);
    exits.set(key, name);
    compiler.put(site, name, "end", { Type: "Pass", Output: expressionOf(compiler.text.leftChoice(step)), ...to });
    return name;
  };
  const goto = branch === undefined ? undefined : site.target(branch, "goto");
  const onwards: Continuation = goto === undefined ? site.after : { Next: goto };
  if (branch?.has("steps") !== true) return exit(onwards);
  const inner: Sequence = {
    writer: sequence.writer,
    around: site.state,
    fall: () => ({ Next: exit(onwards) }),
    stop: () => ({ Next: exit(sequence.stop()) }),
    depth: sequence.depth + 1,
  };
  return compiler.sequence(branch, "steps", inner) ?? exit(onwards);
}

const END = (): Continuation => ({ End: true });

/** A sequence with states, a local and an end of its own. */
function block(compiler: StepsCompiler, site: StepSite, holder: FlowNode): JsonObject | undefined {
  const writer = new StatesWriter();
  const { sequence } = site;
  const inner = { writer, around: site.state, fall: END, stop: END, depth: sequence.depth + 1 };
  const StartAt = compiler.sequence(holder, "steps", inner);
  return StartAt === undefined ? undefined : { StartAt, States: writer.states };
}

function compileParallel(compiler: StepsCompiler, site: StepSite): void {
  const { text } = compiler;
  const { step } = site;
  const branches = step.nodes("branches", true);
  if (branches.length === 0 && step.has("branches")) step.refuse("branches must not be empty", "branches");
  if (branches.length > BRANCHES_MAX) step.refuse(`branches must be at most ${BRANCHES_MAX}`, "branches");
  const Branches = branches.flatMap((branch) => block(compiler, site, branch) ?? []);
  compiler.whole(
    site,
    defined({
      Type: "Parallel",
      Arguments: { input: expressionOf(text.stepInput(step)), local: {} },
      Branches,
      ...errorHandling(compiler, site),
      Output: expressionOf(text.left(step, locals(compiler), "{}")),
      ...site.after,
    }),
  );
}

function locals(compiler: StepsCompiler): string {
  return compiler.text.plain ? "[$states.result.local]" : "$fnfLocals($states.result)";
}

function compileForeach(compiler: StepsCompiler, site: StepSite): void {
  const { text } = compiler;
  const { step } = site;
  const mapping = step.child("iterationMapping", true);
  const collection = mapping?.text("collection", true);
  const item = mapping?.text("item", true);
  const index = mapping?.text("index");
  const items = collection && mapping?.expression("collection", () => text.ofInput(collection));
  const processor = block(compiler, site, step);
  const handling = errorHandling(compiler, site);
  const Output = expressionOf(text.left(step, locals(compiler), "{}"));
  if (!items || item === undefined || !isJsonObject(processor)) return;
  const added = [`${JSON.stringify(item)}: $states.context.Map.Item.Value`];
  if (index !== undefined && index !== item) added.push(`${JSON.stringify(index)}: $states.context.Map.Item.Index`);
  compiler.whole(
    site,
    defined({
      Type: "Map",
      Items: expressionOf(text.withInput(step, text.checked("fnfItems", items))),
      ItemSelector: { input: expressionOf(text.merge(text.stepInput(step), `{${added.join(", ")}}`)), local: {} },
      MaxConcurrency: ITERATIONS_AT_ONCE_MAX,
      ItemProcessor: processor,
      ...handling,
      Output,
      ...site.after,
    }),
  );
}
