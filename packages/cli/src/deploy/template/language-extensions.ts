/**
 * The transform AWS::LanguageExtensions: loops (`Fn::ForEach`) are written out, and names that are made by functions become
 * names. It runs before anything is made, so it knows parameters, mappings and conditions only.
 * CloudFormation, "AWS::LanguageExtensions transform" and "Fn::ForEach".
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { type Problems, shown } from "../problem.ts";
import { resolveCondition, resolveValue } from "../resolve/intrinsics.ts";
import type { Scope } from "../resolve/scope.ts";
import type { TemplateDocument } from "./template-document.ts";

export const LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions";

/** CloudFormation's quota on loops inside each other. */
const LOOPS_DEEP_MAX = 5;
/** Copies of one template. */
const COPIES_MAX = 10_000;
const CONDITIONS_DEEP_MAX = 100;

const LOOP = /^Fn::ForEach::(.+)$/;

/** A resource, also one in loops. */
const RESOURCE = /^\/Resources\/(?:Fn::ForEach::[^/]*\/2\/)*[^/]+$/;

/** Values that are known before the stack is made. */
export interface KnownValues {
  /** Of parameters; defaults are the template's. */
  readonly parameters: ReadonlyMap<string, Json>;
  /** Pseudo parameters. */
  readonly pseudo: ReadonlyMap<string, Json>;
}

/** The document without loops; `document` itself when it does not ask for the transform. */
export function withLanguageExtensions(
  document: TemplateDocument,
  known: KnownValues,
  problems: Problems,
): TemplateDocument {
  const root = document.value;
  if (!isJsonObject(root)) return document;
  const transform = root["Transform"] ?? null;
  if (!(isJsonArray(transform) ? transform : [transform]).includes(LANGUAGE_EXTENSIONS)) return document;
  const expander = new Expander(root, known, (pointer, message) =>
    problems.add(document.placeOf(pointer), pointer, message),
  );
  const value = expander.root(root);
  return { ...document, value, placeOf: (pointer) => document.placeOf(expander.origin(pointer)) };
}

/** What stands for the variables of the loops around a value. */
type Variables = ReadonlyMap<string, string>;

const NONE: Variables = new Map();

class Expander {
  readonly #refuse: (pointer: string, message: string) => void;
  readonly #scope: Scope;
  /** Where the loop stands that made what is at a pointer. */
  readonly #origins = new Map<string, string>();
  #copies = 0;

  constructor(root: JsonObject, known: KnownValues, refuse: (pointer: string, message: string) => void) {
    this.#refuse = refuse;
    this.#scope = knownScope(root, known, refuse);
  }

