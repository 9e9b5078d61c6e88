/**
 * How far a run has come, as its next commit will say: what was read, what became of the children, and whether too many
 * have failed. Counters move only together with the rows they count (design invariant 7).
 */

import { BrokenInvariant } from "../executions/assert.ts";
import type { ItemCursor } from "../ports/map-run-io.ts";
import type {
  ChildEnd,
  ChildStatus,
  MapRunLimits,
  MapRunPosition,
  MapRunVerdict,
  StoredMapRun,
} from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";
import { exceedsTolerance } from "./failure-threshold.ts";
import { Counter } from "./status-counts.ts";

export class RunProgress {
  readonly #childCounts: Counter;
  readonly #itemCounts: Counter;
  readonly #itemsTotal: number | undefined;
  readonly #itemsMax: number | undefined;
  readonly #isExported: boolean;
  #items: number;
  #children: number;
  #cursor: ItemCursor | undefined;
  /** Behind the last child that was begun; its cursor is made when a commit asks for it. */
  #behind: ChildInput["behind"];
  #isAtEnd: boolean;
  #outputBytes: number;
  #limits: MapRunLimits;
  #verdict: MapRunVerdict | undefined;

  /** `isExported`: outputs go into files, and nobody asks how long they are together. */
  constructor(run: StoredMapRun, isExported: boolean) {
    this.#isExported = isExported;
    this.#childCounts = new Counter(run.childCounts);
    this.#itemCounts = new Counter(run.itemCounts);
    this.#itemsTotal = run.itemsTotal;
    this.#itemsMax = run.itemsMax;
    this.#items = run.position.items;
    this.#children = run.position.children;
    this.#cursor = run.position.cursor;
    this.#isAtEnd = run.position.isAtEnd;
    this.#outputBytes = run.outputBytes;
    this.#limits = run.limits;
    this.#verdict = run.verdict;
  }

  /** Children so far: the index of the next one. */
  get children(): number {
    return this.#children;
  }

  get limits(): MapRunLimits {
    return this.#limits;
  }

  get verdict(): MapRunVerdict | undefined {
    return this.#verdict;
  }

  of(status: ChildStatus): number {
    return this.#childCounts.of(status);
  }

  limit(limits: Partial<MapRunLimits>): void {
    this.#limits = { ...this.#limits, ...limits };
  }

  /** Nothing overrules it but a later abortion. */
  abort(verdict: MapRunVerdict): void {
    this.#verdict = verdict;
  }

  fail(error: string, cause?: string): void {
    this.#verdict ??= { status: "FAILED", error, ...(cause === undefined ? {} : { cause }) };
  }

  /** The next child is begun. Gives its index. */
  begin(child: ChildInput): number {
    const index = this.#children;
    if (child.firstItem !== this.#items) throw new BrokenInvariant(`child ${index} must follow item ${this.#items}`);
    this.#items += child.items;
    this.#children += 1;
    this.#behind = child.behind;
    if (child.behind === undefined) this.#cursor = undefined;
    this.#isAtEnd = false;
    this.#childCounts.add("RUNNING", 1);
    this.#itemCounts.add("RUNNING", child.items);
    return index;
  }

  beginAgain(items: number): void {
    this.#childCounts.move("PENDING_REDRIVE", "RUNNING", 1);
    this.#itemCounts.move("PENDING_REDRIVE", "RUNNING", items);
  }

  end(items: number, { status, output }: ChildEnd): void {
    this.#childCounts.move("RUNNING", status, 1);
    this.#itemCounts.move("RUNNING", status, items);
    if (status !== "SUCCEEDED") this.#checkTolerance();
    else if (output !== undefined && !this.#isExported) this.#outputBytes += Buffer.byteLength(output);
  }

  /** Whether all items belong to a child now. */
  read(isAtEnd: boolean): void {
    this.#isAtEnd = isAtEnd;
    if (isAtEnd) this.#checkTolerance();
  }

  /**
   * As long as nobody knows how many items there are, a percentage is exceeded only when it is one of the most there can
   * be: a run does not fail for items that may still come and succeed.
   */
  #checkTolerance(): void {
    const total = this.#itemsTotal ?? (this.#isAtEnd ? this.#items : this.#itemsMax);
    if (!exceedsTolerance(this.#limits, this.#itemCounts.failed, total)) return;
    this.fail("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded");
  }

  get #position(): MapRunPosition {
    if (this.#behind !== undefined) this.#cursor = this.#behind.cursor;
    this.#behind = undefined;
    const cursor = this.#cursor;
    return {
      items: this.#items,
      children: this.#children,
      ...(cursor === undefined ? {} : { cursor }),
      isAtEnd: this.#isAtEnd,
    };
  }

  /** The run with all that has happened. */
  appliedTo(run: StoredMapRun): StoredMapRun {
    if (this.#childCounts.total !== this.#children || this.#itemCounts.total !== this.#items) {
      throw new BrokenInvariant("the counters of a map run must add up to what was read");
    }
    return {
      ...run,
      limits: this.#limits,
      position: this.#position,
      childCounts: this.#childCounts.counts,
      itemCounts: this.#itemCounts.counts,
      outputBytes: this.#outputBytes,
      ...(this.#verdict === undefined ? {} : { verdict: this.#verdict }),
    };
  }
}
