/** CloudFlow's rates (cloudflow.md 9), as token buckets; off unless the configuration turns them on. */
import { type Clock, type Executions, Rejection } from "@stepwell/engine";

interface Rate {
  readonly perSecond: number;
  readonly bucket: number;
}

const RATES: { readonly [action: string]: Rate } = {
  StartExecution: { perSecond: 100, bucket: 100 },
  StartSyncExecution: { perSecond: 1_000, bucket: 1_000 },
  DescribeExecution: { perSecond: 5, bucket: 50 },
  GetExecutionHistory: { perSecond: 5, bucket: 50 },
};
/** cloudflow.md 9: how many executions may run. */
const EXECUTIONS_MAX = 10_000;

const OTHERS: Rate = { perSecond: 2, bucket: 10 };

export class RateLimits {
  readonly #clock: Pick<Clock, "now">;
  readonly #buckets = new Map<string, { tokens: number; at: number }>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** Throws ResourceThrottled when no more executions may run. */
  async mayStart(executions: Pick<Executions, "countRunning">): Promise<void> {
    if ((await executions.countRunning()) >= EXECUTIONS_MAX) throw throttled();
  }

  /** Throws ResourceThrottled. `action` is one that exists. */
  take(action: string): void {
    const rate = Object.hasOwn(RATES, action) ? (RATES[action] ?? OTHERS) : OTHERS;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(action) ?? { tokens: rate.bucket, at: now };
    const tokens = Math.min(rate.bucket, bucket.tokens + ((now - bucket.at) / 1000) * rate.perSecond);
    this.#buckets.set(action, { tokens: Math.max(0, tokens - 1), at: now });
    if (tokens < 1) throw throttled();
  }
}

function throttled(): Rejection {
  return new Rejection("ResourceThrottled", "The request is throttled. Please try again later.");
}
