/** What one commit of a run says of its children, and what is done after it. */
import type { EpochMs, ExecutionStart } from "@stepwell/core";
import type { ImmediateChild } from "../ports/map-run-host.ts";
import type { BegunAgainChild, BegunChild, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";
import { ImmediateStart } from "./child-start.ts";
import type { EndedChild } from "./open-children.ts";

export interface Slice {
  readonly begun: BegunChild[];
  readonly begunAgain: BegunAgainChild[];
  readonly ended: EndedChild[];
  /** Called when it is committed. */
  readonly committed: (() => void)[];
  /** Who is told of its children when it is committed, in order. */
  readonly told: Told[];
  readonly toBegin: { readonly index: number; readonly start: ExecutionStart }[];
  readonly toRedrive: StoredChild[];
}

/** Is told of so many of the children that begin in the slice, from one on: what each began with. */
interface Told {
  readonly tell: NonNullable<ImmediateChild["tell"]>;
  readonly from: number;
  count: number;
}

/** Of the child that was begun last. */
export function tellOfLast({ begun, told }: Slice, tell: Told["tell"]): void {
  const last = told.at(-1);
  if (last?.tell === tell) last.count += 1;
  else told.push({ tell, from: begun.length - 1, count: 1 });
}

export function tellAll(run: StoredMapRun, { begun, told, committed }: Slice, committedAt: EpochMs): void {
  for (const { tell, from, count } of told) {
    for (const { index, input, startedAt } of begun.slice(from, from + count)) {
      tell(new ImmediateStart(run, index, input, startedAt), committedAt);
    }
  }
  for (const call of committed) call();
}

export function newSlice(): Slice {
  return { begun: [], begunAgain: [], ended: [], committed: [], told: [], toBegin: [], toRedrive: [] };
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
