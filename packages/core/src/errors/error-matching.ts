import type { Catcher, Retrier } from "../definition/state-machine.ts";

/** What a retrier or catcher is held against. */
export interface Raised {
  readonly error?: string;
  readonly heartbeat?: true;
}

/** The first retrier that names the error, or its wildcard; -1 when none does. */
export function matchingRetrier(retriers: readonly Retrier[], raised: Raised): number {
  return retriers.findIndex((retrier) => matches(retrier.errorEquals, raised));
}

export function matchingCatcher(catchers: readonly Catcher[], raised: Raised): number {
  return catchers.findIndex((catcher) => matches(catcher.errorEquals, raised));
}

/**
 * States.ALL matches everything that may be handled at all; States.TaskFailed everything but States.Timeout.
 * A missed heartbeat is a States.Timeout that States.HeartbeatTimeout matches too. features.md A.8.
 */
function matches(errorEquals: readonly string[], { error, heartbeat }: Raised): boolean {
  return errorEquals.some(
    (name) =>
      name === error ||
      name === "States.ALL" ||
      (name === "States.TaskFailed" && error !== "States.Timeout") ||
      (name === "States.HeartbeatTimeout" && heartbeat === true),
  );
}

/**
 * The delay before a retry, in milliseconds. `attempt` counts from 1; `random` is in [0, 1) and used by jitter only.
 * ASL spec, "Retrier"; features.md A.9.
 */
export function retryDelayMs(retrier: Retrier, attempt: number, random: () => number): number {
  const seconds = Math.min(
    retrier.intervalSeconds * retrier.backoffRate ** (attempt - 1),
    retrier.maxDelaySeconds ?? DELAY_SECONDS_MAX,
  );
  return Math.round((retrier.jitterStrategy === "FULL" ? seconds * random() : seconds) * 1000);
}

/** AWS's largest MaxDelaySeconds: a retry never waits longer than about a year. */
const DELAY_SECONDS_MAX = 31_622_400;
