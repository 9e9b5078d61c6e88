/** Why a Choice went where it went: each rule up to the one that matched, test by test, with the values it looked at. */
import {
  compileChoiceCondition,
  compileJsonataTemplate,
  compilePathExpression,
  type EvaluationScope,
  ExpressionSyntaxError,
  StatesErrorSignal,
} from "@stepwell/core";
import { isJsonObject, type Json, type JsonObject } from "../../ui/json-value.ts";

export interface ChoiceTest {
  readonly depth: number;
  /** `$.total NumericGreaterThan 5000`, `And`. */
  readonly text: string;
  /** What stood there, as JSON; absent where nothing did. */
  readonly values: readonly (readonly [expression: string, value: string])[];
  /** Undefined: it cannot be told (it fails, or reads what is not recorded). */
  readonly holds: boolean | undefined;
}

export interface ChoiceRuleWhy {
  /** From 1. */
  readonly number: number;
  readonly next: string;
  readonly holds: boolean | undefined;
  readonly tests: readonly ChoiceTest[];
}

export interface ChoiceQuestion {
  readonly source: Readonly<Record<string, unknown>>;
  /** Of the state machine. */
  readonly language: "JSONPath" | "JSONata";
  readonly input: Json;
  readonly variables: Readonly<Record<string, Json>>;
  readonly context: JsonObject;
  readonly now: number;
}

const RULES_MAX = 100;
const TESTS_MAX = 60;

/** The rules that were looked at, the last of them the one that matched; without one, all and then the default. */
export function choiceWhy(question: ChoiceQuestion): readonly ChoiceRuleWhy[] {
  const { source } = question;
  const rules = Array.isArray(source["Choices"]) ? source["Choices"].slice(0, RULES_MAX) : [];
  const jsonata = (source["QueryLanguage"] ?? question.language) === "JSONata";
  const scope = scopeOf(question, jsonata);
  const looked: ChoiceRuleWhy[] = [];
  for (const [index, rule] of rules.entries()) {
    if (!isJsonObject(rule)) continue;
    const tests = jsonata ? [conditionTest(rule, scope)] : pathTests(rule, scope, 0, []);
    const why = { number: index + 1, next: String(rule["Next"]), holds: tests[0]?.holds, tests };
    looked.push(why);
    if (why.holds === true) break;
  }
  return looked;
}

function scopeOf({ source, input, variables, context, now }: ChoiceQuestion, jsonata: boolean): EvaluationScope {
  const facts = { now, random: Math.random, uuid: () => crypto.randomUUID() };
  const whole: EvaluationScope = { input, variables, context, facts };
  const path = source["InputPath"];
  if (jsonata || path === undefined || path === "$") return whole;
  if (path === null) return { ...whole, input: {} };
  return { ...whole, input: attempt(() => compilePathExpression(String(path)).evaluate(whole)) ?? {} };
}

/** What fails or cannot be compiled has no value here: the run's own error tells of it. */
function attempt<T>(evaluate: () => T): T | undefined {
  try {
    return evaluate();
  } catch (problem) {
    if (problem instanceof StatesErrorSignal || problem instanceof ExpressionSyntaxError) return undefined;
    throw problem;
  }
}

const shown = (value: Json | undefined): string => {
  const text = value === undefined ? "not there" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
};

const NO_TEST = new Set(["Next", "Assign", "Comment", "Variable", "Output"]);

function pathTests(
  rule: JsonObject,
  scope: EvaluationScope,
  depth: number,
  found: ChoiceTest[],
): readonly ChoiceTest[] {
  if (found.length >= TESTS_MAX) return found;
  const operator = Object.keys(rule).find((name) => !NO_TEST.has(name)) ?? "?";
  const operand = rule[operator];
  const { Next: _next, Assign: _assign, Output: _output, ...test } = rule;
  const holds = attempt(() => compileChoiceCondition(test).evaluate(scope));
  const inner = Array.isArray(operand) ? (operand as readonly Json[]) : operator === "Not" ? [operand as Json] : [];
  const isCombination = operator === "And" || operator === "Or" || operator === "Not";
  if (isCombination) {
    found.push({ depth, text: operator, values: [], holds });
    for (const each of inner) if (isJsonObject(each)) pathTests(each, scope, depth + 1, found);
    return found;
  }
  const variable = String(rule["Variable"]);
  const paths = operator.endsWith("Path") ? [variable, String(operand)] : [variable];
  const values = paths.map(
    (path) => [path, shown(attempt(() => compilePathExpression(path).evaluate(scope)))] as const,
  );
  found.push({ depth, text: `${variable} ${operator} ${shown(operand as Json)}`, values, holds });
  return found;
}

/** What a JSONata condition reads: `$states.input.a.b`, `$name.c`; calls of functions are not values. */
const READS = /\$(?:[A-Za-z_]\w*)(?:\.[A-Za-z_`]\w*`?)*(?!\w*\s*\()/g;
const READS_MAX = 6;

function conditionTest(rule: JsonObject, scope: EvaluationScope): ChoiceTest {
  const source = String(rule["Condition"]);
  const holds = attempt(() => compileJsonataTemplate(source, "Condition").evaluate(scope));
  const reads = [...new Set(source.match(READS) ?? [])].filter((read) => read !== "$states").slice(0, READS_MAX);
  const values = reads.map((read) => {
    const value = attempt(() => compileJsonataTemplate(`{% ${read} %}`, "Output").evaluate(scope));
    return [read, shown(value)] as const;
  });
  const text = source.replace(/^\{%\s*/, "").replace(/\s*%\}$/, "");
  return { depth: 0, text, values, holds: typeof holds === "boolean" ? holds : undefined };
}
