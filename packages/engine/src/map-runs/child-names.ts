/**
 * What the children of a run are called. Names are name-based UUIDs (as AWS's, they say version 3): a hash of the run's
 * ARN around the child's index. Whoever starts a child twice, after a restart or by mistake, finds the first one; and
 * names of one run follow each other, so that an index of names grows at its end. features.md A.15.
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
  const { base, head, tail, isExpress } = patternOf(run);
  const digits = index.toString(16).padStart(7, "0");
  const name = `${head}-${digits.slice(0, 4)}-3${digits.slice(4)}-${tail}`;
  const executionArn = `${base}${name}`;
  return { executionArn: isExpress ? `${executionArn}:${placeOf(run.key, index)}` : executionArn, name };
}

/** The index of the child with this name, which must be that of a child. */
export function childIndex(name: string): number {
  return Number.parseInt(name.slice(9, 13) + name.slice(15, 18), 16);
}

interface Pattern {
  readonly base: string;
  readonly head: string;
  readonly tail: string;
  readonly isExpress: boolean;
}

const PATTERNS_MAX = 1_000;
const patterns = new Map<string, Pattern>();

/** What the names of all children of a run have in common, made once for thousands of them. */
function patternOf(run: Named): Pattern {
  const isExpress = run.executionType === "EXPRESS";
  let pattern = patterns.get(run.mapRunArn);
  if (pattern?.isExpress !== isExpress) {
    const hex = hash("md5", run.mapRunArn);
    const base = run.stateMachineArn.replace(":stateMachine:", isExpress ? ":express:" : ":execution:");
    const tail = `8${hex.slice(8, 11)}-${hex.slice(11, 23)}`;
    pattern = { base: `${base}:`, head: hex.slice(0, 8), tail, isExpress };
    if (patterns.size >= PATTERNS_MAX) patterns.clear();
    patterns.set(run.mapRunArn, pattern);
  }
  return pattern;
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
