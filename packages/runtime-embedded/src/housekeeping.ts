import type { Database } from "./database.ts";

const HOUR_MS = 3_600_000;
/** Pages of 4 KiB given back in one go: about a millisecond of work. */
const SLICE_PAGES = 256;
/** Room that is left in the file for what comes next. */
const FREE_BYTES_KEPT = 16 * 1_048_576;
const FREE_SHARE_KEPT = 0.05;

export interface HousekeepingOptions {
  /** Deletes what has been kept long enough: `ExecutionEngine.deleteExpired`. */
  deleteExpired(): Promise<number>;
  /** Told of what went wrong; the next round tries again. */
  onProblem(problem: unknown): void;
  /** Default: one hour. */
  readonly everyMs?: number;
}

export interface Housekeeping {
  /** One round now. Resolves when it is done; never rejects. */
  run(): Promise<void>;
  stop(): void;
}

/** Every hour: deletes what has expired and gives the room back to the file system, a little at a time. */
export function startHousekeeping(database: Database, options: HousekeepingOptions): Housekeeping {
  let stopped = false;
  let running: Promise<void> | undefined;

  async function round(): Promise<void> {
    try {
      await options.deleteExpired();
      while (!stopped && hasRoomToGive(database) && database.shrink(SLICE_PAGES) > 0) await pause();
    } catch (problem) {
      if (!stopped) options.onProblem(problem);
    } finally {
      running = undefined;
    }
  }

  function run(): Promise<void> {
    running ??= round();
    return running;
  }

  const timer = setInterval(() => void run(), options.everyMs ?? HOUR_MS);
  timer.unref();
  return {
    run,
    stop(): void {
      stopped = true;
      clearInterval(timer);
    },
  };
}

function hasRoomToGive(database: Database): boolean {
  const { bytes, freeBytes } = database.size();
  return freeBytes > Math.max(FREE_BYTES_KEPT, bytes * FREE_SHARE_KEPT);
}

/** Others have their turn. */
function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
