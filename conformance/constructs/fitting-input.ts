/**
 * An input that satisfies a definition's paths, made from the definition alone: every reference path and every member of
 * `$states.input` in an expression gets a value of the kind that its place asks for. The first rule of a Choice comes true.
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { Api } from "./aws-model.ts";
import { type MemberType, memberType } from "./member-type.ts";

export interface Fitting {
  readonly input: Json;
  /** Variables that the definition uses and does not assign. */
  readonly variables: JsonObject;
  /** What functions answer: everything the paths after them ask for. */
  readonly payload: Json;
}

type Place = readonly (string | number)[];
type Kind = MemberType | "json" | "base64" | "algorithm";

export function fittingInput(definition: JsonObject, apiOfResource: (resource: string) => Api | undefined): Fitting {
  const walk = new Walk(apiOfResource);
  walk.machine(definition, [], definition["QueryLanguage"] === "JSONata");
  return walk.result();
}

class Walk {
  #tree: { root?: Json } = {};
  readonly #variables: { root?: Json } = { root: {} };
  readonly #payload: { root?: Json } = {};
  readonly #assigned = new Set<string>();
  readonly #apiOf: (resource: string) => Api | undefined;

  constructor(apiOf: (resource: string) => Api | undefined) {
    this.#apiOf = apiOf;
  }

