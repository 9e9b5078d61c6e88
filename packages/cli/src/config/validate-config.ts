import type { ErrorObject, ValidateFunction } from "ajv";
import { Ajv } from "ajv";
import { pointerOf, segmentsOf } from "./config-document.ts";
import type { Schema } from "./config-schema.ts";
import { CONFIG_SCHEMA } from "./config-schema.ts";

export interface RuleBroken {
  readonly pointer: string;
  readonly message: string;
}

const SHOWN_LENGTH_MAX = 80;
const SECRET = /^\/(functions\/[^/]+\/env|tasks\/[^/]+\/env|connections\/[^/]+|jobs\/[^/]+\/\w+\/(env|headers))(\/|$)/;

/** Every rule of the configuration's schema that a value breaks, in the order of the keys; empty when it breaks none. */
export const brokenRules: (value: unknown) => RuleBroken[] = rulesOf(CONFIG_SCHEMA);

/** The same of a value that holds this key alone; the rules of others, which are most of the work, are not made for it. */
export function brokenRulesOf(key: string, value: unknown): RuleBroken[] {
  const ofKey = CONFIG_SCHEMA.properties?.[key];
  if (ofKey === undefined) return brokenRules(value);
  return rulesOf({ type: "object", properties: { [key]: ofKey } })(value);
}

/** Holds values against a schema that says each of its rules in words (`x-rule`). */
export function rulesOf(schema: object): (value: unknown) => RuleBroken[] {
  // When it is first asked for: making it takes as long as loading half of a command, and most commands find no file.
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= compile(schema);
    const validate = compiled;
    if (validate(value)) return [];
    const broken = new Map<string, RuleBroken>();
    for (const error of validate.errors ?? []) {
      const rule = ruleOf(error);
      if (rule !== undefined && !broken.has(rule.pointer)) broken.set(rule.pointer, rule);
    }
    return [...broken.values()];
  };
}

function compile(schema: object): ValidateFunction {
  // That our schemas are schemas is for their tests to say: Ajv would make the rules of JSON Schema for that, each time.
  const options = { allErrors: true, verbose: true, strict: true, strictRequired: false, strictTypes: false };
  return new Ajv({ ...options, validateSchema: false })
    .addKeyword({ keyword: "x-rule", schemaType: "string" })
    .compile(schema);
}

function ruleOf(error: ErrorObject): RuleBroken | undefined {
  const { instancePath: pointer, keyword, params, data } = error;
  const schema = error.parentSchema as Schema | undefined;
  const key = (name: string) => pointerOf([...segmentsOf(pointer), name]);
  // What lies inside of these is said by them, in one sentence.
  if (keyword === "if" || error.propertyName !== undefined || /\/oneOf\/\d/.test(error.schemaPath)) return undefined;
  switch (keyword) {
    case "additionalProperties": {
      const name = params["additionalProperty"] as string;
      const known = Object.keys(schema?.properties ?? {}).join(", ");
      return {
        pointer: key(name),
        message: `unknown key; known here: ${known}; got ${shown(member(data, name), key(name))}`,
      };
    }
    case "propertyNames": {
      const name = params["propertyName"] as string;
      return { pointer: key(name), message: `the key ${schema?.propertyNames?.["x-rule"]}, got ${shown(name, "")}` };
    }
    case "required": {
      const name = params["missingProperty"] as string;
      return { pointer, message: `${schema?.["x-rule"] ?? error.message}: ${name} is missing` };
    }
    case "dependencies":
      return { pointer: key(params["property"] as string), message: `needs ${params["missingProperty"]} beside it` };
    case "false schema":
      return { pointer, message: `does not apply to a function behind a url, got ${shown(data, pointer)}` };
    default:
      return { pointer, message: `${schema?.["x-rule"] ?? error.message}, got ${shown(data, pointer)}` };
  }
}

function member(data: unknown, name: string): unknown {
  return (data as Readonly<Record<string, unknown>>)[name];
}

/** The value, shortened. What stands in an environment may be a secret and is not repeated. */
function shown(value: unknown, pointer: string): string {
  if (SECRET.test(pointer)) return kindOf(value);
  const text = JSON.stringify(value) ?? "nothing";
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return value === null ? "nothing" : "a map";
  return typeof value === "string" ? "a text" : `a ${typeof value}`;
}
