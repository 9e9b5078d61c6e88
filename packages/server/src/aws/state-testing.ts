import type { ExecutionLimits, StateTestSurroundings } from "@stepwell/core";
import type { AwsIdentity, Clock, Ids, LongWork, TaskOutcome, TaskRequest, TaskRouter } from "@stepwell/engine";

/** What TestState needs beside the state. */
export interface StateTesting {
  readonly identity: AwsIdentity;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly limits: ExecutionLimits;
  /** Time passes when nothing else can happen: a Wait is over at once, and a Task has its time by real clocks. */
  readonly virtualTime?: boolean;
  /** For expressions that take long; absent: they are evaluated on the calling thread. */
  readonly long?: LongWork;
  /** Resources need not be AWS ARNs. */
  readonly lenientResources?: boolean;
  /** Really performs a Task; `signal` aborts when nobody waits for it any more. Absent: Tasks need a mock. */
  readonly performTask?: PerformTask;
  /** Holds mocked results against the API that is mocked. Absent: anything goes. */
  readonly mockResultProblem?: NonNullable<StateTestSurroundings["mockResultProblem"]>;
}

export type PerformTask = (request: TaskRequest, signal: AbortSignal) => Promise<TaskOutcome>;

/** Performs tasks as executions do. */
export function performWith(router: TaskRouter): PerformTask {
  return async (request, signal) => {
    const connector = router.connectorFor(request);
    if (connector !== undefined) return connector.start(request, signal);
    const cause = `The resource ${request.resource.arn} is not supported by this version of Stepwell`;
    return { kind: "failed", error: "States.Runtime", cause };
  };
}