  result(): Fitting {
    const input = this.#tree.root ?? {};
    const variables = Object.fromEntries(
      Object.entries((this.#variables.root ?? {}) as JsonObject).filter(([name]) => !this.#assigned.has(name)),
    );
    const answered = (this.#payload.root ?? {}) as JsonObject;
    const known = Object.values((this.#variables.root ?? {}) as JsonObject).filter(isJsonObject);
    const payload = isJsonObject(input) ? Object.assign({}, ...known, input, answered) : input;
    return { input, variables, payload: payload as Json };
  }

  machine(machine: JsonObject, base: Place, jsonata: boolean): void {
    for (const state of Object.values(machine["States"] as JsonObject)) {
      const language = (state as JsonObject)["QueryLanguage"];
      this.#state(state as JsonObject, base, language === undefined ? jsonata : language === "JSONata");
    }
  }

  #state(state: JsonObject, base: Place, jsonata: boolean): void {
    // Those that a state uses in its own Assign were assigned before it.
    for (const name of Object.keys((state["Assign"] ?? {}) as JsonObject)) {
      const variable = name.replace(/\.\$$/, "");
      if (!JSON.stringify(state["Assign"]).includes(`$${variable}`)) this.#assigned.add(variable);
    }
    const inputPath = state["InputPath"];
    const reached =
      typeof inputPath === "string" && inputPath !== "$" ? (this.#need(inputPath, base, "object") ?? base) : base;
    // Expressions of a Map without Items read members of a list: JSONata reads them of its elements.
    const isOfItems = jsonata && state["Type"] === "Map" && (state["Items"] ?? state["ItemReader"]) === undefined;
    const own = isOfItems ? [...reached, 0] : reached;
    const api = this.#apiOf(String(state["Resource"]));
    const { OutputPath: out, ResultPath: put } = state;
    if (typeof out === "string" && put === undefined) {
      if (state["Type"] !== "Task") this.#need(out, own, "string");
      // What a function must answer.
      else this.#setIn(this.#payload, stepsOf(out), "a-value");
    }
    for (const [name, value] of Object.entries(state)) {
      if (name === "Parameters" && state["Type"] !== "Map") this.#template(value, own, api);
      else if (/^(Parameters|ItemSelector)$/.test(name)) this.#template(value, own, undefined);
      else if (/Path$/.test(name) && !/^(Input|Result|Output|Items)Path$/.test(name)) this.#field(name, value, own);
      else if (/^(ItemReader|ResultWriter|ItemBatcher)$/.test(name)) this.#nested(value as JsonObject, own, jsonata);
      else if (jsonata && !INNER.has(name)) this.#expressions(name, value, own, api);
      else if (name === "Assign" || name === "Credentials") this.#template(value, own, undefined);
    }
    if (state["Type"] === "Choice") for (const rule of state["Choices"] as JsonObject[]) this.#rule(rule, own, jsonata);
    if (state["Type"] === "Parallel") {
      const branches = state["Parameters"] === undefined && state["Arguments"] === undefined ? own : ["(branch)"];
      for (const branch of state["Branches"] as JsonObject[]) this.machine(branch, branches, jsonata);
    }
    if (state["Type"] === "Map") this.#map(state, reached, jsonata);
  }

  /** Items at their path, each as the states inside need it. */
  #map(state: JsonObject, base: Place, jsonata: boolean): void {
    const inner = (state["ItemProcessor"] ?? state["Iterator"]) as JsonObject;
    const selector = (state["ItemSelector"] ?? state["Parameters"]) as JsonObject | undefined;
    const items = this.#itemsPlace(state, base, jsonata);
    if (items === undefined) {
      this.machine(inner, ["(item)"], jsonata);
      return;
    }
    for (const index of [0, 1]) {
      const item = [...items, index];
      this.#set(item, {});
      for (const path of itemPaths(JSON.stringify(selector ?? {}))) this.#set([...item, ...path], "a-value");
      // Inside, the selector's member stands for the item.
      const member = Object.entries(selector ?? {}).find(([, value]) => value === "$$.Map.Item.Value")?.[0];
      if (selector === undefined) this.machine(inner, item, jsonata);
      else if (member !== undefined) this.machine(renamed(inner, member.replace(/\.\$$/, "")), item, jsonata);
      else this.machine(inner, ["(item)"], jsonata);
    }
  }

  #itemsPlace(state: JsonObject, base: Place, jsonata: boolean): Place | undefined {
    if (state["ItemReader"] !== undefined) return undefined;
    if (jsonata) {
      const items = state["Items"];
      if (items === undefined) return base;
      const path = typeof items === "string" ? /^\{%\s*\$states\.input((?:\.\w+)*)\s*%\}$/.exec(items)?.[1] : undefined;
      return path === undefined ? undefined : [...base, ...path.split(".").filter((step) => step !== "")];
    }
    const path = state["ItemsPath"];
    if (typeof path !== "string") return base;
    return path.startsWith("$$") ? undefined : [...base, ...stepsOf(path)];
  }

  #nested(value: JsonObject, base: Place, jsonata: boolean): void {
    if (jsonata) this.#expressions("", value, base, undefined);
    else {
      this.#template(value, base, undefined);
      const config = (value["ReaderConfig"] ?? value) as JsonObject;
      for (const [name, item] of Object.entries(config)) if (name.endsWith("Path")) this.#field(name, item, base);
    }
  }

  #field(name: string, value: Json | undefined, base: Place): void {
    if (typeof value !== "string") return;
    const kind: Kind = /Timestamp/.test(name)
      ? "timestamp"
      : /Seconds|Concurrency|Count|Percentage|Max/.test(name)
        ? "number"
        : "string";
    if (value.startsWith("States.")) this.#intrinsic(value, base);
    else this.#need(value, base, kind);
  }

  /** JSONPath: members whose names end with `.$`. */
  #template(value: Json | undefined, base: Place, api: Api | undefined): void {
    if (isJsonArray(value)) for (const item of value) this.#template(item, base, api);
    if (!isJsonObject(value)) return;
    this.#evaluated(value, base);
    for (const [name, item] of Object.entries(value)) {
      if (!name.endsWith(".$") || typeof item !== "string") this.#template(item, base, api);
      else if (item.startsWith("States.")) this.#intrinsic(item, base);
      else this.#need(item, base, memberType(api, name.slice(0, -2)));
    }
  }

