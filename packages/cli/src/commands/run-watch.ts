import { RunRate } from "@stepwell/server/in-process";
import type { RunProgress } from "../map-report/report-source.ts";

export interface RunWatchOptions {
  readonly write: (text: string) => void;
  /** True on a terminal: the line is rewritten. */
  readonly live: boolean;
  /** Milliseconds, from any origin. */
  readonly now: () => number;
}

/** A line that says how far a run of a Distributed Map is: counts, rate, and when it will be over if it goes on so. */
export class RunLine {
  readonly #rate = new RunRate();

  /** `at`: milliseconds, from any origin. */
  of({ done, running, failed, total, status }: RunProgress, at: number): string {
    const ended = done + failed;
    const rate = this.#rate.note(at, ended);
    const isOver = status !== "RUNNING";
    const left = rate > 0 && !isOver && total > ended ? `, ${duration((total - ended) / rate)} left` : "";
    const counts = `${done} done, ${running} running, ${failed} failed, ${total} in all`;
    return `${isOver ? `${status}: ` : ""}${counts}, ${rate.toFixed(rate < 10 ? 1 : 0)}/s${left}`;
  }
}

/** Shows it, again and again. */
export class RunWatch {
  readonly #options: RunWatchOptions;
  readonly #line = new RunLine();

  constructor(options: RunWatchOptions) {
    this.#options = options;
  }

  show(progress: RunProgress): void {
    const { live, now, write } = this.#options;
    const line = this.#line.of(progress, now());
    write(live ? `\r\x1b[2K${line}${progress.status === "RUNNING" ? "" : "\n"}` : `${line}\n`);
  }
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes} min ${whole % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
