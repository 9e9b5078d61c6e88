import type { CommittedChange } from "@stepwell/engine";

/**
 * Whether a crash right after a commit is worth a try. When a worker takes an activity's task it must live: the workers
 * of mocked activities are in the process that would be killed, and a service cannot save the task of a dead worker.
 */
export function isCrashPoint({ history }: CommittedChange): boolean {
  return history.at(-1)?.type !== "ActivityStarted";
}
