/** What a target of a rule or of a schedule is given. */
import { createHash } from "node:crypto";
import { compileJsonPath, type EpochMs, type Json, type JsonObject } from "@stepwell/core";
import type { AwsIdentity } from "../catalog/arn.ts";
import type { TriggerTarget } from "./trigger.ts";

/** An event as EventBridge hands it on. */
export interface TriggerEvent extends JsonObject {
  readonly id: string;
  readonly time: string;
}

/** A UUID that is the same for the same parts, whoever makes it and when. */
export function stableUuid(...parts: readonly (string | number)[]): string {
  const hex = createHash("sha256").update(JSON.stringify(parts)).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** What a due time gives. EventBridge User Guide, "Scheduled Event"; Scheduler's notification has a text as its detail. */
export function scheduledEvent(arn: string, at: EpochMs, identity: AwsIdentity): TriggerEvent {
  const isRule = arn.includes(":rule/");
  return {
    version: "0",
    id: stableUuid(arn, at),
    "detail-type": "Scheduled Event",
    source: isRule ? "aws.events" : "aws.scheduler",
    account: identity.accountId,
    time: `${new Date(at).toISOString().slice(0, 19)}Z`,
    region: identity.region,
    resources: [arn],
    detail: isRule ? {} : "{}",
  };
}

/** JSON text. `now`: when the event was taken up. */
export function ruleInput(target: TriggerTarget, arn: string, event: TriggerEvent, now: EpochMs): string {
  const { input, inputPath, inputTransformer } = target;
  if (input !== undefined) return input;
  if (inputPath !== undefined) {
    const found = compileJsonPath(inputPath).read(event);
    return JSON.stringify(found.found ? found.value : {});
  }
  if (inputTransformer === undefined) return JSON.stringify(event);
  const { detail: _, ...withoutDetail } = event;
  const values = new Map<string, Json>([
    ["aws.events.rule-arn", arn],
    ["aws.events.rule-name", arn.slice(arn.lastIndexOf("/") + 1)],
    ["aws.events.event.ingestion-time", new Date(now).toISOString()],
    ["aws.events.event", withoutDetail],
    ["aws.events.event.json", event],
  ]);
  for (const [name, path] of Object.entries(inputTransformer.inputPathsMap)) {
    const found = compileJsonPath(path).read(event);
    if (found.found) values.set(name, found.value);
  }
  return filledTemplate(inputTransformer.inputTemplate, (name) => values.get(name) ?? "");
}

/** JSON text. EventBridge Scheduler User Guide, "Adding context attributes". */
export function scheduleInput(target: TriggerTarget, arn: string, event: TriggerEvent, executionId: string): string {
  const values: Readonly<Record<string, string>> = {
    "schedule-arn": arn,
    "scheduled-time": event.time,
    "execution-id": executionId,
    "attempt-number": "1",
  };
  return (target.input ?? JSON.stringify(event)).replace(
    /<aws\.scheduler\.([a-z-]+)>/g,
    (whole, name: string) => values[name] ?? whole,
  );
}

/** `"`…`"`, a placeholder, or anything else up to the next of them. */
const PIECES = /"(?:[^"\\]|\\[\s\S])*"|<[^<>"]*>|[^"<]+|["<]/g;
const PLACEHOLDER = /<([^<>"]*)>/g;

/** Inside of quotes a value becomes part of the text; elsewhere it is JSON. */
export function filledTemplate(template: string, given: (name: string) => Json): string {
  return template.replace(PIECES, (piece) => {
    if (piece.startsWith('"')) return piece.replace(PLACEHOLDER, (_, name: string) => quoted(given(name)));
    const [, name] = /^<([^<>"]*)>$/.exec(piece) ?? [];
    return name === undefined ? piece : JSON.stringify(given(name));
  });
}

/** As part of a text that already stands in quotes. */
function quoted(value: Json): string {
  return JSON.stringify(typeof value === "string" ? value : JSON.stringify(value)).slice(1, -1);
}

const PREDEFINED = new Set([
  "aws.events.rule-arn",
  "aws.events.rule-name",
  "aws.events.event.ingestion-time",
  "aws.events.event",
  "aws.events.event.json",
]);

/** A text when a placeholder has no path. */
export function templateProblem(template: string, names: ReadonlySet<string>): string | undefined {
  for (const [, name = ""] of template.matchAll(PLACEHOLDER))
    if (!names.has(name) && !PREDEFINED.has(name)) return `<${name.slice(0, 60)}> is not in the paths map`;
  return undefined;
}