  /** Paths in an expression that a function evaluates: EvaluateExpression of the CDK. */
  #evaluated({ expression, expressionAttributeValues }: JsonObject, base: Place): void {
    if (typeof expression !== "string" || !isJsonObject(expressionAttributeValues)) return;
    for (const name of Object.keys(expressionAttributeValues)) {
      const path = name.replace(/\.\$$/, "");
      const at = expression.indexOf(path);
      const kind = expressionKind(expression.slice(0, at), expression.slice(at + path.length));
      // What is divided should stay whole.
      if (at >= 0 && kind === "number") this.#setAt(placeOf(path, base), 1000);
    }
  }

  #intrinsic(text: string, base: Place): void {
    // The function whose argument a path is: the last one that opened before it.
    for (const match of text.matchAll(/\$[\w.[\]'*$]*/g)) {
      const before = text.slice(0, match.index);
      const [, name = "", earlier = ""] = /States\.(\w+)\(((?!.*States\.\w+\().*)$/.exec(before) ?? [];
      const argument = earlier.split(",").length - 1;
      if (name === "Format" && argument === 0) this.#formatText(match[0], text, base);
      else if (name === "Hash" && argument === 1) this.#need(match[0], base, "algorithm");
      else this.#need(match[0], base, ARGUMENTS[name] ?? "string");
    }
  }

  /** The text of a States.Format that is itself a path: as many places as values follow. */
  #formatText(path: string, call: string, base: Place): void {
    this.#setAt(placeOf(path, base), "{}".repeat(call.split(",").length - 1));
  }

  #expressions(name: string, value: Json | undefined, base: Place, api: Api | undefined): void {
    // An element has not the kind of its list.
    if (isJsonArray(value)) for (const item of value) this.#expressions("", item, base, api);
    else if (isJsonObject(value)) {
      for (const [member, item] of Object.entries(value)) this.#expressions(member, item, base, api);
    } else if (typeof value === "string" && /^\{%.*%\}$/s.test(value))
      this.#expression(value.slice(2, -2), name, base, api);
  }

  #expression(text: string, name: string, base: Place, api: Api | undefined): void {
    const isWhole = /^\s*\$[\w.]+\s*$/.test(text);
    for (const match of text.matchAll(/\$([A-Za-z_]\w*)((?:\.[A-Za-z_]\w*|\[\d+\])*)(\s*\(|\s*:=)?/g)) {
      const [, root = "", rest = "", call] = match;
      const after = text.slice(match.index + match[0].length);
      const before = text.slice(0, match.index);
      if (call !== undefined || new RegExp(`function\\([^)]*\\$${root}\\b|\\$${root}\\s*:=`).test(text)) continue;
      const steps = rest
        .split(/[.[\]]/)
        .filter((step) => step !== "")
        .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
      const kind = isWhole ? wholeKind(name, api) : expressionKind(before, after);
      if (root !== "states") this.#setIn(this.#variables, [root, ...steps], sampleOf(kind));
      else if (steps[0] === "input") this.#set([...base, ...steps.slice(1)], steps.length === 1 ? {} : sampleOf(kind));
      else if (steps[0] === "context" && steps[2] === "Input") this.#set(steps.slice(3), sampleOf(kind));
    }
  }

  /** Only of the first rule that says something of a place: it is to come true. */
  #rule(rule: JsonObject, base: Place, jsonata: boolean): void {
    if (jsonata) {
      this.#expressions("Condition", rule["Condition"], base, undefined);
      return;
    }
    for (const inner of [...((rule["And"] ?? []) as JsonObject[]), ...((rule["Or"] ?? []) as JsonObject[])]) {
      this.#rule(inner, base, jsonata);
    }
    if (isJsonObject(rule["Not"])) this.#rule(rule["Not"], base, jsonata);
    const variable = rule["Variable"];
    const [operator, wanted] =
      Object.entries(rule).find(([name]) => /^(Is|String|Numeric|Boolean|Timestamp)/.test(name)) ?? [];
    if (typeof variable !== "string" || operator === undefined || wanted === undefined) return;
    const value = valueFor(operator, wanted);
    if (value === undefined) return;
    const own = placeOf(variable, base);
    this.#setAt(own, value.variable);
    if (operator.endsWith("Path")) this.#setAt(placeOf(String(wanted), base), value.other ?? value.variable);
  }

  #setAt(place: ReturnType<typeof placeOf>, value: Json): void {
    if (place === undefined) return;
    if (place.kind === "variable") this.#setIn(this.#variables, place.steps, value);
    else this.#set(place.steps, value);
  }

  /** The place of a path of the state's input, where there is a value now. */
  #need(path: string, base: Place, kind: Kind): Place | undefined {
    const place = placeOf(path, base);
    if (place === undefined) return undefined;
    const isRoot = place.kind === "input" && place.steps.length === base.length;
    this.#setAt(place, isRoot ? {} : sampleOf(kind));
    return place.kind === "input" ? place.steps : undefined;
  }

  #set(place: Place, value: Json): void {
    if (typeof place[0] === "string" && /^\((item|branch)\)$/.test(place[0])) return;
    this.#setIn(this.#tree, place, value);
    const after = place.indexOf("Payload");
    if (after >= 0) this.#setIn(this.#payload, place.slice(after + 1), value);
  }

  #setIn(tree: { root?: Json }, place: Place, value: Json): void {
    tree.root = withValue(tree.root, place, value);
  }
}

