/** Hands the runs of Distributed Maps to their host and brings their ends back to the parent. */
import type { StartMapRun } from "@stepwell/core";
import { type ExecutionLoop, ExecutionMissing } from "../executions/execution-loop.ts";
import type { LiveExecution } from "../executions/live-execution.ts";
import type { MapRunHost, MapRunOutcome } from "../ports/map-run-host.ts";

export class MapRunEffects {
  readonly #loop: ExecutionLoop;
  readonly #host: MapRunHost | undefined;
  readonly #report: (problem: unknown, about: string) => void;

  constructor(loop: ExecutionLoop, host: MapRunHost | undefined, report: (problem: unknown, about: string) => void) {
    this.#loop = loop;
    this.#host = host;
    this.#report = report;
  }

  start(live: LiveExecution, command: StartMapRun): void {
    const { executionArn, start, machine, revisionKey } = live;
    const ended = (outcome: MapRunOutcome): Promise<void> => this.#ended(executionArn, command.taskId, outcome);
    if (this.#host !== undefined) {
      this.#host.start({ ...command, parent: start, machine, revisionKey }, ended);
      return;
    }
    const cause = "Distributed Map is not available in this runtime";
    ended({ kind: "failed", error: "States.Runtime", cause }).catch((error: unknown) =>
      this.#report(error, executionArn),
    );
  }

  ensure(live: LiveExecution): void {
    if (this.#host === undefined) return;
    for (const command of live.begunMapRuns()) this.start(live, command);
  }

  cancel(mapRunArn: string): void {
    this.#host?.cancel(mapRunArn);
  }

  async #ended(executionArn: string, taskId: number, outcome: MapRunOutcome): Promise<void> {
    try {
      await this.#loop.deliver(executionArn, (live) => {
        if (!live.isRunning || !live.mapRuns.has(taskId)) return;
        if (outcome.kind === "succeeded") live.apply({ kind: "MapRunSucceeded", taskId, output: outcome.output });
        else {
          const { kind: _, ...failure } = outcome;
          live.apply({ kind: "MapRunFailed", taskId, ...failure });
        }
      });
    } catch (error) {
      if (!(error instanceof ExecutionMissing)) throw error;
    }
  }
}
