/**
 * The children of a run that are under way: sent to the engine, waited for, stopped; found again after a restart.
 *
 * O1. What is in memory of an open child is its index. Its row was committed before it is sent.
 * O2. A child ends once; an end that comes twice, or of a child that is not open, is nobody's.
 */
import type { ExecutionStart } from "@stepwell/core";
import { assert } from "../executions/assert.ts";
import type { ChildExecutions, ChildFamily } from "../ports/map-run-host.ts";
import type { ChildEnd, MapRunStore, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import type { EndRecord } from "../ports/store.ts";
import { childIndex, childName } from "./child-names.ts";
import { childStart } from "./child-start.ts";

/** Starts on their way to the engine: more would only wait there. */
const SENDING_MAX = 1_000;
/** AWS's. features.md A.11. */
const CONCURRENCY_MAX = 10_000;
/** Children looked for at once after a restart. */
const PAGE = 500;

interface OpenChild {
  readonly items: number;
  readonly executionArn: string;
  /** Its end is known, but not committed. */
  hasEnded: boolean;
}

export interface EndedChild {
  readonly index: number;
  readonly end: ChildEnd;
}

export interface OpenChildrenParts {
  readonly run: StoredMapRun;
  readonly family: ChildFamily;
  readonly children: ChildExecutions;
  readonly store: Pick<MapRunStore, "children">;
  /** Called when there is something to do: an end to count, or room. */
  news(): void;
}

export class OpenChildren {
  readonly #parts: OpenChildrenParts;
  readonly #open = new Map<number, OpenChild>();
  #ended: EndedChild[] = [];
  #areStopped = false;
  #sending = 0;

  constructor(parts: OpenChildrenParts) {
    this.#parts = parts;
  }

  /** Neither open, nor ended and not yet counted. */
  get areNone(): boolean {
    return this.#open.size === 0 && this.#ended.length === 0;
  }

  get hasEnds(): boolean {
    return this.#ended.length > 0;
  }

  /** How many more may be begun. `maxConcurrency` 0: as many as the service runs at once. */
  room(maxConcurrency: number): number {
    const open = maxConcurrency === 0 ? CONCURRENCY_MAX : Math.min(maxConcurrency, CONCURRENCY_MAX);
    return Math.min(open - this.#open.size, SENDING_MAX - this.#sending);
  }

  /** It counts as open from now on; it is sent after the commit. */
  add(index: number, items: number): void {
    const { executionArn } = childName(this.#parts.run, index);
    this.#open.set(index, { items, executionArn, hasEnded: false });
    this.#sending += 1;
  }

  send(index: number, start: ExecutionStart): void {
    this.#sent(index, start.executionArn, this.#parts.children.begin(this.#parts.family, start));
  }

  sendAgain(child: StoredChild): void {
    this.#sent(child.index, childName(this.#parts.run, child.index).executionArn, this.#beginAgain(child));
  }

  #sent(index: number, executionArn: string, begun: Promise<void>): void {
    begun
      .catch((error: unknown) => this.#notBegun(index, executionArn, error))
      .finally(() => {
        this.#sending -= 1;
        // There may be room again.
        if (this.#sending <= SENDING_MAX / 2) this.#parts.news();
      });
  }

  /** Standard: it goes on where it failed. Express: it starts anew. features.md A.18. */
  async #beginAgain(child: StoredChild): Promise<void> {
    const { children, family, run } = this.#parts;
    const start = this.#startOf(child);
    const state = await children.find(start.executionArn);
    if (state === undefined) return children.begin(family, start);
    if (run.executionType === "STANDARD") return children.redrive(start.executionArn);
    await children.forget([start.executionArn]);
    return children.begin(family, start);
  }

  #startOf({ index, input, redrivenAt, startedAt }: StoredChild): ExecutionStart {
    return childStart(this.#parts.run, index, input, redrivenAt ?? startedAt);
  }

  /** A bug of ours, or a store that was away for long: the child failed, and the run says so. */
  #notBegun(index: number, executionArn: string, error: unknown): void {
    const { children } = this.#parts;
    children.problem(error, executionArn);
    const cause = "The child workflow execution could not be started.";
    this.#end(index, { status: "FAILED", stoppedAt: children.now(), error: "States.Runtime", cause });
  }

  childEnded(executionName: string, end: EndRecord): void {
    this.#end(childIndex(executionName), childEndOf(end));
  }

  #end(index: number, end: ChildEnd): void {
    const child = this.#open.get(index);
    if (child === undefined || child.hasEnded) return;
    child.hasEnded = true;
    this.#ended.push({ index, end });
    this.#parts.news();
  }

  /** Ends that came, in their order, with the items of their children: no longer open. */
  takeEnded(max: number): (EndedChild & { readonly items: number })[] {
    return this.#ended.splice(0, max).map((ended) => {
      const child = this.#open.get(ended.index);
      assert(child !== undefined, "a child that ends must be open");
      this.#open.delete(ended.index);
      return { ...ended, items: child.items };
    });
  }

  /** The run is lost: its open children are stopped, once. Their ends come as all ends do. */
  stopAll(): void {
    if (this.#areStopped) return;
    this.#areStopped = true;
    for (const [index, { executionArn, hasEnded }] of this.#open) {
      if (hasEnded) continue;
      const stopped = this.#parts.children.stop(executionArn);
      stopped.catch((error: unknown) => this.#notBegun(index, executionArn, error));
    }
  }

  /** After a restart: the children that were open. They may have ended meanwhile, or never have begun. */
  async takeUp(isHalted: () => boolean): Promise<void> {
    const { run, store, children } = this.#parts;
    let after: number | undefined;
    do {
      const behind = after === undefined ? {} : { after };
      const page = await store.children(run.key, { statuses: ["RUNNING"], limit: PAGE, texts: true, ...behind });
      for (const { index, items } of page) this.add(index, items);
      for (const child of page) await this.#takeUpChild(child);
      after = page.length < PAGE ? undefined : page.at(-1)?.index;
      await new Promise<void>((resolve) => children.later(resolve));
    } while (after !== undefined && !isHalted());
  }

  async #takeUpChild(child: StoredChild): Promise<void> {
    const { run, children } = this.#parts;
    const state = await children.find(childName(run, child.index).executionArn);
    if (state === undefined) {
      this.send(child.index, this.#startOf(child));
      return;
    }
    if (state.end !== undefined && isOld(run, child, state)) {
      this.sendAgain(child);
      return;
    }
    this.#sending -= 1;
    if (state.end !== undefined) this.childEnded(state.start.executionName, state.end);
  }
}

/** What ended may be what was there before a redrive that did not get any further. */
function isOld(
  { executionType }: StoredMapRun,
  child: StoredChild,
  { start, redriveCount }: { readonly start: ExecutionStart; readonly redriveCount: number },
): boolean {
  if (executionType === "STANDARD") return redriveCount < child.redriveCount;
  return child.redrivenAt !== undefined && start.startedAt < child.redrivenAt;
}

export function childEndOf({ stopDate, status, output, error, cause }: EndRecord): ChildEnd {
  if (status === "SUCCEEDED" && output !== undefined) return { status, stoppedAt: stopDate, output };
  return {
    status,
    stoppedAt: stopDate,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
}
