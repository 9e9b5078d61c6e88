/**
 * Where the members of a payload come from and where they are lost: the payloads of a run's visits compared side by side,
 * and the reason read off the definition (which field let the payload go).
 */
import type { VisitStatus } from "../../run-model/run-fold.ts";
import { sameJson } from "../../ui/json-diff.ts";
import { isJsonObject, type Json } from "../../ui/json-value.ts";
import { matchingHandler } from "./matching-handler.ts";

export interface PayloadSides {
  /** Undefined: not known (too long to be here). */
  readonly input: Json | undefined;
  /** Undefined: not known, or the state has not been left. */
  readonly output: Json | undefined;
}

export type KeyFate = "born" | "kept" | "changed" | "lost" | "absent" | "unknown" | "here";

export interface KeyStep {
  readonly fate: KeyFate;
  /** What it was after the state, before it where it was lost. */
  readonly value?: Json;
}

/** `customer.mail` or `items.0.sku`, as members; dots inside a name are written `\.`. */
export function keyPath(text: string): readonly string[] {
  return text
    .split(/(?<!\\)\./)
    .map((part) => part.replaceAll("\\.", "."))
    .filter((part) => part !== "");
}

const DEPTH_MAX = 2;
const KEYS_MAX = 300;

/** The members that can be followed: of the payload and of the objects in it. */
export function keysOf(value: Json | undefined, found: Set<string> = new Set(), prefix = "", depth = 1): Set<string> {
  if (!isJsonObject(value)) return found;
  for (const [name, inner] of Object.entries(value)) {
    if (found.size >= KEYS_MAX) break;
    const path = `${prefix}${name.replaceAll(".", "\\.")}`;
    found.add(path);
    if (depth < DEPTH_MAX) keysOf(inner, found, `${path}.`, depth + 1);
  }
  return found;
}

export function valueAt(value: Json | undefined, path: readonly string[]): Json | undefined {
  let at: Json | undefined = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, Json>>)[name];
  }
  return at;
}

/** What a state did to the member. */
export function keyStep({ input, output }: PayloadSides, path: readonly string[], wasLeft: boolean): KeyStep {
  if (input === undefined || (wasLeft && output === undefined)) return { fate: "unknown" };
  const before = valueAt(input, path);
  const after = valueAt(output, path);
  if (!wasLeft) return before === undefined ? { fate: "absent" } : { fate: "here", value: before };
  if (before === undefined) return after === undefined ? { fate: "absent" } : { fate: "born", value: after };
  if (after === undefined) return { fate: "lost", value: before };
  return { fate: sameJson(before, after) ? "kept" : "changed", value: after };
}

export interface Provenance {
  /** The index of the step after which it was there first; -1: in the run's input. Absent: never seen. */
  readonly born?: number;
  /** The last step that had it, at one side at least. */
  readonly lastSeen?: number;
  readonly changed: readonly number[];
  readonly lost: readonly number[];
}

export function provenance(steps: readonly KeyStep[]): Provenance {
  const where = (fate: KeyFate) => steps.flatMap((step, index) => (step.fate === fate ? [index] : []));
  const known = steps.findIndex(({ fate }) => fate !== "absent" && fate !== "unknown");
  const lastSeen = steps.findLastIndex(({ fate }) => fate !== "absent" && fate !== "unknown");
  return {
    ...(known >= 0 && { born: steps[known]?.fate === "born" ? known : -1, lastSeen }),
    changed: where("changed"),
    lost: where("lost"),
  };
}

export interface LossQuestion {
  readonly name: string;
  /** The state as written. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Of the state machine. */
  readonly language: "JSONPath" | "JSONata";
  readonly status: VisitStatus;
  readonly error?: string | undefined;
  /** The state that was entered next. */
  readonly next?: string | undefined;
}

/** The field of the definition that let the payload go, in a sentence without its subject. */
export function whyLost(question: LossQuestion): string {
  const { source } = question;
  const jsonata = (source["QueryLanguage"] ?? question.language) === "JSONata";
  if (question.status === "CAUGHT") return byCatch(question, jsonata);
  return jsonata ? byJsonata(question) : byJsonPath(question);
}

function byCatch({ name, source, error, next }: LossQuestion, jsonata: boolean): string {
  const catcher = matchingHandler(source["Catch"], error ?? "", next);
  if (catcher === undefined) return `replaced by Catch at ${name}`;
  const which = `Catch${Array.isArray(source["Catch"]) && source["Catch"].length > 1 ? ` ${catcher.number}` : ""}`;
  if (jsonata) {
    return catcher.source["Output"] === undefined
      ? `replaced by ${which} at ${name}: without Output the error is all that goes on`
      : `the Output of ${which} at ${name} does not name it`;
  }
  const path = catcher.source["ResultPath"];
  if (path === undefined) return `replaced by ${which} at ${name}: ResultPath missing`;
  return `replaced by ${which} at ${name}: ResultPath is ${JSON.stringify(path)}`;
}

const RESULTS: Readonly<Record<string, string>> = {
  Task: "the result of the task",
  Map: "the array of the iterations' results",
  Parallel: "the array of the branches' results",
};

function byJsonata({ name, source }: LossQuestion): string {
  if (source["Output"] !== undefined) return `the Output of ${name} does not name it`;
  const result = RESULTS[String(source["Type"])];
  if (result !== undefined) return `replaced by ${result} at ${name}: Output missing`;
  return `${name} does not pass it on`;
}

function byJsonPath({ name, source }: LossQuestion): string {
  const type = String(source["Type"]);
  const whole = source["ResultPath"] === undefined || source["ResultPath"] === "$";
  const missing = source["ResultPath"] === undefined ? "ResultPath missing" : 'ResultPath is "$"';
  const result = RESULTS[type];
  if (result !== undefined && whole) return `replaced by ${result} at ${name}: ${missing}`;
  if (type === "Pass" && whole && source["Result"] !== undefined) {
    return `replaced by the Result of ${name}: ${missing}`;
  }
  if (type === "Pass" && whole && source["Parameters"] !== undefined) {
    return `the Parameters of ${name} do not name it, ${missing}`;
  }
  const cuts = (["OutputPath", "InputPath"] as const).find(
    (field) => (source[field] ?? "$") !== "$" || source[field] === null,
  );
  if (cuts !== undefined) return `${cuts} ${JSON.stringify(source[cuts])} of ${name} takes only that part`;
  if (typeof source["ResultPath"] === "string") return `overwritten at ${source["ResultPath"]} by ${name}`;
  return `${name} does not pass it on`;
}
