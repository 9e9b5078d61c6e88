/** Kinds of field values that are computed while an execution runs, compiled to `Expression`s. */

import { JsonPathSyntaxError } from "../data/json-path-syntax-error.ts";
import { compilePathExpression, type PathExpression } from "../data/path-expression.ts";
import { compilePayloadTemplate } from "../data/payload-template.ts";
import { compileReferencePath } from "../data/reference-path.ts";
import { isVariableName } from "../data/variables.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import { compileExpression, compileJsonata, fieldLocation, isJsonataText } from "./compile-expression.ts";
import type { Field, FieldSite } from "./field.ts";
import { checkedNumber, mistyped, type NumberRange } from "./field-kinds.ts";
import { warnOfForgottenPaths, warnOfPathInPlainField } from "./looks-like-path.ts";
import type { Assignments, Expression, ResultTarget } from "./state-machine.ts";
import { visitMembers } from "./visit-members.ts";

export function literal<T extends Json>(value: T, source: Json = value): Expression<T> {
  return { source, literal: value, evaluate: () => value };
}

/** A path: `ItemsPath`, …. */
export function path(): Field<Expression> {
  return {
    compile(value, site) {
      if (typeof value !== "string") return notAPath(site);
      return compilePath(value, site);
    },
  };
}

/** `InputPath` and `OutputPath`: `null` gives `{}`. */
export function pathOrNothing(): Field<Expression> {
  const some = path();
  return { compile: (value, site) => (value === null ? literal({}, null) : some.compile(value, site)) };
}

function notAPath(site: FieldSite): undefined {
  site.context.findings.schemaError("Value must be a valid JSONPath.", site.path);
  return undefined;
}

function compilePath(text: string, site: FieldSite): Expression | undefined {
  if (!text.startsWith("$")) return notAPath(site);
  return compileExpression(site, () => compilePathExpression(text));
}

/** `ResultPath`. */
export function resultPath(): Field<ResultTarget | "discard"> {
  return {
    compile(value, site) {
      if (value === null) return "discard";
      if (typeof value !== "string") return notAReferencePath(site);
      try {
        const reference = compileReferencePath(value);
        return { source: value, write: (input, result) => reference.write(input, result) };
      } catch (error) {
        if (error instanceof JsonPathSyntaxError) return notAReferencePath(site);
        throw error;
      }
    },
  };
}

function notAReferencePath(site: FieldSite): undefined {
  site.context.findings.schemaError("Value is not a Reference Path", site.path);
  return undefined;
}

/** A reference path to read from, perhaps one into a variable; the context object is out of reach (recorded). */
export function compileReference(text: Json, site: FieldSite): PathExpression | undefined {
  if (typeof text !== "string" || !text.startsWith("$") || text.startsWith("$$")) return notAReferencePath(site);
  const path = compileExpression(site, () => compilePathExpression(text));
  return path === undefined || path.definite ? path : notAReferencePath(site);
}

/** A payload template, or its JSONata counterpart: any JSON with expressions in it. */
export function template(): Field<Expression> {
  return { compile: compileTemplate };
}

/**
 * A template that is an object, or in a JSONata state an expression that gives one: ASL spec, "Payload Template", and
 * AWS's language service, which takes any JSON for Parameters, Output and ItemSelector only.
 */
export function objectTemplate(): Field<Expression> {
  return templateThat(isJsonObject);
}

/** `Arguments` of a task or of branches. Lists are the ASL spec's; its language service knows objects and expressions. */
export function taskArguments(): Field<Expression> {
  return templateThat((value) => isJsonObject(value) || isJsonArray(value));
}

/** Flows are not restricted: their compiler writes what it needs. */
function templateThat(isPossible: (value: Json) => boolean): Field<Expression> {
  return {
    compile(value, site) {
      const isExpression = site.state.language === "JSONata" && isJsonataText(value);
      if (isExpression || isPossible(value) || site.context.flow !== undefined) return compileTemplate(value, site);
      return mistyped("Object", site);
    },
  };
}

function compileTemplate(value: Json, site: FieldSite): Expression | undefined {
  if (site.state.language === "JSONata") return compileJsonata(value, site);
  warnOfForgottenPaths(value, site);
  refuseDoubleMembers(value, site);
  return compileExpression(site, () => compilePayloadTemplate(value));
}

/** `x` and `x.$` side by side would be one member with two values. ASL spec, "Payload Template". */
function refuseDoubleMembers(value: Json, site: FieldSite): void {
  visitMembers(value, site.path, (key, _member, path, holder) => {
    const name = key.slice(0, -2);
    if (key.endsWith(".$") && Object.hasOwn(holder, name)) {
      site.context.findings.schemaError(
        `The field '${name}' is defined by '${name}' and by '${key}'`,
        path.slice(0, -1),
      );
    }
  });
}

