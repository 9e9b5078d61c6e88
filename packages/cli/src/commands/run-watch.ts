import type { RunProgress } from "../map-report/report-source.ts";

export interface RunWatchOptions {
  readonly write: (text: string) => void;
  /** True on a terminal: the line is rewritten. */
  readonly live: boolean;
  /** Milliseconds, from any origin. */
  readonly now: () => number;
}

/** How far back the rate looks. */
const RATE_MS = 10_000;

/** Shows how far a run of a Distributed Map is: counts, rate, and when it will be over if it goes on so. */
export class RunWatch {
  readonly #options: RunWatchOptions;
  readonly #seen: { readonly at: number; readonly ended: number }[] = [];

  constructor(options: RunWatchOptions) {
    this.#options = options;
  }

  show(progress: RunProgress): void {
    const { done, running, failed, total, status } = progress;
    const ended = done + failed;
    const rate = this.#rate(ended);
    const isOver = status !== "RUNNING";
    const left = rate > 0 && !isOver ? `, ${duration((total - ended) / rate)} left` : "";
    const counts = `${done} done, ${running} running, ${failed} failed, ${total} in all`;
    const line = `${isOver ? `${status}: ` : ""}${counts}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${left}`;
    this.#options.write(this.#options.live ? `\r\x1b[2K${line}${isOver ? "\n" : ""}` : `${line}\n`);
  }

  /** Items ended in a second, of late. */
  #rate(ended: number): number {
    const at = this.#options.now();
    this.#seen.push({ at, ended });
    while (this.#seen.length > 2 && at - (this.#seen[1]?.at ?? at) > RATE_MS) this.#seen.shift();
    const first = this.#seen[0];
    return first === undefined || first.at === at ? 0 : ((ended - first.ended) * 1_000) / (at - first.at);
  }
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
