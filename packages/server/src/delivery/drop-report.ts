export interface DropReportOptions {
  /** What gets lost, for the message: "execution log entries". */
  readonly what: string;
  readonly count?: (dropped: number) => void;
  readonly onProblem?: (problem: unknown, about: string) => void;
  readonly now?: () => number;
}

const QUIET_MS = 60_000;

/** Counts losses, and tells of them once a minute at most: a destination that is away must not fill the log. */
export class DropReport {
  readonly #options: DropReportOptions;
  #untold = 0;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: DropReportOptions) {
    this.#options = options;
  }

  dropped(count: number, reason: unknown): void {
    const { what, onProblem, now = Date.now } = this.#options;
    this.#options.count?.(count);
    this.#untold += count;
    if (now() - this.#toldAt < QUIET_MS) return;
    onProblem?.(reason, `${this.#untold} ${what} were dropped`);
    this.#untold = 0;
    this.#toldAt = now();
  }
}