/** `Assign`. ASL spec, "Variables". */
export function assignments(): Field<Assignments> {
  return {
    compile(value, site) {
      if (!isJsonObject(value)) return mistyped("Object", site);
      for (const key of Object.keys(value)) {
        const name = site.state.language === "JSONPath" && key.endsWith(".$") ? key.slice(0, -2) : key;
        if (isVariableName(name)) site.context.addAssignment(site.state, name, [...site.path, key]);
        else site.context.findings.schemaError(`The variable name '${name}' is invalid`, site.path);
      }
      return compileTemplate(value, site) as Assignments | undefined;
    },
  };
}

/** `ErrorPath` and `CausePath`: a path, or one of the intrinsic functions that give a string. */
export function textPath(): Field<Expression<string>> {
  return {
    compile(value, site) {
      if (typeof value !== "string") return mistyped("String", site);
      const path = compileExpression(site, () => compilePathExpression(value, { intrinsics: true, field: site.name }));
      if (path === undefined) return undefined;
      return {
        source: value,
        evaluate(scope) {
          const found = path.evaluate(scope);
          if (typeof found === "string") return found;
          throw new StatesErrorSignal(
            "States.Runtime",
            `The ${site.name} field refers to value "${shown(found)}" which is not a string: ${value}`,
          );
        },
      };
    },
  };
}

/** A string, or in a JSONata state an expression that gives one. */
export function textOrExpression(): Field<Expression<string>> {
  return {
    compile(value, site) {
      if (typeof value !== "string") return mistyped("String", site);
      if (site.state.language !== "JSONata") {
        warnOfPathInPlainField(value, site);
        return literal(value);
      }
      return compileJsonata(value, site, "string") as Expression<string> | undefined;
    },
  };
}

/** A number that stands in the definition, or in a JSONata state an expression that gives one. */
export function numberOrExpression(type: "Integer" | "Number", range: NumberRange): Field<Expression<number>> {
  return {
    compile(value, site) {
      if (site.state.language !== "JSONata" || !isJsonataText(value)) {
        const plain = checkedNumber(value, site, type, range);
        return plain === undefined ? undefined : literal(plain);
      }
      const location = fieldLocation(site);
      const expression = compileJsonata(value, site, "number");
      if (expression === undefined) return undefined;
      return {
        source: value,
        evaluate(scope) {
          const found = expression.evaluate(scope) as number;
          const problem = numberProblem(site.name, found, type, range);
          if (problem !== undefined) throw new StatesErrorSignal("States.QueryEvaluationError", problem, location);
          return found;
        },
      };
    },
  };
}

/** What is wrong with a number that came out at run time. Two wordings are recorded (fact 18), the others follow them. */
function numberProblem(
  name: string,
  value: number,
  type: "Integer" | "Number",
  range: NumberRange,
): string | undefined {
  const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
  if (type === "Integer" && !Number.isInteger(value)) return `${name} must be an integer but was: ${value}`;
  if (value >= min && value <= max) return undefined;
  if (max !== Number.POSITIVE_INFINITY) return `${name} must be between ${min} and ${max}.`;
  return min === 0 && name !== "MaxItems" ? `${name} cannot be negative.` : `field ${name} must be positive`;
}

/**
 * A reference path to a number: `MaxConcurrencyPath`, `ToleratedFailureCountPath`, …. A value that is no number is
 * worded with the path (fact 18); `error` is the States error for it.
 */
export function numberPath(
  kind: "integer" | "float",
  range: NumberRange,
  error = "States.Runtime",
): Field<Expression<number>> {
  const type = kind === "integer" ? "Integer" : "Number";
  return {
    compile(text, site) {
      const reference = compileReference(text, site);
      if (reference === undefined) return undefined;
      const name = site.name.replace(/Path$/, "");
      return {
        source: text,
        evaluate(scope) {
          const value = reference.evaluate(scope);
          const found = numericValue(value, kind);
          if (found === undefined) {
            const message = `The ${site.name} field refers to value "${shown(value)}" which is not a valid ${kind}: ${text}`;
            throw new StatesErrorSignal(error, message);
          }
          const problem = numberProblem(name, found, type, range);
          if (problem !== undefined) throw new StatesErrorSignal(error, problem);
          return found;
        },
      };
    },
  };
}

/** A value as AWS's messages show it: strings without quotes. */
export function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** A number, or its text the way Java's parsers take it. */
export function numericValue(value: Json, kind: "integer" | "float"): number | undefined {
  const shape = kind === "integer" ? /^[+-]?\d{1,18}$/ : /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
  const number =
    typeof value === "number" ? value : typeof value === "string" && shape.test(value) ? Number(value) : NaN;
  if (!Number.isFinite(number)) return undefined;
  return kind === "float" || Number.isInteger(number) ? number : undefined;
}