const INNER: ReadonlySet<string> = new Set(["ItemProcessor", "Iterator", "Branches", "Choices"]);

/** What an intrinsic function's arguments that are paths must be. */
const ARGUMENTS: Readonly<Record<string, Kind>> = {
  ArrayPartition: "array",
  ArrayContains: "array",
  ArrayGetItem: "array",
  ArrayLength: "array",
  ArrayUnique: "array",
  ArrayRange: "number",
  Base64Decode: "base64",
  JsonMerge: "object",
  JsonToString: "object",
  MathAdd: "number",
  MathRandom: "number",
  StringToJson: "json",
};

/** Enough for any index that a definition names. */
const ITEMS: readonly Json[] = Array.from({ length: 10 }, (_, index) => `value-${index}`);

function sampleOf(kind: Kind): Json {
  const samples: Record<Kind, Json> = {
    string: "a-value",
    number: 1,
    boolean: true,
    timestamp: "2026-01-01T00:00:00Z",
    array: ITEMS,
    s3: "s3://a-bucket/a-key",
    algorithm: "SHA-256",
    digits: "1",
    object: { member: "a-value" },
    json: '{"member":"a-value"}',
    base64: "YS12YWx1ZQ==",
  };
  return samples[kind];
}

function wholeKind(name: string, api: Api | undefined): Kind {
  if (/Seconds$/.test(name)) return "number";
  if (/Timestamp$/.test(name)) return "timestamp";
  return memberType(api, name);
}

