/**
 * A JSONPath definition as a JSONata definition that does the same.
 *
 * J1. What has no equal is refused, all of it at once: nothing is converted half.
 * J2. Where every path finds something, both definitions give the same output. Where a path finds nothing, the one fails
 *     with States.Runtime and the other with States.QueryEvaluationError; a Choice rule on it does not hold.
 * J3. Two functions differ on odd values: States.Format writes objects as Java does, `&` as JSON; States.StringToJson gives
 *     null for an empty text, $parse fails.
 */
import type { DefinitionPath } from "../definition/findings.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import { conditionExpression } from "./condition.ts";
import {
  dynamicExpression,
  jsonataTemplate,
  literalExpression,
  literalInTemplate,
  nameText,
  pathExpression,
  type Root,
  templateExpression,
} from "./expression-text.ts";
import { type ConversionFinding, NoEqual } from "./refusal.ts";

export type Conversion =
  | { readonly ok: true; readonly definition: JsonObject }
  | { readonly ok: false; readonly problems: readonly ConversionFinding[] };

const INPUT = "$states.input";
const DEPTH_MAX = 60;

export function toJsonata(definition: JsonObject): Conversion {
  const converter = new Converter();
  const converted = converter.block(definition, [], true);
  const { problems } = converter;
  if (problems.length > 0) return { ok: false, problems };
  const { Comment: comment, ...rest } = converted as { [key: string]: Json };
  return {
    ok: true,
    definition: { ...(comment === undefined ? {} : { Comment: comment }), QueryLanguage: "JSONata", ...rest },
  };
}

/** Fields of all states that mean the same in both languages. */
const SAME: ReadonlySet<string> = new Set([
  "Type",
  "Comment",
  "Next",
  "End",
  "Default",
  "Retry",
  "Resource",
  "Label",
  "MaxConcurrency",
  "ToleratedFailureCount",
  "ToleratedFailurePercentage",
  "TimeoutSeconds",
  "HeartbeatSeconds",
  "Seconds",
  "Timestamp",
  "Error",
  "Cause",
]);

/** Fields that hold a path, and what they are called where an expression may stand in the field itself. */
const PATHS: { readonly [name: string]: string } = {
  SecondsPath: "Seconds",
  TimestampPath: "Timestamp",
  TimeoutSecondsPath: "TimeoutSeconds",
  HeartbeatSecondsPath: "HeartbeatSeconds",
  MaxConcurrencyPath: "MaxConcurrency",
  ToleratedFailureCountPath: "ToleratedFailureCount",
  ToleratedFailurePercentagePath: "ToleratedFailurePercentage",
  MaxItemsPath: "MaxItems",
  MaxItemsPerBatchPath: "MaxItemsPerBatch",
  MaxInputBytesPerBatchPath: "MaxInputBytesPerBatch",
  ErrorPath: "Error",
  CausePath: "Cause",
};

/** The fields of PATHS that are no numbers. */
const TEXTS: ReadonlySet<string> = new Set(["Timestamp", "Error", "Cause"]);

/** Handled together, at the end of the state. */
const FLOW: ReadonlySet<string> = new Set([
  "InputPath",
  "Parameters",
  "ResultSelector",
  "ResultPath",
  "OutputPath",
  "Result",
  "Assign",
  "QueryLanguage",
]);

type Fields = { [key: string]: Json };

class Converter {
  readonly problems: ConversionFinding[] = [];

  block(block: JsonObject, path: DefinitionPath, isTop = false, depth = 0): Json {
    if (depth > DEPTH_MAX) {
      this.problems.push({ path, message: `is nested in more than ${DEPTH_MAX} states` });
      return {};
    }
    const converted: Fields = {};
    for (const [key, value] of Object.entries(block)) {
      if (key === "QueryLanguage" && isTop) continue;
      converted[key] = key === "States" && isJsonObject(value) ? this.#states(value, [...path, key], depth) : value;
    }
    return converted;
  }

  #states(states: JsonObject, path: DefinitionPath, depth: number): Json {
    return Object.fromEntries(
      Object.entries(states).map(([name, state]) => [
        name,
        isJsonObject(state) ? this.#state(state, [...path, name], depth) : state,
      ]),
    );
  }

  #state(state: JsonObject, path: DefinitionPath, depth: number): Json {
    if (state["QueryLanguage"] === "JSONata") {
      const { QueryLanguage: _, ...rest } = state;
      return this.#nested(rest, path, depth);
    }
    return new StateConverter(this, state, path, depth).convert();
  }

  /** A state that is JSONata already: what is inside it may not be. */
  #nested(state: JsonObject, path: DefinitionPath, depth: number): Json {
    return Object.fromEntries(
      Object.entries(state).map(([key, value]) => {
        if ((key === "ItemProcessor" || key === "Iterator") && isJsonObject(value)) {
          return [key, this.block(value, [...path, key], false, depth + 1)];
        }
        if (key !== "Branches" || !isJsonArray(value)) return [key, value];
        return [key, value.map((branch, i) => this.block(branch as JsonObject, [...path, key, i], false, depth + 1))];
      }),
    );
  }
}

