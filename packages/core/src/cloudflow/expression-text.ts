/**
 * From CloudFlow's expressions to JSONata. Exactly: with the functions of data/flow-functions.ts, which keep CloudFlow's rules for
 * what is not there and for unlike types. Plainly, for `stepwell convert`: as one would write it in JSONata, where JSONata's own
 * rules then hold.
 */
import type { PathStep } from "../data/flow-path.ts";
import { BUILT_IN_FUNCTIONS } from "./built-in-functions.ts";
import { type FlowExpression, FlowExpressionError } from "./expression.ts";

export interface ExpressionTarget {
  /** JSONata for a root and its first steps, and how many steps that took; throws FlowExpressionError when the root does not exist here. */
  root(name: string, steps: readonly PathStep[]): { readonly text: string; readonly taken: number };
  /** JSONata as AWS has it, of nearly the same meaning. */
  readonly plain: boolean;
  /** Whether the built-in functions of the new language exist. */
  readonly functions: boolean;
}

/** Throws FlowExpressionError for roots and functions that do not exist. */
export function jsonataOf(expression: FlowExpression, target: ExpressionTarget): string {
  const text = (of: FlowExpression): string => jsonataOf(of, target);
  switch (expression.kind) {
    case "constant":
      return JSON.stringify(expression.value);
    case "path": {
      const { text: root, taken } = target.root(expression.root, expression.steps);
      return pathText(root, expression.steps.slice(taken), target.plain);
    }
    case "member":
      return pathText(`(${text(expression.of)})`, expression.steps, target.plain);
    case "call":
      return callText(expression.name, expression.values.map(text), target);
    case "list":
      return listText(expression.items.map(text), target.plain);
    case "map":
      return mapText(expression.members.map(([key, value]) => [key, text(value)]));
    case "not":
      return target.plain ? `$not(${text(expression.of)})` : `$not($fnfTrue(${text(expression.of)}))`;
    case "negative":
      return target.plain ? `-(${text(expression.of)})` : `$fnfNegative(${text(expression.of)})`;
    case "operation":
      return operationText(expression.operator, text(expression.one), text(expression.other), target.plain);
    case "choice": {
      const condition = truth(text(expression.condition), target.plain);
      return `(${condition} ? ${text(expression.then)} : ${text(expression.otherwise)})`;
    }
  }
}

/** JSONata that gives a boolean, whatever the condition gives. */
export function truth(text: string, plain: boolean): string {
  return plain ? `$boolean(${text})` : `$fnfTrue(${text})`;
}

export function listText(items: readonly string[], plain: boolean): string {
  return plain ? `[${items.join(", ")}]` : `$fnfList(${items.join(", ")})`;
}

/** Equal keys: the last one counts, as JSONata refuses them. */
export function mapText(members: readonly (readonly [string, string])[]): string {
  const last = [...new Map(members)];
  return `{${last.map(([key, value]) => `${JSON.stringify(key)}: ${value}`).join(", ")}}`;
}

/** `root` and the way from there. */
export function pathText(root: string, steps: readonly PathStep[], plain: boolean): string {
  if (!plain) return `$fnfPath(${root}, [${steps.map(stepText).join(", ")}])`;
  const every = steps.indexOf(null);
  const isOneProjection = every >= 0 && every < steps.length - 1 && every === steps.lastIndexOf(null);
  if (!isOneProjection) return root + steps.map(plainStep).join("");
  // A path of JSONata would flatten the lists it finds.
  const [before, after] = [steps.slice(0, every), steps.slice(every + 1)];
  const list = root + before.map(plainStep).join("");
  return `[$map(${list}, function($item) { $item${after.map(plainStep).join("")} })]`;
}

function stepText(step: PathStep): string {
  return JSON.stringify(step);
}

function plainStep(step: PathStep): string {
  if (step === null) return "";
  if (typeof step === "number") return `[${step}]`;
  if (typeof step === "object") return `[[${step.from ?? 0}..${step.to === null ? 999_999 : step.to - 1}]]`;
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(step) && !JSONATA_WORDS.has(step) ? `.${step}` : `.\`${step}\``;
}

const JSONATA_WORDS: ReadonlySet<string> = new Set(["and", "or", "in", "true", "false", "null", "function"]);

function callText(name: string, values: readonly string[], { plain, functions }: ExpressionTarget): string {
  const found = functions && Object.hasOwn(BUILT_IN_FUNCTIONS, name) ? BUILT_IN_FUNCTIONS[name] : undefined;
  if (found === undefined) throw new FlowExpressionError(`calls '${name}', which is no built-in function`);
  const [least, most] = found.values;
  if (values.length < least || values.length > most) {
    const wanted =
      least === most ? `${least}` : most === Number.POSITIVE_INFINITY ? `at least ${least}` : `${least} to ${most}`;
    throw new FlowExpressionError(`calls '${name}' with ${values.length} arguments, not ${wanted}`);
  }
  return plain ? found.plain(values) : `$${found.exact}(${values.join(", ")})`;
}

/** Named by the function that does it exactly. */
const EXACT: { readonly [operator: string]: (one: string, other: string) => string } = {
  "==": (one, other) => `$fnfEquals(${one}, ${other})`,
  "!=": (one, other) => `$fnfDiffers(${one}, ${other})`,
  "<": (one, other) => `$fnfLess(${one}, ${other})`,
  ">": (one, other) => `$fnfLess(${other}, ${one})`,
  "<=": (one, other) => `$fnfAtMost(${one}, ${other})`,
  ">=": (one, other) => `$fnfAtMost(${other}, ${one})`,
  in: (one, other) => `$fnfIn(${one}, ${other})`,
  "&&": (one, other) => `($fnfTrue(${one}) and $fnfTrue(${other}))`,
  "||": (one, other) => `($fnfTrue(${one}) or $fnfTrue(${other}))`,
  "!~": (one, other) => `$not($fnfCalculate("=~", ${one}, ${other}))`,
  "??": (one, other) => `($fnfEquals(${one}, null) ? ${other} : ${one})`,
};

const PLAIN: { readonly [operator: string]: string } = { "==": "=", "&&": "and", "||": "or" };

function operationText(operator: string, one: string, other: string, plain: boolean): string {
  if (!plain) {
    const exact = Object.hasOwn(EXACT, operator) ? EXACT[operator] : undefined;
    return exact === undefined ? `$fnfCalculate(${JSON.stringify(operator)}, ${one}, ${other})` : exact(one, other);
  }
  if (operator === "=~") return `$contains(${one}, ${other})`;
  if (operator === "!~") return `$not($contains(${one}, ${other}))`;
  if (operator === "??") return `($exists(${one}) ? ${one} : ${other})`;
  return `(${one} ${PLAIN[operator] ?? operator} ${other})`;
}
