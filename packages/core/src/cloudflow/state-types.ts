/** The states of the new language, one function each (cloudflow.md 6.2). */
import type { Json, JsonObject } from "../json.ts";
import { defined } from "./error-names.ts";
import { constantOf, expressionOf } from "./flow-states.ts";
import { errorHandling } from "./state-errors.ts";
import { compileMap } from "./state-map.ts";
import { stateTask } from "./state-task.ts";
import type { StateSite, StatesCompiler } from "./states-flow.ts";

type CompileState = (compiler: StatesCompiler, site: StateSite) => void;

const INPUT = "$states.input";
/** cloudflow.md 6.2 and 9. */
const WAIT_SECONDS = { STANDARD: { min: 1, max: 300 }, EXPRESS: { min: 1, max: 20 } } as const;
const BRANCHES_MAX = 50;
const TIMEOUT_SECONDS_MAX = 604_800;

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
    // What is reported may be any JSON; what a state leaves with is an object.
    const otherwise = output === "$states.result" ? compiler.text.checked("fnfObject", output) : output;
    const rest = {
      ...timeout,
      ...errorHandling(compiler, site),
      ...compiler.leaving(site, output, otherwise, task?.isAnswer),
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
  const value = site.node.words(field);
  return value === undefined ? undefined : constantOf(value);
}
