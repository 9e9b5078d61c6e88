/** Shows how far the runs of Distributed Maps are, while the history of their parent says nothing. */
import type { HistoryEvent } from "@stepwell/core";
import type { MapRuns } from "@stepwell/engine";
import { progressOf } from "../map-report/report-source.ts";
import { RunLine } from "./run-watch.ts";

const LOOK_MS = 500;
const BEGINS: ReadonlySet<string> = new Set(["MapRunStarted", "MapRunRedriven"]);
const ENDS: ReadonlySet<string> = new Set(["MapRunSucceeded", "MapRunFailed", "MapRunAborted"]);

export interface MapRunProgressOptions {
  readonly mapRuns: Pick<MapRuns, "describe">;
  /** `isOver`: nothing will follow. */
  readonly show: (line: string, isOver: boolean) => void;
}

interface Shown {
  readonly line: RunLine;
  readonly timer: NodeJS.Timeout;
}

export class MapRunProgress {
  readonly #options: MapRunProgressOptions;
  readonly #shown = new Map<string, Shown>();
  /** A run's end is linked to its beginning. */
  readonly #begun = new Map<number, string>();

  constructor(options: MapRunProgressOptions) {
    this.#options = options;
  }

  async note({ type, id, previousEventId, details }: HistoryEvent): Promise<void> {
    const mapRunArn = details?.["mapRunArn"];
    if (BEGINS.has(type) && typeof mapRunArn === "string") {
      this.#begun.set(id, mapRunArn);
      const timer = setInterval(() => void this.#look(mapRunArn), LOOK_MS).unref();
      this.#shown.set(mapRunArn, { line: new RunLine(), timer });
      return;
    }
    const begun = ENDS.has(type) ? this.#begun.get(previousEventId) : undefined;
    if (begun === undefined) return;
    clearInterval(this.#shown.get(begun)?.timer);
    await this.#look(begun);
    this.#shown.delete(begun);
  }

  close(): void {
    for (const { timer } of this.#shown.values()) clearInterval(timer);
    this.#shown.clear();
  }

  async #look(mapRunArn: string): Promise<void> {
    const run = await this.#options.mapRuns.describe(mapRunArn);
    const shown = this.#shown.get(mapRunArn);
    if (shown === undefined) return;
    const line = shown.line.of(progressOf(run), performance.now());
    this.#options.show(`  ${run.stateName}: ${line}`, run.status !== "RUNNING");
  }
}
