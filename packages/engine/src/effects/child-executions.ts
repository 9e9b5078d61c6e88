/** The children of Distributed Maps, run by the engine as any execution is, in its groups. */
import type { ExecutionStart } from "@stepwell/core";
import type { MachineSource } from "../catalog/resolved-machine.ts";
import type { ExecutionSettings } from "../executions/engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import { type DecisionContext, LiveExecution } from "../executions/live-execution.ts";
import type { Consequences } from "../executions/uncommitted.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import { childFamily } from "../map-runs/child-machine.ts";
import type { Clock, Ids } from "../ports/clock.ts";
import type { ChildExecutions, ChildFamily, ChildState, ImmediateChild } from "../ports/map-run-host.ts";
import { CommitConflict, type EndRecord, type ExecutionStore, type StoredExecution } from "../ports/store.ts";

export interface ChildExecutionsPorts {
  readonly loop: ExecutionLoop;
  readonly store: ExecutionStore;
  readonly machines: MachineSource;
  readonly context: DecisionContext;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
  /** Tells who listens to commits. */
  tell(live: LiveExecution, consequences: Consequences): void;
}

/** The engine as the runs of Distributed Maps use it. */
export function childExecutions(ports: ChildExecutionsPorts): ChildExecutions {
  const { loop, store, machines, context, clock, ids, settings, work } = ports;
  const begin = (family: ChildFamily, start: ExecutionStart, missing?: ReadonlySet<string>): LiveExecution =>
    LiveExecution.begin(context, family.machine, { start, revisionKey: family.revisionKey }, context.facts(missing));
  return {
    runAtOnce(family, start): ImmediateChild | undefined {
      const live = begin(family, start);
      if (live.isRunning) return undefined;
      const consequences = live.committed(0);
      const { end } = consequences;
      return end === undefined ? undefined : { end, tell: () => ports.tell(live, consequences) };
    },
    async begin(family, start): Promise<void> {
      try {
        await loop.begin(start.executionArn, family.machine, (missing) => begin(family, start, missing));
      } catch (error) {
        if (!(error instanceof CommitConflict)) throw error;
      }
    },
    redrive: (executionArn) =>
      loop.deliver(executionArn, (live) => {
        if (!live.isRunning) live.redrive(undefined);
      }),
    forget: (executionArns) => store.delete(executionArns),
    stop: (executionArn) =>
      loop.deliver(executionArn, (live) => {
        if (live.isRunning) live.apply({ kind: "Stopped" });
      }),
    async find(executionArn): Promise<ChildState | undefined> {
      const execution = await store.describe(executionArn);
      return execution && stateOf(execution);
    },
    async familyOf(revisionKey, stateName): Promise<ChildFamily> {
      const { machine } = await machines.machineOfRevision(revisionKey);
      return childFamily(machine, revisionKey, stateName);
    },
    async awaits(executionArn, mapRunArn): Promise<boolean> {
      try {
        return await loop.deliver(executionArn, (live) => live.isRunning && live.awaitsMapRun(mapRunArn));
      } catch (error) {
        if (error instanceof ExecutionMissing) return false;
        throw error;
      }
    },
    during: (promise) => work.during(promise),
    later: (run) => settings.later(run),
    now: () => clock.now(),
    wakeAt: (at, wake) => clock.wakeAt(at, wake),
    seed: () => ids.seed(),
    uuid: () => ids.uuid(),
    payloadBytesMax: settings.limits.payloadBytesMax,
    problem: (problem, about) => settings.onProblem(problem, about),
  };
}

function stateOf({ start, redriveCount, status, stopDate, output, error, cause }: StoredExecution): ChildState {
  if (status === "RUNNING" || status === "PENDING_REDRIVE") return { start, redriveCount };
  const end: EndRecord = {
    status,
    stopDate: stopDate ?? start.startedAt,
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  return { start, redriveCount, end };
}
