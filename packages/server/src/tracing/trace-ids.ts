/**
 * Names of traces and spans. They are made from what an execution is, not by chance: a task knows the span of its state
 * before that span is written, after a restart too, and a node that never saw the start writes to the same trace.
 */
import { createHash } from "node:crypto";
import type { StateVisit } from "@stepwell/engine";

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** 16 hexadecimal digits; the span that started the execution. */
  readonly parentSpanId?: string;
  readonly sampled: boolean;
}

type Visited = Pick<StateVisit, "executionArn" | "traceHeader">;

/** Of the X-Ray header that the execution was started with (features.md E.8), or its own. */
export function traceContextOf({ executionArn, traceHeader = "" }: Visited): TraceContext {
  const root = /(?:^|;)\s*Root=1-([0-9a-f]{8})-([0-9a-f]{24})/i.exec(traceHeader);
  const parent = /(?:^|;)\s*Parent=([0-9a-f]{16})/i.exec(traceHeader)?.[1];
  return {
    traceId: root === null ? digest(executionArn, 32) : `${root[1]}${root[2]}`.toLowerCase(),
    ...(root === null || parent === undefined ? {} : { parentSpanId: parent.toLowerCase() }),
    sampled: !/(?:^|;)\s*Sampled=0/i.test(traceHeader),
  };
}

/** A redrive is a span of its own; `enteredEventId` 0 is the execution itself. */
export function spanIdOf(executionArn: string, redriveCount: number, enteredEventId: number): string {
  return digest(`${executionArn}\n${redriveCount}\n${enteredEventId}`, 16);
}

/** W3C Trace Context, "traceparent Header". */
export function traceparentOf(visit: StateVisit): string {
  const { traceId, sampled } = traceContextOf(visit);
  const spanId = spanIdOf(visit.executionArn, visit.redriveCount, visit.enteredEventId);
  return `00-${traceId}-${spanId}-${sampled ? "01" : "00"}`;
}

function digest(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits);
}
