/**
 * The children of Distributed Maps, where several processes share the executions: each child is run by the process that
 * owns it, which tells the one that performs the run of its end. A notice may get lost with its sender, so the performer
 * also looks into the store for children it has not heard of for a while.
 *
 * K1. Only the end of the attempt that is open counts: a notice (or a row) of an attempt before it is left aside.
 */
import type { ExecutionStart } from "@stepwell/core";
import type { ChildPacks } from "../ports/child-packs.ts";
import type { Clock } from "../ports/clock.ts";
import { type Cluster, NotOwned } from "../ports/cluster.ts";
import type { ChildExecutions, EndedExecution } from "../ports/map-run-host.ts";
import type { OwnerCalls } from "./owner-calls.ts";

const LOOK_MS = 2_000;
const LOOKED_AT_MAX = 500;
/** A child that cannot be begun for so long fails: longer than any takeover. */
const PATIENCE_MS = 60_000;

/** A child whose end is waited for here. */
interface OpenChild {
  readonly mapRunArn: string | undefined;
  readonly executionName: string;
  /** Of the attempt that is open; `undefined` while that is not known. */
  startedAt: number | undefined;
  redriveCount: number | undefined;
  /** When it was last heard of. */
  heardAt: number;
}

/** An end as it travels between processes. */
export interface EndNotice {
  readonly executionArn: string;
  readonly executionName: string;
  readonly startedAt: number;
  readonly redriveCount: number;
  readonly end: EndedExecution["end"];
}

type Told = Pick<ExecutionStart, "executionArn" | "executionName" | "mapRunArn">;

export interface ClusteredChildrenPorts {
  readonly local: ChildExecutions;
  readonly cluster: Cluster;
  readonly calls: OwnerCalls;
  readonly clock: Clock;
  readonly packs: ChildPacks;
  /** The end of a child that is open is known. */
  ended(child: EndedExecution): void;
  findAll(executionArns: readonly string[]): Promise<readonly (EndedExecution | undefined)[]>;
  readonly problem: (problem: unknown, about: string) => void;
}

export class ClusteredChildren {
  readonly #ports: ClusteredChildrenPorts;
  readonly #open = new Map<string, OpenChild>();
  #isLooking = false;
  #isStopped = false;

  constructor(ports: ClusteredChildrenPorts) {
    this.#ports = ports;
  }

  /** The engine as the host of map runs is to use it. */
  get executions(): ChildExecutions {
    const { local, calls } = this.#ports;
    return {
      ...local,
      payloadBytesMax: local.payloadBytesMax,
      packs: this.#ports.packs,
      begin: async (family, start) => {
        this.#opened(start, { startedAt: start.startedAt, redriveCount: 0 });
        const call = { method: "beginChild", args: [family.revisionKey, start] };
        try {
          await calls.repeatable(start.executionArn, call, () => local.begin(family, start), PATIENCE_MS);
        } catch (error) {
          this.#open.delete(start.executionArn);
          throw error;
        }
      },
      redrive: async (executionArn) => {
        const open = this.#open.get(executionArn);
        if (open !== undefined) open.startedAt = open.redriveCount = undefined;
        const call = { method: "redriveChild", args: [executionArn] };
        await calls.repeatable(executionArn, call, () => local.redrive(executionArn), PATIENCE_MS);
        await this.#attemptOf(executionArn);
      },
      stop: (executionArn) => {
        const call = { method: "stopChild", args: [executionArn] };
        return calls.repeatable(executionArn, call, () => local.stop(executionArn), PATIENCE_MS);
      },
      find: async (executionArn) => {
        const state = await local.find(executionArn);
        if (state !== undefined) {
          const { start, redriveCount, end } = state;
          this.#opened(start, end === undefined ? { startedAt: start.startedAt, redriveCount } : {});
        }
        return state;
      },
      awaits: async (executionArn, mapRunArn) => {
        try {
          return await local.awaits(executionArn, mapRunArn);
        } catch (error) {
          // Its owner sees to it.
          if (error instanceof NotOwned) return true;
          throw error;
        }
      },
    };
  }

  #opened(
    { executionArn, executionName, mapRunArn }: Told,
    attempt: { readonly startedAt?: number; readonly redriveCount?: number },
  ): void {
    const { startedAt, redriveCount } = attempt;
    this.#open.set(executionArn, {
      mapRunArn,
      executionName,
      startedAt,
      redriveCount,
      heardAt: this.#ports.clock.now(),
    });
    this.#lookLater();
  }

  /** Which attempt is open now, after a redrive; its end, if it has come already. */
  async #attemptOf(executionArn: string): Promise<void> {
    const state = await this.#ports.local.find(executionArn);
    const open = this.#open.get(executionArn);
    if (state === undefined || open === undefined) return;
    open.startedAt = state.start.startedAt;
    open.redriveCount = state.redriveCount;
    if (state.end !== undefined) this.heard({ ...state, end: state.end });
  }

  /** An end, from here or from another process. */
  heard(child: EndedExecution): void {
    const { executionArn } = child.start;
    const open = this.#open.get(executionArn);
    if (open === undefined || open.startedAt !== child.start.startedAt || open.redriveCount !== child.redriveCount)
      return;
    this.#open.delete(executionArn);
    const { executionName, mapRunArn } = open;
    this.#ports.ended({
      ...child,
      start: { ...child.start, executionName, ...(mapRunArn === undefined ? {} : { mapRunArn }) },
    });
  }

  #lookLater(): void {
    if (this.#isLooking || this.#isStopped) return;
    this.#isLooking = true;
    const { clock } = this.#ports;
    clock.wakeAt(clock.now() + LOOK_MS, () => {
      this.#look()
        .catch((error: unknown) => this.#ports.problem(error, "children of map runs"))
        .finally(() => {
          this.#isLooking = false;
          if (this.#open.size > 0) this.#lookLater();
        });
    });
  }

  async #look(): Promise<void> {
    const { clock, findAll } = this.#ports;
    const now = clock.now();
    const quiet: string[] = [];
    for (const [arn, child] of this.#open) {
      if (now - child.heardAt < LOOK_MS || child.startedAt === undefined) continue;
      child.heardAt = now;
      // To the end of the line.
      this.#open.delete(arn);
      this.#open.set(arn, child);
      if (quiet.push(arn) >= LOOKED_AT_MAX) break;
    }
    if (quiet.length === 0) return;
    for (const child of await findAll(quiet)) if (child !== undefined) this.heard(child);
  }

  /** Runs went to other processes: their children are waited for there. */
  forget(isHere: (mapRunArn: string) => boolean): void {
    for (const [arn, { mapRunArn }] of [...this.#open]) {
      if (mapRunArn === undefined || !isHere(mapRunArn)) this.#open.delete(arn);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#open.clear();
  }
}
