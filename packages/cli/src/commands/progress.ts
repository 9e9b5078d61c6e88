import type { HistoryEvent } from "@stepwell/core";

interface MapProgress {
  readonly name: string;
  readonly total: number;
  done: number;
  failed: number;
  /** Items that met an error which the workflow caught. */
  readonly caught: Set<number>;
}

export interface ProgressOptions {
  readonly write: (text: string) => void;
  /** True on a terminal: the line of a Map is rewritten. */
  readonly live: boolean;
  /** Milliseconds, from any origin. */
  readonly clock?: () => number;
}

/** Shows an execution as it goes: one line a state, and one line for the items of a Map. */
export class ProgressView {
  readonly #options: ProgressOptions;
  readonly #clock: () => number;
  readonly #startedAt: number;
  /** Which Map an event belongs to, and which of its items: followed along the links between events. */
  readonly #items: Map<number, { readonly map: MapProgress; readonly index: number }> = new Map();
  #announced: { readonly total: number; readonly eventId: number } | undefined;
  #map: MapProgress | undefined;
  #lineOpen = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#clock = options.clock ?? (() => performance.now());
    this.#startedAt = this.#clock();
  }

  show(event: HistoryEvent): void {
    const details = event.details ?? {};
    const name = String(details["name"] ?? "");
    const item = this.#items.get(event.previousEventId);
    if (item !== undefined) this.#items.set(event.id, item);
    if (event.type === "MapStateStarted" && item === undefined) {
      this.#announced = { total: Number(details["length"] ?? 0), eventId: event.id };
    } else if (event.type === "MapIterationStarted" && this.#announced !== undefined) {
      this.#map ??= { name, total: this.#announced.total, done: 0, failed: 0, caught: new Set() };
      if (name === this.#map.name) this.#items.set(event.id, { map: this.#map, index: Number(details["index"]) });
    } else if (event.type === "MapStateExited" && name === this.#map?.name) {
      this.#map = undefined;
      this.#items.clear();
    } else if (item !== undefined) this.#showItem(event, name, item);
    else if (event.type.endsWith("StateEntered")) this.#line(`→ ${name}`);
    else if (FAILURES.has(event.type)) this.#line(`  ${event.type}: ${String(details["error"] ?? "")}`);
  }

  /** How far the run of a Distributed Map is. Where lines are not rewritten, its end only. */
  showMapRun(text: string, isOver: boolean): void {
    if (isOver) this.#line(text);
    else if (this.#options.live) this.#rewrite(text);
  }

  /** Ends the line in progress. */
  close(): void {
    if (this.#lineOpen) this.#options.write("\n");
    this.#lineOpen = false;
  }

  #showItem(event: HistoryEvent, name: string, { map, index }: { map: MapProgress; index: number }): void {
    if (FAILURES.has(event.type)) map.caught.add(index);
    if (name !== map.name) return;
    if (event.type === "MapIterationSucceeded") map.done += 1;
    else if (event.type === "MapIterationFailed" || event.type === "MapIterationAborted") map.failed += 1;
    else return;
    const finished = map.done + map.failed;
    const caught = map.caught.size === 0 ? "" : `, ${map.caught.size} with a caught error`;
    const text = `  ${map.name}: ${map.done} of ${map.total} items done${caught}, ${map.failed} failed`;
    if (finished < map.total && this.#options.live) this.#rewrite(text);
    else if (finished === map.total || finished % LINE_EVERY === 0) this.#line(text);
  }

  #rewrite(text: string): void {
    this.#options.write(`\r\x1b[2K${this.#stamp()} ${text}`);
    this.#lineOpen = true;
  }

  #line(text: string): void {
    this.#options.write(`${this.#lineOpen ? "\r\x1b[2K" : ""}${this.#stamp()} ${text}\n`);
    this.#lineOpen = false;
  }

  #stamp(): string {
    return `${((this.#clock() - this.#startedAt) / 1000).toFixed(1).padStart(6)}s`;
  }
}

/** Where lines are not rewritten, one for so many items. */
const LINE_EVERY = 10;

const FAILURES: ReadonlySet<string> = new Set([
  "TaskFailed",
  "TaskTimedOut",
  "LambdaFunctionFailed",
  "LambdaFunctionTimedOut",
  "ActivityFailed",
  "ActivityTimedOut",
  "EvaluationFailed",
]);
