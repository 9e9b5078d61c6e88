// Paths and intrinsic functions as JSONata expressions.

import { splitTemplate } from "../data/intrinsic-functions/format.ts";
import { type Argument, type Call, parseCall } from "../data/intrinsic-functions/intrinsic-syntax.ts";
import { parseSteps } from "../data/json-path-parser.ts";
import { leadingVariable } from "../data/variables.ts";
import { isJsonArray, isJsonObject, type Json } from "../json.ts";
import { NoEqual } from "./refusal.ts";

/** What `$` stands for: an expression that may be followed by `.name`. */
export type Root = string;

/** The expression of what may stand under a name that ends in `.$`: a path or an intrinsic function. */
export function dynamicExpression(text: string, root: Root): string {
  if (text.startsWith("$")) return pathExpression(text, root);
  const call = parseCall(text);
  if (call === undefined) throw new NoEqual(`"${text}" is neither a path nor an intrinsic function`);
  return callExpression(call, root);
}

/** Only definite paths: others give arrays in JSONPath, and in JSONata a single value where one thing matches. */
export function pathExpression(text: string, root: Root): string {
  const variable = leadingVariable(text);
  if (variable !== undefined) return stepsOn(`$${variable}`, `$${text.slice(variable.length + 1)}`, text);
  if (text.startsWith("$$")) return stepsOn("$states.context", text.slice(1), text);
  return stepsOn(root, text, text);
}

function stepsOn(root: Root, path: string, text: string): string {
  let expression = root;
  for (const step of parseSteps(path)) {
    if (step.kind === "root") continue;
    if (step.kind === "property") expression += `.${nameText(step.name)}`;
    else if (step.kind === "index") expression += `[${step.index}]`;
    else
      throw new NoEqual(
        `the path ${text} may match several things: JSONata gives one thing that matches without its array`,
      );
  }
  return expression;
}

/** A member's name in a path. */
export function nameText(name: string): string {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !["and", "or", "in", "true", "false", "null", "function"].includes(name))
    return name;
  if (name.includes("`")) throw new NoEqual(`the name "${name}" cannot be written in JSONata`);
  return `\`${name}\``;
}

/** A JSON value as an expression: what is in it stands for itself. */
export function literalExpression(value: Json): string {
  return JSON.stringify(value);
}

/** A payload template as one expression. */
export function templateExpression(template: Json, root: Root): string {
  if (isJsonArray(template)) return `[${template.map((item) => templateExpression(item, root)).join(", ")}]`;
  if (!isJsonObject(template)) return literalExpression(template);
  const members = Object.entries(template).map(([key, value]) => {
    if (!key.endsWith(".$")) return `${JSON.stringify(key)}: ${templateExpression(value, root)}`;
    return `${JSON.stringify(key.slice(0, -2))}: ${dynamicExpression(String(value), root)}`;
  });
  return `{${members.join(", ")}}`;
}

/** A payload template as a JSONata template: texts that are expressions stand in `{% %}`. */
export function jsonataTemplate(template: Json, root: Root): Json {
  if (isJsonArray(template)) return template.map((item) => jsonataTemplate(item, root));
  if (!isJsonObject(template)) return literalInTemplate(template);
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith(".$")
        ? [key.slice(0, -2), `{% ${dynamicExpression(String(value), root)} %}`]
        : [key, jsonataTemplate(value, root)],
    ),
  );
}

/** A text that looks like an expression would be one. */
export function literalInTemplate(value: Json): Json {
  if (typeof value === "string" && /^\{%[\s\S]*%\}$/.test(value)) return `{% ${literalExpression(value)} %}`;
  if (isJsonArray(value)) return value.map(literalInTemplate);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, literalInTemplate(member)]));
}

function argument(given: Argument | undefined, root: Root): string {
  if (given === undefined) throw new NoEqual("an argument is missing");
  switch (given.kind) {
    case "literal":
      return literalExpression(given.value);
    case "text":
      return literalExpression(given.value);
    case "path":
      return pathExpression(given.path.source, root);
    case "call":
      return callExpression(given, root);
  }
}

type Write = (args: readonly string[], call: Call) => string;

