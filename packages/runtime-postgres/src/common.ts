/** What thousands of executions have in common: looked up by what is at hand, not made of long texts for each of them. */
import type { OverNothing } from "@stepwell/engine";
import { contentId } from "./content-ids.ts";
import { known, type Origin, originOf, splitArn } from "./execution-rows.ts";

const REVISIONS_MAX = 1_000;

export interface Common {
  /** The first part of their ARNs. */
  readonly scope: string;
  readonly scopeId: Buffer;
  readonly stateMachineArn: string;
  readonly origin: string;
  readonly originId: Buffer;
}

interface Seen extends Common {
  readonly of: Origin;
}

/** Of each revision the last that was seen. */
const seen = new Map<string, Seen>();

/** Texts and their ids for an execution that begins. */
export function commonOf(executionArn: string, over: OverNothing): Common {
  const last = seen.get(over.revisionKey);
  if (last !== undefined && isOf(last, executionArn, over.start)) return last;
  const scope = known(splitArn(executionArn)).prefix;
  const of = originOf(over);
  const origin = JSON.stringify(of);
  const { stateMachineArn } = of;
  const made = { scope, scopeId: contentId(scope), stateMachineArn, origin, originId: contentId(origin), of };
  if (seen.size >= REVISIONS_MAX) seen.clear();
  seen.set(over.revisionKey, made);
  return made;
}

function isOf({ scope, of }: Seen, executionArn: string, start: OverNothing["start"]): boolean {
  return (
    start.stateMachineArn === of.stateMachineArn &&
    start.stateMachineVersionArn === of.stateMachineVersionArn &&
    start.stateMachineAliasArn === of.stateMachineAliasArn &&
    start.mapRunArn === of.mapRunArn &&
    start.roleArn === of.roleArn &&
    start.type === of.type &&
    (start.forkOf === undefined) === (of.isFork === undefined) &&
    executionArn.startsWith(scope) &&
    executionArn[scope.length] === ":"
  );
}
