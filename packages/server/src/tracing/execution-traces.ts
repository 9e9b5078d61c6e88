/**
 * OpenTelemetry traces of executions. Spans are made from committed history and sent to an OTLP endpoint in batches;
 * OpenTelemetry is loaded with the first of them.
 */
import type { CommittedChange } from "@stepwell/engine";
import { DeliveryQueue } from "../delivery/delivery-queue.ts";
import { DropReport, type DropReportOptions } from "../delivery/drop-report.ts";
import { ExecutionTrace, type SpanRecord } from "./execution-trace.ts";
import { spanIdOf, type TraceContext, traceContextOf } from "./trace-ids.ts";

/** A span that is over, ready to be sent. */
export interface EndedSpan extends SpanRecord {
  readonly trace: TraceContext;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly attributes: { readonly [name: string]: string | number };
}

export interface SpanSender {
  send(spans: readonly EndedSpan[]): Promise<void>;
  close?(): Promise<void>;
}

export interface ExecutionTracesOptions extends Pick<DropReportOptions, "onProblem"> {
  readonly sender: SpanSender;
  /** Counts spans that were lost. */
  readonly dropped?: (count: number) => void;
}

export interface ExecutionTraces {
  /** For `onCommitted`. */
  committed(change: CommittedChange): void;
  close(timeoutMs: number): Promise<void>;
}

/** Executions followed at once, and events remembered of all; those followed longest are forgotten first. */
const EXECUTIONS_MAX = 10_000;
const EVENTS_MAX = 500_000;
const ATTEMPTS_MAX = 5;

export function createExecutionTraces(options: ExecutionTracesOptions): ExecutionTraces {
  const { sender, onProblem, dropped } = options;
  const report = new DropReport({
    what: "spans",
    ...(onProblem === undefined ? {} : { onProblem }),
    ...(dropped === undefined ? {} : { count: dropped }),
  });
  const queue = new DeliveryQueue<EndedSpan>({
    async send(batch) {
      await sender.send(batch);
      return [];
    },
    sizeOf: ({ events }) => 500 + events.length * 50,
    dropped: (count, reason) => report.dropped(count, reason),
    attemptsMax: ATTEMPTS_MAX,
  });
  const followed = new Map<string, ExecutionTrace>();
  let remembered = 0;
  const forget = (executionArn: string): void => {
    remembered -= followed.get(executionArn)?.size ?? 0;
    followed.delete(executionArn);
  };
  return {
    committed(change) {
      const { executionArn, end } = change;
      const context = traceContextOf(change);
      if (!context.sampled) return;
      const trace =
        followed.get(executionArn) ?? newTrace(change, (span) => queue.push(endedSpan(span, change, context)));
      followed.set(executionArn, trace);
      const before = trace.size;
      for (const event of change.history) trace.note(event);
      remembered += trace.size - before;
      if (end !== undefined) {
        trace.end(end.stopDate, end.status === "SUCCEEDED" ? undefined : (end.error ?? end.status));
        forget(executionArn);
      }
      const [oldest] = followed.keys();
      if (oldest !== undefined && (followed.size > EXECUTIONS_MAX || remembered > EVENTS_MAX)) forget(oldest);
    },
    async close(timeoutMs) {
      await queue.close(timeoutMs);
      await sender.close?.();
    },
  };
}

function newTrace({ start, redriveDate }: CommittedChange, write: (span: SpanRecord) => void): ExecutionTrace {
  return new ExecutionTrace(start.stateMachineName, redriveDate ?? start.startedAt, write);
}

function endedSpan(span: SpanRecord, change: CommittedChange, trace: TraceContext): EndedSpan {
  const { executionArn, stateMachineArn, redriveCount } = change;
  const { enteredEventId, parentEventId, stateType } = span;
  const parentSpanId =
    parentEventId === undefined ? trace.parentSpanId : spanIdOf(executionArn, redriveCount, parentEventId);
  return {
    ...span,
    trace,
    spanId: spanIdOf(executionArn, redriveCount, enteredEventId),
    ...(parentSpanId === undefined ? {} : { parentSpanId }),
    attributes: {
      // OpenTelemetry semantic conventions, "AWS Step Functions".
      "aws.step_functions.state_machine.arn": stateMachineArn,
      "stepwell.execution.arn": executionArn,
      ...(redriveCount === 0 ? {} : { "stepwell.execution.redrive_count": redriveCount }),
      ...(stateType === undefined ? {} : { "stepwell.state.type": stateType }),
      ...(span.error === undefined ? {} : { "error.type": span.error }),
    },
  };
}
