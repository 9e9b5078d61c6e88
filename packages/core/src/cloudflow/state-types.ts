/** The states of the new language, one function each (cloudflow.md 6.2). */
import type { Json, JsonObject } from "../json.ts";
import { defined, handlersOf } from "./error-names.ts";
import type { FlowNode } from "./flow-findings.ts";
import { constantOf, expressionOf } from "./flow-states.ts";
import { stateTask } from "./state-task.ts";
import type { StateSite, StatesCompiler } from "./states-flow.ts";

type CompileState = (compiler: StatesCompiler, site: StateSite) => void;

const INPUT = "$states.input";
/** cloudflow.md 6.2 and 9. */
const WAIT_SECONDS = { STANDARD: { min: 1, max: 300 }, EXPRESS: { min: 1, max: 20 } } as const;
const BRANCHES_MAX = 50;
const ITERATIONS_AT_ONCE_MAX = 40;
const TIMEOUT_SECONDS_MAX = 604_800;
const INTERVAL_SECONDS_MAX = 86_400;
const ATTEMPTS_MAX = 99_999_999;

/** What only a distributed Map has; its fields are not documented. */
const DISTRIBUTED_FIELDS = ["ProcessorConfig", "ItemReader", "ItemBatcher", "ItemConstructor", "ResultWriter", "Mode"];

export const STATE_TYPES: { readonly [type: string]: CompileState } = {
  Pass(compiler, site) {
    put(site, { Type: "Pass", ...compiler.leaving(site, INPUT), ...compiler.after(site) });
  },

  Wait(compiler, site) {
    const Seconds = waitSeconds(compiler, site);
    const rest = { ...compiler.leaving(site, INPUT), ...compiler.after(site) };
    if (Seconds !== undefined) put(site, { Type: "Wait", Seconds, ...rest });
  },

  Choice(compiler, site) {
    const { node, name, target } = site;
    if (node.has("Next") || node.flag("End")) node.refuse("a Choice has neither Next nor End");
    const leaving = compiler.leaving(site, INPUT);
    const branches = node.nodes("Branches", true);
    if (branches.length === 0 && node.has("Branches")) node.refuse("Branches must not be empty", "Branches");
    const Choices = branches.flatMap((branch): JsonObject[] => {
      const Next = target(branch, "Next");
      const condition = branch.condition("Condition");
      const text =
        condition === undefined
          ? undefined
          : branch.expression("Condition", () => compiler.text.condition(condition, { state: name }));
      return Next === undefined || text === undefined ? [] : [{ Condition: expressionOf(text), ...leaving, Next }];
    });
    const Default = target(node, "Default");
    if (Default !== undefined) put(site, { Type: "Choice", Choices, Default, ...leaving });
  },

  /** With something to remember it is a Pass: ASL's Succeed assigns nothing. */
  Succeed(compiler, site) {
    const leaving = compiler.leaving(site, INPUT);
    if (leaving.Assign === undefined) put(site, { Type: "Succeed", ...leaving });
    else put(site, { Type: "Pass", ...leaving, End: true });
  },

  Fail(compiler, site) {
    put(
      site,
      defined({ Type: "Fail", Error: failText(compiler, site, "Code"), Cause: failText(compiler, site, "Detail") }),
    );
  },

  Parallel(compiler, site) {
    const { node } = site;
    const branches = node.nodes("Branches", true);
    if (branches.length === 0 && node.has("Branches")) node.refuse("Branches must not be empty", "Branches");
    if (branches.length > BRANCHES_MAX) node.refuse(`Branches must be at most ${BRANCHES_MAX}`, "Branches");
    const Branches = branches.map((branch) => compiler.scope(branch, site.state, site.depth + 1));
    const output = compiler.text.plain ? plainBranches(branches.length) : "$fnfBranches($states.result)";
    put(site, {
      Type: "Parallel",
      Branches,
      ...errorHandling(compiler, site),
      ...compiler.leaving(site, output, output),
      ...compiler.after(site),
    });
  },

  Map: compileMap,

  Task(compiler, site) {
    const task = stateTask(compiler, site);
    const timeout = taskTimeout(compiler, site);
    const output = task?.output ?? "$states.result";
    const rest = {
      ...timeout,
      ...errorHandling(compiler, site),
      ...compiler.leaving(site, output, output === "$states.result" ? undefined : output),
      ...compiler.after(site),
    };
    if (task !== undefined) put(site, { Type: "Task", ...task.fields, ...rest });
  },
};

function put(site: StateSite, state: JsonObject): void {
  site.writer.put(site.state, state);
}

function plainBranches(count: number): string {
  return `{${Array.from({ length: count }, (_, at) => `"Branch${at}": $states.result[${at}]`).join(", ")}}`;
}

function waitSeconds(compiler: StatesCompiler, site: StateSite): Json | undefined {
  const { node } = site;
  const range = WAIT_SECONDS[compiler.type];
  if (node.has("Seconds") === node.has("Seconds.$")) {
    return node.refuse("exactly one of Seconds and Seconds.$ is required");
  }
  if (node.has("Seconds")) return node.number("Seconds", range);
  const text = dynamic(compiler, site, "Seconds.$");
  if (text === undefined) return undefined;
  return expressionOf(compiler.text.checked("fnfSeconds", text, String(range.min), String(range.max)));
}

