import { PerformanceObserver } from "node:perf_hooks";
import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";

/** Both halves of V8's young generation, of 16 MiB each. */
const BYTES_MAX = 32 * 2 ** 20;
/**
 * In MiB: where threads that are started later begin, for they do not grow either. With V8's own 1 MiB one that reads rows
 * spends a third of its time collecting: half of what it finds there is what it is working on.
 */
const OF_LATER_THREADS = 4;

/**
 * Keeps V8's young generation at what `--max-semi-space-size=16` gives it. That flag is read before any code of ours, and a
 * command cannot give itself flags on every system; whether the generation may still grow is asked each time it would.
 * Beyond 16 MiB it only takes memory: a Map over 1,000,000 rows takes 270 MiB with it and 380 without, and no more time
 * (docs/benchmarks.md).
 */
export function boundYoungGeneration(): void {
  setFlagsFromString(`--min-semi-space-size=${OF_LATER_THREADS}`);
  const observer = new PerformanceObserver(() => {
    if (youngBytes() < BYTES_MAX) return;
    observer.disconnect();
    setFlagsFromString("--semi-space-growth-factor=1");
  });
  observer.observe({ entryTypes: ["gc"] });
}

function youngBytes(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === "new_space")?.space_size ?? 0;
}