class StateConverter {
  readonly #converter: Converter;
  readonly #state: JsonObject;
  readonly #path: DefinitionPath;
  readonly #depth: number;
  /** What `$` is in the fields that see the input. */
  readonly #input: Root;

  constructor(converter: Converter, state: JsonObject, path: DefinitionPath, depth: number) {
    this.#converter = converter;
    this.#state = state;
    this.#path = path;
    this.#depth = depth;
    this.#input = this.#try("InputPath", () => pathOf(state["InputPath"], INPUT)) ?? INPUT;
  }

  convert(): Json {
    const state: Fields = {};
    for (const [key, value] of Object.entries(this.#state)) {
      if (FLOW.has(key)) continue;
      const converted = this.#try(key, () => this.#field(key, value));
      if (converted !== undefined) state[converted[0]] = converted[1];
    }
    // Where it goes on to stands last, as people write it.
    const { Next: next, End: end, ...rest } = state;
    return {
      ...rest,
      ...this.#arguments(),
      ...this.#leaving(),
      ...(next === undefined ? {} : { Next: next }),
      ...(end === undefined ? {} : { End: end }),
    };
  }

  /** What throws NoEqual is a problem at the field. */
  #try<T>(field: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof NoEqual)) throw error;
      this.#converter.problems.push({ path: [...this.#path, field], message: error.message });
      return undefined;
    }
  }

  #field(key: string, value: Json): [string, Json] {
    const renamed = PATHS[key];
    if (renamed !== undefined) {
      const found = dynamicExpression(String(value), this.#input);
      // A text with a number in it counts as one in JSONPath.
      return [renamed, expression(TEXTS.has(renamed) ? found : `$number(${found})`)];
    }
    if (SAME.has(key)) return [key, literalInTemplate(value)];
    switch (key) {
      case "ItemsPath":
        return ["Items", expression(pathExpression(String(value), this.#input))];
      case "ItemSelector":
        return [key, jsonataTemplate(value, this.#input)];
      case "ItemProcessor":
      case "Iterator":
        return ["ItemProcessor", this.#inner(value, [key])];
      case "Branches":
        return [key, isJsonArray(value) ? value.map((branch, i) => this.#inner(branch, [key, i])) : value];
      case "ItemReader":
      case "ResultWriter":
      case "ItemBatcher":
      case "ReaderConfig":
      case "WriterConfig":
        return [key, this.#holder(value)];
      case "Credentials":
        return [key, jsonataTemplate(value, this.#input)];
      case "Choices":
        return [key, isJsonArray(value) ? value.map((rule, i) => this.#rule(rule, i)) : value];
      case "Catch":
        return [key, isJsonArray(value) ? value.map((catcher, i) => this.#catcher(catcher, i)) : value];
      default:
        throw new NoEqual(`the field ${key} is not known here`);
    }
  }

  #inner(value: Json, path: DefinitionPath): Json {
    if (!isJsonObject(value)) return value;
    return this.#converter.block(value, [...this.#path, ...path], false, this.#depth + 1);
  }

  /** ItemReader, ItemBatcher, ResultWriter: their Parameters are Arguments, and paths lose their suffix. */
  #holder(value: Json): Json {
    if (!isJsonObject(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, member]): [string, Json] => {
        if (key === "Parameters") return ["Arguments", jsonataTemplate(member, this.#input)];
        if (key === "BatchInput") return [key, jsonataTemplate(member, this.#input)];
        if (key === "ReaderConfig" || key === "WriterConfig") return [key, this.#holder(member)];
        const renamed = PATHS[key];
        if (renamed !== undefined) {
          return [renamed, expression(`$number(${pathExpression(String(member), this.#input)})`)];
        }
        return [key, member];
      }),
    );
  }

  #rule(rule: Json, index: number): Json {
    if (!isJsonObject(rule)) return rule;
    return (
      this.#try(`Choices/${index}`, () => ({
        ...(rule["Comment"] === undefined ? {} : { Comment: rule["Comment"] }),
        Condition: expression(conditionExpression(rule, this.#input)),
        ...this.#assign(rule["Assign"], this.#input),
        ...this.#choiceOutput(),
        ...(rule["Next"] === undefined ? {} : { Next: rule["Next"] }),
      })) ?? {}
    );
  }

  /** InputPath and OutputPath hold for whatever rule is taken. */
  #choiceOutput(): Fields {
    const output = pathOf(this.#state["OutputPath"], this.#input);
    return output === INPUT ? {} : { Output: expression(output) };
  }

  #catcher(catcher: Json, index: number): Json {
    if (!isJsonObject(catcher)) return catcher;
    return (
      this.#try(`Catch/${index}`, () => {
        const { ResultPath: resultPath, Assign: assign, ...rest } = catcher;
        const output = merged(INPUT, resultPath, "$states.errorOutput");
        return {
          ...rest,
          ...this.#assign(assign, "$states.errorOutput"),
          ...(output === "$states.errorOutput" ? {} : { Output: expression(output) }),
        };
      }) ?? {}
    );
  }

  #assign(assign: Json | undefined, root: Root): Fields {
    return assign === undefined ? {} : { Assign: jsonataTemplate(assign, root) };
  }

  /** What the work gets. */
  #arguments(): Fields {
    const { Type: type, Parameters: parameters } = this.#state;
    if (type === "Map") {
      return {
        // The older name of ItemSelector.
        ...(parameters === undefined
          ? {}
          : { ItemSelector: this.#try("Parameters", () => jsonataTemplate(parameters, this.#input)) ?? {} }),
        ...(this.#input === INPUT || this.#state["ItemsPath"] !== undefined ? {} : { Items: expression(this.#input) }),
      };
    }
    if (type !== "Task" && type !== "Parallel") return {};
    if (parameters !== undefined)
      return { Arguments: this.#try("Parameters", () => argumentsOf(parameters, this.#input)) ?? {} };
    return this.#input === INPUT ? {} : { Arguments: expression(this.#input) };
  }

  /** Assign and Output. */
  #leaving(): Fields {
    return this.#try("OutputPath", () => this.#leave()) ?? {};
  }

  #leave(): Fields {
    const { Type: type, Assign: assign, OutputPath: outputPath } = this.#state;
    if (type === "Fail") return {};
    if (type === "Choice") return { ...this.#assign(assign, this.#input), ...this.#choiceOutput() };
    if (type === "Wait" || type === "Succeed") {
      return { ...this.#assign(assign, this.#input), ...this.#choiceOutput() };
    }
    const result = this.#result();
    const output = narrowed(merged(INPUT, this.#state["ResultPath"], result), outputPath);
    const unchanged = type === "Pass" ? INPUT : "$states.result";
    return {
      ...this.#assign(assign, parenthesised(result)),
      ...(output === unchanged ? {} : { Output: this.#outputOf(output) }),
    };
  }

  /** The result that ResultPath puts somewhere. */
  #result(): string {
    const { Type: type, Result: result, Parameters: parameters, ResultSelector: selector } = this.#state;
    if (type === "Pass") {
      if (result !== undefined) return literalExpression(result);
      return parameters === undefined ? this.#input : templateExpression(parameters, this.#input);
    }
    return selector === undefined ? "$states.result" : templateExpression(selector, "$states.result");
  }

  /** A template where the output is one, for the eyes of those who read it. */
  #outputOf(output: string): Json {
    const { Type: type, Result: result, Parameters: parameters, ResultSelector: selector } = this.#state;
    const isWhole = output === this.#result();
    if (isWhole && type === "Pass" && result !== undefined) return literalInTemplate(result);
    if (isWhole && type === "Pass" && parameters !== undefined) return jsonataTemplate(parameters, this.#input);
    if (isWhole && type !== "Pass" && selector !== undefined) return jsonataTemplate(selector, "$states.result");
    return expression(output);
  }
}

/** Parameters may be any JSON, Arguments are an object or an expression. */
function argumentsOf(parameters: Json, root: Root): Json {
  return isJsonObject(parameters)
    ? jsonataTemplate(parameters, root)
    : expression(templateExpression(parameters, root));
}

function expression(text: string): string {
  return `{% ${text} %}`;
}

/** InputPath or OutputPath on what `$` is; `null` gives an empty object. */
function pathOf(path: Json | undefined, root: Root): string {
  if (path === undefined) return root;
  return path === null ? "{}" : pathExpression(String(path), root);
}

function narrowed(output: string, path: Json | undefined): string {
  if (path === undefined || path === "$") return output;
  return path === null ? "{}" : pathExpression(String(path), parenthesised(output));
}

/** An expression that a step may follow. */
function parenthesised(text: string): string {
  return /^\$[A-Za-z_][\w.]*$/.test(text) ? text : `(${text})`;
}

/** `$merge` of the input and the result under its name, for each name of the path. */
function merged(input: Root, path: Json | undefined, result: string): string {
  if (path === undefined || path === "$") return result;
  if (path === null) return input;
  const names = namesOf(String(path));
  const put = (holder: Root, [name = "", ...rest]: readonly string[]): string => {
    const inner = rest.length === 0 ? result : put(`${holder}.${nameText(name)}`, rest);
    return `$merge([${holder}, {${JSON.stringify(name)}: ${inner}}])`;
  };
  return put(input, names);
}

function namesOf(path: string): string[] {
  const names = [...path.matchAll(/\.([^.[\]]+)|\['((?:[^'\\]|\\.)*)'\]|(\[[^\]]*\])/g)].map(
    ([, plain, bracketed, index]) => {
      if (index !== undefined) throw new NoEqual(`the ResultPath ${path} writes into an array`);
      return plain ?? bracketed ?? "";
    },
  );
  if (names.length === 0) throw new NoEqual(`the ResultPath ${path} is none that can be written`);
  return names;
}