/** The expression of a field whose name ends in `.$`. */
function dynamic(compiler: StatesCompiler, { node, name }: StateSite, field: string): string | undefined {
  const text = node.text(field, true);
  return text === undefined ? undefined : node.expression(field, () => compiler.text.expression(text, { state: name }));
}

function taskTimeout(compiler: StatesCompiler, site: StateSite): JsonObject {
  const { node } = site;
  if (node.has("Timeout") && node.has("Timeout.$")) node.refuse("only one of Timeout and Timeout.$ is allowed");
  if (node.has("Timeout.$")) {
    const text = dynamic(compiler, site, "Timeout.$");
    return text === undefined ? {} : { TimeoutSeconds: expressionOf(compiler.text.checked("fnfTimeout", text)) };
  }
  const seconds = node.number("Timeout", { min: 0, max: TIMEOUT_SECONDS_MAX });
  return seconds === undefined || seconds === 0 ? {} : { TimeoutSeconds: seconds };
}

function failText(compiler: StatesCompiler, site: StateSite, field: string): Json | undefined {
  if (site.node.has(`${field}.$`)) {
    const text = dynamic(compiler, site, `${field}.$`);
    return text === undefined ? undefined : expressionOf(text);
  }
  const value = site.node.text(field);
  return value === undefined ? undefined : constantOf(value);
}

function compileMap(compiler: StatesCompiler, site: StateSite): void {
  const { node, name } = site;
  const path = node.text("ItemsPath", true);
  const items = path && node.expression("ItemsPath", () => compiler.text.expression(path, { state: name }));
  for (const field of DISTRIBUTED_FIELDS) {
    if (node.has(field))
      node.refuse(`${field} is of distributed Maps, whose fields are not documented: not supported`, field);
  }
  const range = { min: 0, max: ITERATIONS_AT_ONCE_MAX };
  const concurrency = node.number("MaxConcurrency", range) ?? node.number("MaxConcuccency", range);
  const processor = node.child("Processor", true);
  const block = processor && compiler.scope(processor, site.state, site.depth + 1);
  const output = compiler.text.plain ? '{"Items": $states.result}' : "$fnfMapItems($states.result)";
  const rest = {
    ...errorHandling(compiler, site),
    ...compiler.leaving(site, output, output),
    ...compiler.after(site),
  };
  if (!items || block === undefined) return;
  put(site, {
    Type: "Map",
    Items: expressionOf(compiler.text.checked("fnfObjectItems", items)),
    MaxConcurrency: concurrency === undefined || concurrency === 0 ? ITERATIONS_AT_ONCE_MAX : concurrency,
    ItemProcessor: block,
    ...rest,
  });
}

/** Retry and Catch; also in the form of December 2023, OnErrors. */
function errorHandling(compiler: StatesCompiler, site: StateSite): JsonObject {
  const { node } = site;
  if (node.has("OnErrors")) return onErrors(compiler, site);
  const retry = handlersOf(node.nodes("Retry"), "Errors").map(({ errorEquals, node: policy }) => {
    for (const field of ["MaxAttempts", "IntervalSeconds"]) policy.required(field);
    return retrier(errorEquals, policy, { interval: "IntervalSeconds", rate: "BackoffRate" });
  });
  const catchers = handlersOf(node.nodes("Catch"), "Errors").flatMap((handler) => catcher(compiler, site, handler));
  return handling(retry, catchers);
}

function onErrors(compiler: StatesCompiler, site: StateSite): JsonObject {
  const handlers = handlersOf(site.node.nodes("OnErrors"), "Errors");
  const retry = handlers.flatMap(({ errorEquals, node }) => {
    const policy = node.child("Retry");
    return policy === undefined ? [] : [retrier(errorEquals, policy, { interval: "FixedBackoff", rate: "Multiplier" })];
  });
  const catchers = handlers.flatMap((handler) => (handler.node.has("Next") ? catcher(compiler, site, handler) : []));
  return handling(retry, catchers);
}

function handling(retry: readonly Json[], catchers: readonly Json[]): JsonObject {
  return {
    ...(retry.length === 0 ? {} : { Retry: retry }),
    ...(catchers.length === 0 ? {} : { Catch: catchers }),
  };
}

/** Without a rate, the interval stays what it is. */
function retrier(
  errorEquals: readonly string[],
  policy: FlowNode,
  names: { readonly interval: string; readonly rate: string },
): JsonObject {
  const longest = policy.number("MaxBackoffSeconds", { min: 0, max: INTERVAL_SECONDS_MAX });
  return {
    ErrorEquals: errorEquals,
    IntervalSeconds: policy.number(names.interval, { min: 0, max: INTERVAL_SECONDS_MAX }) ?? 1,
    MaxAttempts: policy.number("MaxAttempts", { min: 0, max: ATTEMPTS_MAX }) ?? 3,
    BackoffRate: policy.number(names.rate, { min: 0, max: 1_000, whole: false }) ?? 1,
    ...(longest === undefined || longest === 0 ? {} : { MaxDelaySeconds: longest }),
  };
}

function catcher(
  compiler: StatesCompiler,
  site: StateSite,
  { errorEquals, node }: { readonly errorEquals: readonly string[]; readonly node: FlowNode },
): JsonObject[] {
  const place = { state: site.name, caught: true };
  const Output = compiler.constructed({ node }, "OutputConstructor", place) ?? expressionOf(INPUT);
  const Next = site.target(node, "Next");
  return Next === undefined ? [] : [{ ErrorEquals: errorEquals, Output, Next }];
}
