import { randomBytes } from "node:crypto";
import { isJsonArray, isJsonObject, type Json } from "@stepwell/core";

/** What the templates of one run of one case stand for. */
export interface TemplateValues {
  readonly account: string;
  /** When the case was started, UTC, as `2026-01-31T12:00:00`. */
  readonly now: string;
  /** The answer of a step, or undefined when the step has not answered. */
  answer(step: number): Json | undefined;
  /** The text of `uid1`, `role2`, …: the same name, the same text within a run. */
  fresh(name: string): string;
}

/** A template names something that is not there: an unanswered step, or a member the answer has not. */
export class UnknownTemplate extends Error {
  override readonly name = "UnknownTemplate";
}

const TEMPLATE = /\{\{([^{}|]+)(?:\|(last|penultimate))?\}\}/g;

/** Every `{{…}}` of a text replaced. Throws `UnknownTemplate`. */
export function expandText(text: string, values: TemplateValues): string {
  return text.replaceAll(TEMPLATE, (_whole, name: string, part: string | undefined) =>
    takePart(lookUp(name.trim(), values), part),
  );
}

/** Every string of a JSON value expanded; member names too. Throws `UnknownTemplate`. */
export function expandJson(value: Json, values: TemplateValues): Json {
  if (typeof value === "string") return expandText(value, values);
  if (isJsonArray(value)) return value.map((item) => expandJson(item, values));
  if (isJsonObject(value)) {
    const members = Object.entries(value).map(([key, member]) => [expandText(key, values), expandJson(member, values)]);
    return Object.fromEntries(members) as Json;
  }
  return value;
}

/** Fresh values for one run: 8 hexadecimal digits for a uid, an IAM role ARN for a role. */
export function freshNames(account: string): (name: string) => string {
  const given = new Map<string, string>();
  return (name) => {
    const known = given.get(name);
    if (known !== undefined) return known;
    const id = randomBytes(4).toString("hex");
    const text = name.startsWith("role") ? `arn:aws:iam::${account}:role/sfn_role_${id}` : id;
    given.set(name, text);
    return text;
  };
}

function lookUp(name: string, values: TemplateValues): string {
  if (name === "account") return values.account;
  if (name === "now") return values.now;
  if (/^(uid|role)\d*$/.test(name)) return values.fresh(name);
  const step = /^s(\d+)\.(.+)$/.exec(name);
  if (step === null) throw new UnknownTemplate(`{{${name}}} is no template`);
  return textAt(values.answer(Number(step[1])), step[2]!, name);
}

// `executions[0].executionArn`, `mapRuns[0].mapRunArn|last`, `Attributes.QueueArn`
function textAt(answer: Json | undefined, path: string, name: string): string {
  let value: Json | undefined = answer;
  for (const key of path.matchAll(/[^.[\]]+/g)) {
    if (isJsonArray(value)) value = value[Number(key[0])];
    else if (isJsonObject(value) && Object.hasOwn(value, key[0])) value = value[key[0]];
    else value = undefined;
  }
  if (typeof value !== "string") throw new UnknownTemplate(`{{${name}}}: the answer has no such text`);
  return value;
}

function takePart(text: string, part: string | undefined): string {
  if (part === "last") return text.slice(Math.max(text.lastIndexOf(":"), text.lastIndexOf("/")) + 1);
  if (part === "penultimate") return text.split(":").at(-2) ?? "";
  return text;
}