const FUNCTIONS: { readonly [name: string]: Write } = {
  Format: (args, call) => format(args, call),
  StringToJson: ([text]) => `$parse(${text})`,
  // $string leaves a text as it is, JsonToString writes it in quotes.
  JsonToString: ([value]) => `$replace($string({"v": ${value}}), /^\\{"v":([\\s\\S]*)\\}$/, "$1")`,
  // In brackets: of an empty array nothing would be left, of an array of one its item.
  ArrayPartition: ([array, size]) => `[$partition(${array}, ${size})]`,
  ArrayRange: ([first, last, step]) => `[$range(${first}, ${last}, ${step})]`,
  ArrayLength: ([array]) => `$count(${array})`,
  ArrayGetItem: ([array, index], { args }) => {
    if (args[1]?.kind !== "literal")
      throw new NoEqual("States.ArrayGetItem with an index that is not a number as it stands");
    return `(${array})[${index}]`;
  },
  ArrayContains: ([array, value], { args }) => {
    if (!isScalar(args[1])) throw new NoEqual("States.ArrayContains of what may be an object or an array");
    return `${value} in ${array}`;
  },
  Array: (args, call) => {
    if (!call.args.every(isScalar))
      throw new NoEqual("States.Array of what may be an array: JSONata would put its items in its place");
    return `[${args.join(", ")}]`;
  },
  Base64Encode: ([text]) => `$base64encode(${text})`,
  Base64Decode: ([text]) => `$base64decode(${text})`,
  // What is no text is hashed as it is written in JSON.
  Hash: ([data, algorithm], { args }) => `$hash(${isText(args[0]) ? data : `$string(${data})`}, ${algorithm})`,
  JsonMerge: ([first, second]) => `$merge([${first}, ${second}])`,
  MathAdd: ([first = "", second = ""], { args }) => `${rounded(first, args[0])} + ${rounded(second, args[1])}`,
  StringSplit: ([text], { args }) => {
    const given = args[1];
    if (given?.kind !== "text" || given.value === "")
      throw new NoEqual("States.StringSplit with separators that are not a text as it stands");
    const set = given.value.replace(/[\\\]^\-/]/g, "\\$&");
    return `[$split(${text}, /[${set}]/)[$ != ""]]`;
  },
  UUID: () => "$uuid()",
};

/** MathAdd rounds what it adds, halves up. */
function rounded(text: string, given: Argument | undefined): string {
  const isWhole = given?.kind === "literal" && Number.isInteger(given.value);
  return isWhole ? text : `$floor(${text} + 0.5)`;
}

function isText(given: Argument | undefined): boolean {
  if (given?.kind === "text") return true;
  return given?.kind === "call" && /^(Format|UUID|Hash|Base64Encode|Base64Decode|JsonToString)$/.test(given.name);
}

function isScalar(given: Argument | undefined): boolean {
  return (
    given?.kind === "literal" ||
    given?.kind === "text" ||
    (given?.kind === "call" && /^(Format|UUID|Hash|MathAdd|ArrayLength|Base64Encode|Base64Decode)$/.test(given.name))
  );
}

function callExpression(call: Call, root: Root): string {
  const write = Object.hasOwn(FUNCTIONS, call.name) ? FUNCTIONS[call.name] : undefined;
  if (write === undefined) throw new NoEqual(`States.${call.name} has no equal`);
  return write(
    call.args.map((given) => argument(given, root)),
    call,
  );
}

/** Texts, numbers and truth values are written alike; an object would be written as Java writes it. */
function format(args: readonly string[], call: Call): string {
  const [template] = call.args;
  if (template?.kind !== "text") throw new NoEqual("States.Format with a template that is not a text as it stands");
  const pieces = splitTemplate(template.raw, "{}'\\");
  if (pieces.length !== args.length) throw new NoEqual("States.Format with another number of values than of {}");
  const parts = pieces.flatMap((piece, i) => {
    const value = args[i + 1];
    return [...(piece === "" ? [] : [literalExpression(piece)]), ...(value === undefined ? [] : [value])];
  });
  if (parts.length === 0) return '""';
  return parts.length === 1 ? `$string(${parts[0]})` : parts.join(" & ");
}