  root(root: JsonObject): JsonObject {
    return Object.fromEntries(
      Object.entries(root).map(([name, section]) =>
        SECTIONS.has(name) ? [name, this.#value(section, NONE, `/${name}`, 0)] : [name, section],
      ),
    );
  }

  origin(pointer: string): string {
    const [, section = "", name = ""] = pointer.split("/");
    return this.#origins.get(`/${section}/${name}`) ?? pointer;
  }

  #value(value: Json, variables: Variables, pointer: string, loops: number): Json {
    if (typeof value === "string") return replaced(value, variables);
    if (isJsonArray(value))
      return value.map((item, index) => this.#value(item, variables, `${pointer}/${index}`, loops));
    if (!isJsonObject(value)) return value;
    const call = this.#call(value, variables, pointer, loops);
    if (call !== undefined) return call;
    return Object.fromEntries(this.#members(value, variables, pointer, loops));
  }

  #members(value: JsonObject, variables: Variables, pointer: string, loops: number): [string, Json][] {
    const seen = new Set<string>();
    return Object.entries(value)
      .flatMap(([key, member]): [string, Json][] => {
        const inner = `${pointer}/${escaped(key)}`;
        if (LOOP.test(key)) return this.#loop(member, variables, inner, loops);
        const name = replaced(key, variables);
        const isPolicy = POLICIES.has(key) && isJsonObject(member) && RESOURCE.test(pointer);
        return [
          [name, isPolicy ? this.#known(member, variables, inner) : this.#value(member, variables, inner, loops)],
        ];
      })
      .filter(([name]) => {
        if (seen.has(name)) this.#refuse(pointer, `a loop makes ${shown(name)} twice`);
        return !seen.has(name) && seen.add(name);
      });
  }

  /** `Ref` of a variable is its text; names that functions give become texts. */
  #call(value: JsonObject, variables: Variables, pointer: string, loops: number): Json | undefined {
    const [key = "", ...others] = Object.keys(value);
    if (others.length > 0) return undefined;
    const argument = value[key] as Json;
    if (key === "Ref") {
      if (typeof argument === "string") return variables.get(argument) ?? { Ref: replaced(argument, variables) };
      return { Ref: this.#known(argument, variables, `${pointer}/Ref`) };
    }
    if (key === "Fn::GetAtt" && isJsonArray(argument)) {
      const names = argument.map((part, index) => this.#known(part, variables, `${pointer}/${key}/${index}`));
      return { [key]: names };
    }
    if (key === "Fn::Sub" && typeof argument === "string") {
      const text = replaced(argument, variables);
      return text.includes("${") ? { [key]: text } : text;
    }
    if (LOOP.test(key) || !key.startsWith("Fn::")) return undefined;
    return { [key]: this.#value(argument, variables, `${pointer}/${key}`, loops) };
  }

  #known(value: Json, variables: Variables, pointer: string): Json {
    const written = this.#value(value, variables, pointer, LOOPS_DEEP_MAX);
    return isJsonObject(written) ? (resolveValue(written, this.#scope, pointer) ?? "") : written;
  }

  #loop(loop: Json, variables: Variables, pointer: string, loops: number): [string, Json][] {
    const [variable, collection, body] = isJsonArray(loop) && loop.length === 3 ? loop : [];
    if (typeof variable !== "string" || collection === undefined || !isJsonObject(body ?? null)) {
      this.#refuse(pointer, `must be a list of a name, a collection and a map, got ${shown(loop)}`);
      return [];
    }
    if (loops >= LOOPS_DEEP_MAX) {
      this.#refuse(pointer, `at most ${LOOPS_DEEP_MAX} loops may stand inside each other`);
      return [];
    }
    if (variables.has(variable) || this.#scope.parameters.has(variable))
      this.#refuse(`${pointer}/0`, `the name ${variable} stands for something else already`);
    const items = this.#items(collection, variables, `${pointer}/1`);
    return items.flatMap((item) => {
      this.#copies += 1;
      if (this.#copies > COPIES_MAX) {
        this.#refuse(pointer, `the loops make more than ${COPIES_MAX} copies`);
        return [];
      }
      const inner = new Map([...variables, [variable, item]]);
      const made = this.#members(body as JsonObject, inner, `${pointer}/2`, loops + 1);
      const section = /^\/([^/]+)\/Fn::ForEach::/.exec(pointer)?.[1];
      if (section !== undefined) for (const [name] of made) this.#origins.set(`/${section}/${escaped(name)}`, pointer);
      return made;
    });
  }

  #items(collection: Json, variables: Variables, pointer: string): readonly string[] {
    const written = this.#value(collection, variables, pointer, LOOPS_DEEP_MAX);
    const list = resolveValue(written, this.#scope, pointer) ?? [];
    const items = typeof list === "string" ? list.split(",").map((item) => item.trim()) : list;
    if (!isJsonArray(items) || items.some((item) => typeof item === "object")) {
      this.#refuse(pointer, `must be a list of texts, got ${shown(list)}`);
      return [];
    }
    return items.flat().map(String);
  }
}

const SECTIONS: ReadonlySet<string> = new Set(["Resources", "Conditions", "Outputs"]);
/** Attributes in which CloudFormation has no functions, but the transform has. */
const POLICIES: ReadonlySet<string> = new Set(["DeletionPolicy", "UpdateReplacePolicy"]);

/** `${Name}` is the item, `&{Name}` its letters and digits. */
function replaced(text: string, variables: Variables): string {
  if (variables.size === 0 || !text.includes("{")) return text;
  return text.replace(/([$&])\{([^{}]*)\}/g, (whole, sign: string, name: string) => {
    const item = variables.get(name.trim());
    if (item === undefined) return whole;
    return sign === "$" ? item : item.replace(/[^A-Za-z0-9]/g, "");
  });
}

function knownScope(root: JsonObject, known: KnownValues, refuse: (pointer: string, message: string) => void): Scope {
  const declared = section(root, "Parameters");
  const conditions = section(root, "Conditions");
  const parameters = new Map<string, Json>(known.pseudo);
  for (const [name, declaration] of Object.entries(declared)) {
    const value = known.parameters.get(name) ?? (isJsonObject(declaration) ? declaration["Default"] : undefined);
    if (value !== undefined) parameters.set(name, value);
  }
  let deep = 0;
  const scope: Scope = {
    stackName: String(known.pseudo.get("AWS::StackName") ?? ""),
    parameters,
    mappings: section(root, "Mappings"),
    condition: (name) => {
      if (!Object.hasOwn(conditions, name)) return undefined;
      if (deep >= CONDITIONS_DEEP_MAX) return false;
      deep += 1;
      const truth = resolveCondition(conditions[name] as Json, scope, `/Conditions/${name}`);
      deep -= 1;
      return truth;
    },
    resource: () => undefined,
    importValue: () => undefined,
    stackOutput: () => undefined,
    problem: refuse,
  };
  return scope;
}

function section(root: JsonObject, name: string): JsonObject {
  const value = root[name] ?? null;
  return isJsonObject(value) ? value : {};
}

function escaped(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}
