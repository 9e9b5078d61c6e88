/** Which retrier or catcher of a state an error falls to. ASL spec, "Errors": names, and the wildcards that match them. */

export interface Matched {
  /** From 1, as people count. */
  readonly number: number;
  readonly source: Readonly<Record<string, unknown>>;
  /** The names it lists. */
  readonly errors: readonly string[];
}

/** States.TaskFailed is every error but a timeout. */
const NOT_TASK_FAILED = new Set(["States.Timeout"]);
/** States.ALL does not catch these two. */
const NOT_ALL = new Set(["States.DataLimitExceeded", "States.Runtime"]);

const matches = (name: string, error: string, isTaken: boolean): boolean =>
  name === error ||
  (name === "States.ALL" && !NOT_ALL.has(error)) ||
  (name === "States.TaskFailed" && !NOT_TASK_FAILED.has(error) && !NOT_ALL.has(error)) ||
  // A missed heartbeat is recorded as a timeout: only where the run went tells which of the two it was.
  (name === "States.HeartbeatTimeout" && error === "States.Timeout" && isTaken);

/** The first entry of `Retry` or `Catch` that lists the error; with `next`, the first of those that lead there. */
export function matchingHandler(list: unknown, error: string, next?: string): Matched | undefined {
  if (!Array.isArray(list)) return undefined;
  for (const [index, source] of list.entries()) {
    if (typeof source !== "object" || source === null) continue;
    const errors = namesOf((source as Record<string, unknown>)["ErrorEquals"]);
    if (next !== undefined && (source as Record<string, unknown>)["Next"] !== next) continue;
    if (errors.some((name) => matches(name, error, next !== undefined))) return { number: index + 1, source, errors };
  }
  return undefined;
}

function namesOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((name) => typeof name === "string") : [];
}
