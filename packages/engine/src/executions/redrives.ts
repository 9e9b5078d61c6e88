/** RedriveExecution. features.md A.18. */
import type { EpochMs } from "@stepwell/core";
import type { StoredExecution } from "../ports/store.ts";
import { Rejection } from "../rejection.ts";
import type { ExecutionPorts } from "./engine-options.ts";
import { type ExecutionLoop, ExecutionMissing } from "./execution-loop.ts";
import { MAP_RUN_REDRIVES_MAX, whyNotRedrivable } from "./redrivable.ts";
import { doesNotExist, notRedrivable } from "./refusals.ts";

/** The newest of an execution. */
const MAP_RUNS_LOOKED_AT = 100;
/** A client token is answered again for this long. */
const TOKEN_MS = 15 * 60_000;
const RUNNING = "Execution is RUNNING and cannot be redriven";

export class Redrives {
  readonly #ports: Pick<ExecutionPorts, "store" | "machines" | "clock" | "mapRuns">;
  readonly #loop: ExecutionLoop;
  readonly #historyEventsMax: number;

  constructor(
    ports: Pick<ExecutionPorts, "store" | "machines" | "clock" | "mapRuns">,
    loop: ExecutionLoop,
    historyEventsMax: number,
  ) {
    this.#ports = ports;
    this.#loop = loop;
    this.#historyEventsMax = historyEventsMax;
  }

  async redrive(executionArn: string, clientToken: string | undefined): Promise<{ readonly redriveDate: EpochMs }> {
    const repeated = await this.#redrivenWith(executionArn, clientToken);
    if (repeated !== undefined) return { redriveDate: repeated };
    try {
      return await this.#redrive(executionArn, clientToken);
    } catch (error) {
      // The same request may have come first meanwhile.
      const first = error instanceof Rejection ? await this.#redrivenWith(executionArn, clientToken) : undefined;
      if (first === undefined) throw error;
      return { redriveDate: first };
    }
  }

  async #redrive(executionArn: string, clientToken: string | undefined): Promise<{ readonly redriveDate: EpochMs }> {
    const execution = await this.#ports.store.describe(executionArn);
    if (execution === undefined) throw doesNotExist(executionArn);
    const reason = (await this.whyNot(execution)) ?? whyNeverByItself(execution);
    if (reason !== undefined) throw notRedrivable(reason);
    return { redriveDate: await this.#decide(executionArn, clientToken) };
  }

  async #decide(executionArn: string, clientToken: string | undefined): Promise<EpochMs> {
    try {
      return await this.#loop.deliver(executionArn, (live) => {
        if (live.isRunning) throw notRedrivable(RUNNING);
        return live.redrive(clientToken);
      });
    } catch (error) {
      throw error instanceof ExecutionMissing ? doesNotExist(executionArn) : error;
    }
  }

  async #redrivenWith(executionArn: string, clientToken: string | undefined): Promise<EpochMs | undefined> {
    if (clientToken === undefined) return undefined;
    const tokens = await this.#ports.store.redriveTokens(executionArn);
    const since = this.#ports.clock.now() - TOKEN_MS;
    return tokens.find((token) => token.clientToken === clientToken && token.redriveDate >= since)?.redriveDate;
  }

  /** `undefined`: it may be redriven, by itself or with its map run. */
  async whyNot(execution: StoredExecution): Promise<string | undefined> {
    const hasFailed = execution.status !== "RUNNING" && execution.status !== "SUCCEEDED";
    const reason = whyNotRedrivable(execution, {
      now: this.#ports.clock.now(),
      isMachineDeleting: hasFailed && (await this.#isDeleting(execution.start.stateMachineArn)),
      historyEventsMax: this.#historyEventsMax,
    });
    return reason ?? this.#whyNotItsRuns(execution);
  }

  /** A Map Run is redriven with its parent, so not more often. */
  async #whyNotItsRuns({ start, redriveCount }: StoredExecution): Promise<string | undefined> {
    if (redriveCount < MAP_RUN_REDRIVES_MAX) return undefined;
    const runs = await this.#ports.mapRuns?.list(start.executionArn, { limit: MAP_RUNS_LOOKED_AT });
    const isWornOut = runs?.items.some(
      (run) => run.status !== "SUCCEEDED" && run.rerunOf === undefined && run.redriveCount >= MAP_RUN_REDRIVES_MAX,
    );
    return isWornOut === true ? "Map Run has exceeded the maximum number of redrives" : undefined;
  }

  async #isDeleting(stateMachineArn: string): Promise<boolean> {
    try {
      // A child's machine goes with its parent's.
      await this.#ports.machines.resolve(stateMachineArn.split("/", 1)[0] as string, 0);
      return false;
    } catch (error) {
      if (error instanceof Rejection) return true;
      throw error;
    }
  }
}

/** A child goes on only with its run; of an Express execution nothing was kept to go on from. */
function whyNeverByItself({ start }: StoredExecution): string | undefined {
  if (start.mapRunArn !== undefined) return "Execution can only be redriven by redriving its Map Run";
  return start.type === "EXPRESS" ? "Execution is EXPRESS and cannot be redriven" : undefined;
}
