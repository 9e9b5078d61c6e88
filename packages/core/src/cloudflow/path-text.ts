/** Paths of the old language, as they stand in mappings and fields (cloudflow.md 5.1): names may hold what operators are elsewhere. */
import type { PathStep } from "../data/flow-path.ts";
import { FlowExpressionError } from "./expression-tokens.ts";

export interface FlowPath {
  /** Without `$`; empty for `$` alone. */
  readonly root: string;
  readonly steps: readonly PathStep[];
}

const ROOT = /^\$([A-Za-z_][A-Za-z0-9_]*)?/;
const STEP =
  /\.(?:(\*)|([^.[\]\s'"]+))|\[\s*(?:(\*)|(-?\d{1,9})?\s*(:)?\s*(-?\d{1,9})?|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/y;

/** Throws FlowExpressionError. */
export function parsePath(text: string): FlowPath {
  const root = ROOT.exec(text);
  if (root === null) throw new FlowExpressionError(`must be a path that starts with '$', got ${JSON.stringify(text)}`);
  const steps: PathStep[] = [];
  let at = root[0].length;
  while (at < text.length) {
    STEP.lastIndex = at;
    const match = STEP.exec(text);
    const step = match === null ? undefined : stepOf(match);
    if (match === null || step === undefined) {
      throw new FlowExpressionError(`is no path at character ${at + 1}: ${JSON.stringify(text.slice(at, at + 20))}`);
    }
    steps.push(step);
    at += match[0].length;
  }
  return { root: root[1] ?? "", steps };
}

function stepOf([, every, name, all, from, colon, to, single, double]: RegExpExecArray): PathStep | undefined {
  if (every !== undefined || all !== undefined) return null;
  const text = name ?? single ?? double;
  if (text !== undefined) return name ?? text.replace(/\\(.)/gs, "$1");
  if (colon !== undefined) return { from: numberOrNull(from), to: numberOrNull(to) };
  return from === undefined ? undefined : Number(from);
}

function numberOrNull(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
