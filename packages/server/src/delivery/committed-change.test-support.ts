import type { HistoryEvent } from "@stepwell/core";
import type { CommittedChange } from "@stepwell/engine";

/** A Standard execution that was started at 1,000,000. */
export function change(given: Partial<CommittedChange> = {}): CommittedChange {
  const executionArn = given.executionArn ?? "arn:aws:states:us-east-1:123456789012:execution:orders:one";
  const stateMachineArn = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";
  return {
    executionArn,
    stateMachineArn,
    revisionKey: "revision",
    start: {
      executionArn,
      executionName: "one",
      type: "STANDARD",
      stateMachineArn,
      stateMachineName: "orders",
      roleArn: "arn:aws:iam::123456789012:role/r",
      startedAt: 1_000_000,
      input: '{"a":1}',
    },
    history: [],
    started: false,
    redriven: false,
    redriveCount: 0,
    committedAt: 1_000_000,
    ...given,
  };
}

export function event(
  id: number,
  type: string,
  details?: HistoryEvent["details"],
  previousEventId = id - 1,
): HistoryEvent {
  return { id, previousEventId, timestamp: 1_000_000 + id, type, ...(details && { details }) };
}
