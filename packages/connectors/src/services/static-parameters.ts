/** What is wrong with a task's parameters whatever its input will be: names that are missing, and names that nobody knows. */
import { isJsonArray, isJsonObject, type Json, type JsonObject, type StartTask } from "@stepwell/core";
import type { ShapeReference } from "../service-models/model-data.ts";
import { type ParameterForm, parameterForm } from "./parameter-forms.ts";

/** `path`: from the parameters to the object that lacks the field, or has it. */
export interface StaticProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** As many as anybody reads. */
const PROBLEMS_MAX = 20;
/** Deeper than any API; a bound for models that contain themselves. */
const DEPTH_MAX = 100;
const PATH_SUFFIX = ".$";

/**
 * Checks the names in a Task's Parameters (JSONPath) or Arguments (JSONata) as they are written, as AWS does when a state
 * machine is created; values are checked when the task runs. Empty where the whole is an expression.
 */
export function staticParameterProblems(
  resource: StartTask["resource"],
  template: Json | undefined,
  language: "JSONPath" | "JSONata",
): readonly StaticProblem[] {
  const form = isJsonObject(template) ? parameterForm(resource) : undefined;
  if (form === undefined || !isJsonObject(template)) return [];
  const check = new NameCheck(form, language === "JSONPath");
  check.top(template);
  return check.problems.slice(0, PROBLEMS_MAX);
}

class NameCheck {
  readonly problems: StaticProblem[] = [];
  readonly #form: ParameterForm;
  readonly #hasPaths: boolean;

  constructor(form: ParameterForm, hasPaths: boolean) {
    this.#form = form;
    this.#hasPaths = hasPaths;
  }

  top(template: JsonObject): void {
    const { required, fields, shapes } = this.#form;
    const names = Object.keys(template).map((key) => this.#nameOf(key));
    for (const name of required)
      if (!names.includes(name)) this.#add([], `The field '${name}' is required but was missing`);
    for (const [key, value] of Object.entries(template)) {
      const name = this.#nameOf(key);
      if (!fields.has(name)) this.#unknown(name, []);
      else if (name === key) this.#value(shapes?.get(name), value, [name]);
    }
  }

  #value(reference: ShapeReference | undefined, value: Json, path: StaticProblem["path"]): void {
    const { model } = this.#form;
    if (reference === undefined || model === undefined || path.length > DEPTH_MAX) return;
    const shape = model.shape(reference);
    if (shape.document === true) return;
    if (isJsonArray(value)) {
      if (shape.type !== "list") return;
      for (const [index, item] of value.entries()) this.#value(shape.member, item, [...path, index]);
      return;
    }
    if (!isJsonObject(value)) return;
    if (shape.type === "map") {
      for (const [key, item] of Object.entries(value)) this.#value(shape.value, item, [...path, key]);
    } else if (shape.type === "structure") this.#structure(shape.members ?? {}, value, path);
  }

  #structure(members: Readonly<Record<string, ShapeReference>>, value: JsonObject, path: StaticProblem["path"]): void {
    const { spelling, lenientNames } = this.#form;
    const known = new Map(Object.entries(members).map(([name, of]) => [spelling(name), of]));
    for (const [key, item] of Object.entries(value)) {
      const name = this.#nameOf(key);
      const of = known.get(name) ?? (lenientNames ? known.get(spelling(name)) : undefined);
      if (of === undefined) this.#unknown(name, path);
      else if (name === key) this.#value(of, item, [...path, name]);
    }
  }

  #nameOf(key: string): string {
    return this.#hasPaths && key.endsWith(PATH_SUFFIX) ? key.slice(0, -PATH_SUFFIX.length) : key;
  }

  #unknown(name: string, path: StaticProblem["path"]): void {
    this.#add(path, `The field '${name}' is not supported by Step Functions`);
  }

  #add(path: StaticProblem["path"], message: string): void {
    this.problems.push({ path, message });
  }
}
