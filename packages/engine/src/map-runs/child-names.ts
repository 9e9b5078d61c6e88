/**
 * What the children of a run are called. Names are name-based UUIDs of the run's ARN and the child's index: whoever
 * starts a child twice, after a restart or by mistake, finds the first one. features.md A.15.
 */
import { hash } from "node:crypto";
import type { StoredMapRun } from "../ports/map-run-store.ts";

type Named = Pick<StoredMapRun, "mapRunArn" | "stateMachineArn" | "executionType" | "key">;

export interface ChildName {
  readonly executionArn: string;
  /** `$$.Execution.Name`. */
  readonly name: string;
}

export function childName(run: Named, index: number): ChildName {
  const name = nameBasedUuid(`${run.mapRunArn}#${index}`);
  const isExpress = run.executionType === "EXPRESS";
  const base = run.stateMachineArn.replace(":stateMachine:", isExpress ? ":express:" : ":execution:");
  const executionArn = `${base}:${name}`;
  return { executionArn: isExpress ? `${executionArn}:${placeOf(run.key, index)}` : executionArn, name };
}

/** A version 3 UUID, as Java makes it of a name without a name space. */
function nameBasedUuid(text: string): string {
  const hex = hash("md5", text);
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-3${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}

const KEY_DIGITS = 12;

/**
 * What tells Express children of one name apart. AWS has a random UUID there; this one (version 8: its bits are the
 * maker's own, RFC 9562) says where the child is stored, for Express children have no other index.
 */
function placeOf(key: number, index: number): string {
  const run = key.toString(16).padStart(KEY_DIGITS, "0");
  return `${run.slice(0, 8)}-${run.slice(8)}-8000-8000-${index.toString(16).padStart(12, "0")}`;
}

const EXPRESS_CHILD = /:express:[^:]+\/[^:]+:[^:]+:([0-9a-f]{8})-([0-9a-f]{4})-8000-8000-([0-9a-f]{12})$/;

/** Where an Express child of that ARN would be; `undefined` when it is not the ARN of one. */
export function placeOfExpressChild(
  executionArn: string,
): { readonly key: number; readonly index: number } | undefined {
  const match = EXPRESS_CHILD.exec(executionArn);
  if (match === null) return undefined;
  return { key: Number.parseInt(`${match[1]}${match[2]}`, 16), index: Number.parseInt(match[3] as string, 16) };
}
