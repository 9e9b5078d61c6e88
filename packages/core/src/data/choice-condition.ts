/**
 * The test of a JSONPath Choice rule: one comparison, or And, Or and Not of other tests. ASL spec, "Choice State".
 */
import type { Expression } from "../definition/state-machine.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { type ChoiceOperator, LITERAL_OPERATORS, PATH_OPERATORS } from "./choice-operators.ts";
import type { EvaluationScope } from "./evaluation-scope.ts";
import { ExpressionSyntaxError, schemaProblem } from "./expression-syntax-error.ts";
import { compileRootedPath, type RootedPath } from "./rooted-path.ts";

export interface ChoiceCondition extends Expression<boolean> {
  /** Variables it refers to, without the `$`, in order of appearance. */
  readonly variables: readonly string[];
}

type Holds = (scope: EvaluationScope) => boolean;

const COMBINATORS: ReadonlySet<string> = new Set(["And", "Or", "Not"]);

/** Everything that may stand in a rule to test with, besides `Variable`. */
export const CHOICE_OPERATORS: readonly string[] = [
  ...COMBINATORS,
  "IsPresent",
  ...LITERAL_OPERATORS.keys(),
  ...PATH_OPERATORS.keys(),
];

const KNOWN_OPERATORS: ReadonlySet<string> = new Set(CHOICE_OPERATORS);
/** What belongs to a rule but not to its test. */
const RULE_FIELDS: ReadonlySet<string> = new Set(["Next", "Assign", "Comment"]);
/** Ours: bounds the recursion. */
const NESTED_TESTS_MAX = 100;

/**
 * Compiles a rule of `Choices`; its Next, Assign and Comment are not looked at. Throws ExpressionSyntaxError. Evaluation
 * throws States.Runtime for a path that finds nothing, except with IsPresent. And and Or stop at the first test that decides.
 */
export function compileChoiceCondition(rule: JsonObject): ChoiceCondition {
  const compiler = new ConditionCompiler();
  const evaluate = compiler.test(rule, [], RULE_FIELDS);
  return { source: rule, variables: [...compiler.variables], evaluate };
}

class ConditionCompiler {
  readonly variables: Set<string> = new Set();

  test(rule: JsonObject, path: readonly (string | number)[], otherFields: ReadonlySet<string>): Holds {
    if (path.length > NESTED_TESTS_MAX) throw schemaError("The rule is too deeply nested", path);
    const operator = this.#operatorOf(rule, path, otherFields);
    const operand = rule[operator] as Json;
    if (COMBINATORS.has(operator)) return this.#combination(operator, operand, [...path, operator]);
    const variable = this.#path("Variable", rule["Variable"], path);
    if (operator === "IsPresent") {
      if (typeof operand !== "boolean") throw schemaError("Expected value of type Boolean", [...path, operator]);
      return (scope) => variable.lookup(scope).found === operand;
    }
    return this.#comparison(operator, operand, variable, path);
  }

  #operatorOf(rule: JsonObject, path: readonly (string | number)[], otherFields: ReadonlySet<string>): string {
    const operators = Object.keys(rule).filter((name) => name !== "Variable" && !otherFields.has(name));
    const unknown = operators.find((name) => !KNOWN_OPERATORS.has(name));
    if (unknown !== undefined) throw schemaError(`Field '${unknown}' is not supported`, path);
    const [operator] = operators;
    if (operator === undefined || operators.length > 1) {
      const found = operator === undefined ? "none" : `[${operators.join(", ")}]`;
      throw schemaError(`A choice rule must have exactly one comparison operator, got ${found}`, path);
    }
    const isCombination = COMBINATORS.has(operator);
    const hasVariable = Object.hasOwn(rule, "Variable");
    if (isCombination && hasVariable) throw schemaError("Field 'Variable' is not supported", path);
    if (!isCombination && !hasVariable) throw schemaError("These fields are required: [Variable]", path);
    return operator;
  }

  #combination(operator: string, operand: Json, path: readonly (string | number)[]): Holds {
    if (operator === "Not") {
      const inner = this.#nested(operand, path);
      return (scope) => !inner(scope);
    }
    if (!isJsonArray(operand)) throw schemaError("Expected value of type Array", path);
    if (operand.length === 0) throw schemaError("Value cannot be empty", path);
    const tests = operand.map((rule, index) => this.#nested(rule, [...path, index]));
    if (operator === "And") return (scope) => tests.every((holds) => holds(scope));
    return (scope) => tests.some((holds) => holds(scope));
  }

  #nested(rule: Json, path: readonly (string | number)[]): Holds {
    if (!isJsonObject(rule)) throw schemaError("Expected value of type Object", path);
    return this.test(rule, path, NESTED_FIELDS);
  }

  #comparison(operator: string, operand: Json, variable: RootedPath, path: readonly (string | number)[]): Holds {
    const withPath = PATH_OPERATORS.get(operator);
    if (withPath !== undefined) {
      const right = this.#path(operator, operand, path);
      return (scope) => {
        const value = required(variable, scope);
        return withPath.test(required(right, scope))?.(value) ?? false;
      };
    }
    const withLiteral = LITERAL_OPERATORS.get(operator) as ChoiceOperator;
    const test = withLiteral.test(operand);
    if (test === undefined) throw schemaError(withLiteral.problem, [...path, operator]);
    return (scope) => test(required(variable, scope));
  }

  #path(field: string, text: Json | undefined, path: readonly (string | number)[]): RootedPath {
    const compiled = typeof text === "string" ? compileRootedPath(text) : undefined;
    if (compiled === undefined) throw schemaError("Value must be a valid JSONPath.", [...path, field]);
    for (const name of compiled.variables) this.variables.add(name);
    return compiled;
  }
}

const NESTED_FIELDS: ReadonlySet<string> = new Set(["Comment"]);

function required(path: RootedPath, scope: EvaluationScope): Json {
  const result = path.lookup(scope);
  if (result.found) return result.value;
  throw new StatesErrorSignal(
    "States.Runtime",
    `Invalid path '${path.source}': The choice state's condition path references an invalid value.`,
  );
}

function schemaError(message: string, path: readonly (string | number)[]): ExpressionSyntaxError {
  return new ExpressionSyntaxError([schemaProblem(message, path)]);
}
