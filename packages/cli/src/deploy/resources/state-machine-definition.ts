/** The definition of a state machine in a template: text, object, or file; with its substitutions; checked. */
import {
  diagnoseStateMachine,
  formatPointer,
  isJsonObject,
  type Json,
  type JsonObject,
  type StateMachineType,
} from "@stepwell/core";
import { isYaml, yamlToJson } from "../../validate/definition-file.ts";
import { shown } from "../problem.ts";
import type { PlanContext } from "./resource-kind.ts";

const WAYS = ["DefinitionString", "Definition", "DefinitionS3Location"] as const;

/** JSON text; undefined when something was wrong with it, which was told. */
export async function definitionOf(context: PlanContext, type: StateMachineType): Promise<string | undefined> {
  const { properties } = context;
  const given = WAYS.filter((way) => properties[way] !== undefined);
  const [way] = given;
  if (way === undefined || given.length > 1) {
    context.problem("", `must have exactly one of ${WAYS.join(", ")}`);
    return undefined;
  }
  const source = await sourceOf(context, way, properties[way] as Json);
  if (source === undefined) return undefined;
  const text = substituted(source.text, properties["DefinitionSubstitutions"], context);
  const definition = source.yaml ? yamlToJson(text) : { text };
  if ("problems" in definition) {
    const [first] = definition.problems;
    context.problem(way, `${source.path ?? ""} is not YAML: ${first?.message ?? "it cannot be read"}`);
    return undefined;
  }
  return isRight(definition.text, type, way, context) ? definition.text : undefined;
}

interface Source {
  readonly text: string;
  readonly yaml: boolean;
  readonly path?: string;
}

async function sourceOf(context: PlanContext, way: (typeof WAYS)[number], value: Json): Promise<Source | undefined> {
  if (way === "DefinitionString") {
    if (typeof value === "string") return { text: value, yaml: false };
    context.problem(way, `must be a text, got ${shown(value)}`);
    return undefined;
  }
  if (way === "Definition") {
    if (isJsonObject(value)) return { text: JSON.stringify(value), yaml: false };
    context.problem(way, `must be a map, got ${shown(value)}`);
    return undefined;
  }
  try {
    const { path, text } = await context.code.text(value);
    return { path, text, yaml: isYaml(path) };
  } catch (error) {
    context.problem(way, (error as Error).message);
    return undefined;
  }
}

/**
 * `${name}` becomes the text of the name's value, wherever it stands: the definition need not be JSON before. Names that are
 * not given stay as they are. CloudFormation, "AWS::StepFunctions::StateMachine", DefinitionSubstitutions.
 */
function substituted(text: string, values: Json | undefined, context: PlanContext): string {
  if (values === undefined) return text;
  const names = isJsonObject(values) ? values : ({} as JsonObject);
  if (!isJsonObject(values)) context.problem("DefinitionSubstitutions", `must be a map, got ${shown(values)}`);
  return text.replace(/\$\{([A-Za-z0-9_.-]+)\}/g, (whole, name: string) => {
    if (!Object.hasOwn(names, name)) return whole;
    const value = names[name] as Json;
    return typeof value === "object" ? JSON.stringify(value) : String(value);
  });
}

/** Errors keep the deployment from being made; warnings are told. */
function isRight(text: string, type: StateMachineType, way: string, context: PlanContext): boolean {
  const diagnostics = diagnoseStateMachine(text, { type });
  for (const { severity, code, message, path } of diagnostics) {
    const words = `${code} at ${formatPointer(path) || "/"}: ${message}`;
    if (severity === "ERROR") context.problem(way, words);
    else context.warn(words);
  }
  return diagnostics.every(({ severity }) => severity !== "ERROR");
}
