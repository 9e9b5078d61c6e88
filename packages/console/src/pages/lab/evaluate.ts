/** Expressions on pasted data, by the engine's own core. */
import {
  compileJsonataTemplate,
  compilePathExpression,
  compilePayloadTemplate,
  type EvaluationScope,
  ExpressionSyntaxError,
  StatesErrorSignal,
} from "@stepwell/core";
import { parseJson } from "../../ui/json-diff.ts";
import { isJsonObject, type Json } from "../../ui/json-value.ts";

export type LabLanguage = "jsonpath" | "template" | "jsonata";

export interface LabQuestion {
  readonly language: LabLanguage;
  /** A path; a payload template (JSON); a JSONata expression, or a template with `{% … %}`. */
  readonly expression: string;
  /** JSON texts. */
  readonly input: string;
  readonly variables: string;
  readonly context: string;
  readonly now: number;
}

export type LabAnswer =
  | { readonly kind: "value"; readonly value: Json }
  /** A States error at run time. */
  | { readonly kind: "error"; readonly error: string; readonly cause: string }
  /** It would be refused when the machine is created. */
  | { readonly kind: "syntax"; readonly message: string; readonly code: string };

/** Never throws for what the expression or the data do. */
export function evaluateInLab(question: LabQuestion): LabAnswer {
  const scope = scopeOf(question);
  if ("kind" in scope) return scope;
  try {
    return { kind: "value", value: compile(question).evaluate(scope) };
  } catch (problem) {
    if (problem instanceof StatesErrorSignal) {
      const { error = "States.Runtime", cause = "" } = problem.statesError;
      return { kind: "error", error, cause };
    }
    if (problem instanceof ExpressionSyntaxError) {
      return { kind: "syntax", message: problem.message, code: problem.code };
    }
    throw problem;
  }
}

function compile({ language, expression }: LabQuestion): { evaluate(scope: EvaluationScope): Json } {
  if (language === "jsonpath") {
    if (/^States\./.test(expression.trim())) return wrapped(expression.trim());
    return compilePathExpression(expression.trim());
  }
  if (language === "template") {
    const template = parseJson(expression);
    if (template === undefined) {
      throw new ExpressionSyntaxError([{ code: "NO_JSON", message: "A payload template is JSON.", path: [] }]);
    }
    return compilePayloadTemplate(template);
  }
  const template = parseJson(expression);
  const isTemplate = expression.includes("{%") && template !== undefined;
  return compileJsonataTemplate(isTemplate ? template : `{% ${expression} %}`, "Output");
}

/** An intrinsic function stands in templates only: it is put in one, and taken out again. */
function wrapped(expression: string): { evaluate(scope: EvaluationScope): Json } {
  const template = compilePayloadTemplate({ "value.$": expression });
  return {
    evaluate(scope) {
      const made = template.evaluate(scope);
      return isJsonObject(made) ? (made["value"] ?? null) : made;
    },
  };
}

function scopeOf({ input, variables, context, now }: LabQuestion): EvaluationScope | LabAnswer {
  const read = (text: string, what: string, otherwise: Json): Json | LabAnswer =>
    text.trim() === ""
      ? otherwise
      : (parseJson(text) ?? { kind: "syntax", code: "NO_JSON", message: `The ${what} is no JSON.` });
  const value = parseJson(input);
  if (value === undefined) return { kind: "syntax", code: "NO_JSON", message: "The input is no JSON." };
  const names = read(variables, "variables", {});
  const about = read(context, "context", {});
  if (!isJsonObject(names)) return { kind: "syntax", code: "NO_OBJECT", message: "The variables are no object." };
  if (!isJsonObject(about)) return { kind: "syntax", code: "NO_OBJECT", message: "The context is no object." };
  return {
    input: value,
    variables: names,
    context: about,
    facts: { now, random: Math.random, uuid: () => crypto.randomUUID() },
  };
}
