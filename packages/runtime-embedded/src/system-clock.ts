import type { EpochMs } from "@stepwell/core";
import type { Clock } from "@stepwell/engine";

/** A sleep is cut into pieces no longer than this, so that a clock that was set forward is noticed. */
const SLEEP_MS_MAX = 30_000;

/** The operating system's clock. */
export class SystemClock implements Clock {
  now(): EpochMs {
    return Date.now();
  }

  wakeAt(at: EpochMs, wake: () => void): () => void {
    let timer: NodeJS.Timeout;
    const sleep = (): void => {
      const left = at - Date.now();
      // Timers may come a little early, and the clock may have been set back: never before its time.
      timer = setTimeout(() => (Date.now() >= at ? wake() : sleep()), Math.min(Math.max(left, 0), SLEEP_MS_MAX));
    };
    sleep();
    return () => clearTimeout(timer);
  }
}