/** By what stands around a name in an expression. */
function expressionKind(before: string, after: string): Kind {
  if (/\$(each|keys|merge|spread|lookup)\(\s*\[?$/.test(before)) return "object";
  if (/\$(count|map|filter|sum|max|min|append|sort)\(\s*$/.test(before)) return "array";
  if (/\$parse\(\s*$/.test(before)) return "json";
  if (/^\s*[-+*/<>]/.test(after) || /[-+*/<>]\s*$/.test(before)) return "number";
  return "string";
}

/** Values with which a comparison comes true; undefined: there must be none. */
function valueFor(operator: string, wanted: Json): { readonly variable: Json; readonly other?: Json } | undefined {
  const base = operator.replace(/Path$/, "");
  const isPath = base !== operator;
  if (base.startsWith("Is")) {
    const kind = base.slice(2);
    if (kind === "Present") return wanted === true ? { variable: "a-value" } : undefined;
    const values: Record<string, Json> = {
      Null: null,
      Boolean: true,
      Numeric: 1,
      String: "s",
      Timestamp: sampleOf("timestamp"),
    };
    return { variable: wanted === true ? (values[kind] ?? null) : kind === "String" ? 1 : "no-time" };
  }
  const [, type = "", comparison = ""] = /^(String|Numeric|Boolean|Timestamp)(.*)$/.exec(base) ?? [];
  if (comparison === "Matches")
    return { variable: String(wanted).replaceAll("\\*", "\u0000").replaceAll("*", "x").replaceAll("\u0000", "*") };
  const ordered: Record<string, readonly [Json, Json, Json]> = {
    String: ["a", "m", "z"],
    Numeric: [1, 2, 3],
    Timestamp: ["2001-01-01T00:00:00Z", "2010-01-01T00:00:00Z", "2020-01-01T00:00:00Z"],
    Boolean: [false, true, true],
  };
  const [low, middle, high] = ordered[type] ?? ["a", "m", "z"];
  const other = isPath ? middle : wanted;
  if (/^(Equals|LessThanEquals|GreaterThanEquals)$/.test(comparison)) return { variable: other, other };
  if (isPath) return { variable: comparison === "LessThan" ? low : high, other };
  return { variable: beyond(wanted, comparison === "LessThan") };
}

function beyond(bound: Json, below: boolean): Json {
  if (typeof bound === "number") return bound + (below ? -1 : 1);
  const text = String(bound);
  if (/^\d{4}-\d\d-\d\dT/.test(text)) return `${Number(text.slice(0, 4)) + (below ? -1 : 1)}${text.slice(4)}`;
  return below ? "" : `${text}z`;
}

function placeOf(
  path: string,
  base: Place,
): { readonly kind: "input" | "variable"; readonly steps: Place } | undefined {
  const execution = /^\$\$\.Execution\.Input(.*)$/.exec(path);
  if (execution !== null) return { kind: "input", steps: stepsOf(`$${execution[1]}`) };
  if (path.startsWith("$$")) return undefined;
  if (/^\$[A-Za-z_]/.test(path)) return { kind: "variable", steps: stepsOf(`$.${path.slice(1)}`) };
  return path.startsWith("$") ? { kind: "input", steps: [...base, ...stepsOf(path)] } : undefined;
}

/** `$.a['b'][0].c` and, of paths with more than one answer, what their first answer needs. */
function stepsOf(path: string): Place {
  const steps: (string | number)[] = [];
  for (const [, name, quoted, index, any] of path.matchAll(
    /\.([\w-]+)|\['([^']*)'\]|\[(-?\d+)[^\]]*\]|(\[\*\]|\.\*|\[[^\]]*\])/g,
  )) {
    if (any !== undefined || index !== undefined) steps.push(Math.max(Number(index ?? 0), 0));
    else steps.push((name ?? quoted) as string);
  }
  return steps;
}

function withValue(tree: Json | undefined, [step, ...rest]: Place, value: Json): Json {
  // Whoever asks for more than a text is right.
  if (step === undefined) return tree === undefined || tree === sampleOf("string") ? value : tree;
  if (typeof step === "number") {
    const array = isJsonArray(tree) ? [...tree] : [];
    while (array.length <= step) array.push({});
    array[step] = withValue(rest.length === 0 && isEmpty(array[step]) ? undefined : array[step], rest, value);
    return array;
  }
  const object = isJsonObject(tree) ? tree : {};
  return { ...object, [step]: withValue(isEmpty(object[step]) ? undefined : object[step], rest, value) };
}

function isEmpty(value: Json | undefined): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** Members of the item that a selector reads. */
function itemPaths(selector: string): Place[] {
  return [...selector.matchAll(/(?:\$\$|\$states\.context)\.Map\.Item\.Value((?:\.\w+)+)/g)].map(([, path = ""]) =>
    path.split(".").filter((step) => step !== ""),
  );
}

/** The same machine, where `$.<member>` stands for the whole input. */
function renamed(machine: JsonObject, member: string): JsonObject {
  return JSON.parse(
    JSON.stringify(machine).replaceAll(`"$.${member}.`, '"$.').replaceAll(`"$.${member}"`, '"$"'),
  ) as JsonObject;
}
