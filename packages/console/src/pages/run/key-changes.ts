/** What became of the members of a payload from one side of a state to the other. */
import { sameJson } from "../../ui/json-diff.ts";
import { isJsonObject, type Json } from "../../ui/json-value.ts";

export interface KeyChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
  /** No member of an object before is left: not a change but another payload. */
  readonly replaced: boolean;
}

export function keyChanges(before: Json, after: Json): KeyChanges {
  if (!isJsonObject(before) || !isJsonObject(after)) {
    const removed = isJsonObject(before) ? Object.keys(before) : [];
    const added = isJsonObject(after) ? Object.keys(after) : [];
    return { added, removed, changed: [], replaced: !sameJson(before, after) };
  }
  const added = Object.keys(after).filter((name) => !Object.hasOwn(before, name));
  const removed = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const kept = Object.keys(after).filter((name) => Object.hasOwn(before, name));
  const changed = kept.filter((name) => !sameJson(before[name] as Json, after[name] as Json));
  return { added, removed, changed, replaced: kept.length === 0 && removed.length > 0 };
}
