/** What one commit of a run says of its children, and what is done after it. */
import type { ExecutionStart } from "@stepwell/core";
import type { BegunAgainChild, BegunChild, StoredChild } from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";
import type { EndedChild } from "./open-children.ts";

export interface Slice {
  readonly begun: BegunChild[];
  readonly begunAgain: BegunAgainChild[];
  readonly ended: EndedChild[];
  /** Told when it is committed. */
  readonly told: (() => void)[];
  readonly toBegin: { readonly index: number; readonly start: ExecutionStart }[];
  readonly toRedrive: StoredChild[];
}

export function newSlice(): Slice {
  return { begun: [], begunAgain: [], ended: [], told: [], toBegin: [], toRedrive: [] };
}

export function isEmpty({ begun, begunAgain, ended }: Slice): boolean {
  return begun.length === 0 && begunAgain.length === 0 && ended.length === 0;
}

/** Whether all that is in it has happened: nothing is to be done when it is committed but to tell of it. */
export function isImmediate({ begun, begunAgain, ended, toBegin, toRedrive }: Slice): boolean {
  return begun.length > 0 && [begunAgain, ended, toBegin, toRedrive].every(({ length }) => length === 0);
}

export function begunChild(
  index: number,
  { firstItem, items, input, key }: ChildInput,
  startedAt: number,
  generation: number,
  end?: BegunChild["end"],
): BegunChild {
  const begun = { index, firstItem, items, input, startedAt, generation };
  if (key !== undefined) return { ...begun, key, ...(end === undefined ? {} : { end }) };
  return end === undefined ? begun : { index, firstItem, items, input, startedAt, generation, end };
}
