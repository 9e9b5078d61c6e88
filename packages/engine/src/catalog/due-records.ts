/** Records of one kind that are due at times: each is handed over when its time has come, by whoever runs. */
import type { EpochMs } from "@stepwell/core";
import type { CatalogStore, StoredRecord } from "../ports/catalog-store.ts";
import type { Clock } from "../ports/clock.ts";

export interface DueRecordsOptions {
  readonly kind: string;
  readonly store: Pick<CatalogStore, "dueRecords" | "nextDueRecord">;
  readonly clock: Clock;
  /** How long a change made by another process, or a failure, waits at most. */
  readonly lookEveryMs: number;
  /** Called before each look. */
  readonly before?: () => Promise<void>;
  /** Must store the record with another time, or none: it comes again until then. */
  readonly handle: (record: StoredRecord) => Promise<void>;
  readonly onProblem: (problem: unknown) => void;
}

const PAGE = 100;

export class DueRecords {
  readonly #options: DueRecordsOptions;
  #cancel: (() => void) | undefined;
  #running = false;
  #looking: Promise<void> = Promise.resolve();

  constructor(options: DueRecordsOptions) {
    this.#options = options;
  }

  run(): void {
    this.#running = true;
    this.look();
  }

  async stop(): Promise<void> {
    this.#running = false;
    this.#cancel?.();
    await this.#looking;
  }

  /** Something may be due earlier than it was. Hands over what is due, and comes back when the next is. */
  look(): void {
    if (!this.#running) return;
    this.#looking = this.#looking.then(async () => {
      if (!this.#running) return;
      this.#cancel?.();
      const next = await this.#handleDue().catch((problem: unknown) => {
        this.#options.onProblem(problem);
        return undefined;
      });
      if (!this.#running) return;
      const { clock, lookEveryMs } = this.#options;
      const at = Math.min(next ?? Number.POSITIVE_INFINITY, clock.now() + lookEveryMs);
      this.#cancel = clock.wakeAt(at, () => this.look());
    });
  }

  async #handleDue(): Promise<EpochMs | undefined> {
    const { kind, store, clock, before, handle } = this.#options;
    await before?.();
    const due = await store.dueRecords(kind, clock.now(), PAGE);
    for (const record of due) if (this.#running) await handle(record);
    return store.nextDueRecord(kind);
  }
}
