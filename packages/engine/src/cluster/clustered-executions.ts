/**
 * The data plane of one process of a cluster: what is asked of an execution is done by the process that owns it. Reads
 * come from the store, which all share.
 */
import type { HistoryEvent, WaitingBranch } from "@stepwell/core";
import { parseTaskToken } from "@stepwell/core";
import type { ActivityTask } from "../activities/activity-queues.ts";
import type { ChangeFeed } from "../executions/change-feed.ts";
import type { EngineStats, ExecutionEngine } from "../executions/create-executions.ts";
import type { ExecutionQueries } from "../executions/execution-queries.ts";
import type {
  ExecutionDescription,
  Executions,
  ForkRequest,
  ListQuery,
  Page,
  StartRequest,
} from "../executions/executions.ts";
import type { MapRuns, RerunRequest } from "../map-runs/map-runs.ts";
import type { PackRunner } from "../map-runs/pack-runner.ts";
import type { ChildPack } from "../ports/child-packs.ts";
import type { Clock } from "../ports/clock.ts";
import type { Cluster, PeerCall } from "../ports/cluster.ts";
import type { MapRunLimits } from "../ports/map-run-store.ts";
import type { ExecutionStore } from "../ports/store.ts";
import { OwnerCalls } from "./owner-calls.ts";

const RUNNING_PAGE = 256;

/** The engine of this process, with what only other processes ask of it. */
export interface OwnExecutions extends ExecutionEngine {
  readonly feed: ChangeFeed;
  readonly packs: PackRunner;
  machineDeleted(executionArn: string, name: string): Promise<void>;
  take(executionArn: string, taskId: number, workerName?: string): Promise<ActivityTask | undefined>;
  /** What is asked for by no method of its own. */
  answerOther(call: PeerCall): Promise<undefined>;
  acquired(): void;
  lost(): Promise<void>;
}

type Method = (...args: never[]) => Promise<unknown>;

export class ClusteredExecutions implements ExecutionEngine {
  readonly #own: OwnExecutions;
  readonly #cluster: Cluster;
  readonly #calls: OwnerCalls;
  readonly #store: ExecutionStore;
  readonly #methods: Readonly<Record<string, Method>>;

  constructor(
    own: OwnExecutions,
    ports: { readonly cluster: Cluster; readonly clock: Clock; readonly store: ExecutionStore },
  ) {
    this.#own = own;
    this.#cluster = ports.cluster;
    this.#calls = new OwnerCalls(ports.cluster, ports.clock);
    this.#store = ports.store;
    this.#methods = methodsOf(own);
    ports.cluster.attach({
      answer: (call) => this.#answer(call),
      acquired: () => own.acquired(),
      lost: () => own.lost(),
      heard: (change) => own.feed.heard(change),
      missed: () => own.feed.missed(),
      tellOf: (topic, tell) => own.feed.tellOf(topic, tell),
    });
  }

  async #answer(call: PeerCall): Promise<unknown> {
    const method = Object.hasOwn(this.#methods, call.method) ? this.#methods[call.method] : undefined;
    if (method === undefined) return this.#own.answerOther(call);
    return method(...(call.args as never[]));
  }

  get mapRuns(): MapRuns | undefined {
    const { mapRuns } = this.#own;
    if (mapRuns === undefined) return undefined;
    return {
      open: mapRuns.open,
      describe: (mapRunArn) => mapRuns.describe(mapRunArn),
      list: (executionArn, page) => mapRuns.list(executionArn, page),
      children: (query) => mapRuns.children(query),
      cells: (mapRunArn, first, count) => mapRuns.cells(mapRunArn, first, count),
      errors: (mapRunArn, limit) => mapRuns.errors(mapRunArn, limit),
      slowest: (mapRunArn, limit) => mapRuns.slowest(mapRunArn, limit),
      expressChild: (executionArn) => mapRuns.expressChild(executionArn),
      update: async (mapRunArn, limits) => {
        const { executionArn } = await mapRuns.describe(mapRunArn);
        const call = { method: "updateMapRun", args: [mapRunArn, limits] };
        await this.#calls.at(executionArn, call, () => mapRuns.update(mapRunArn, limits));
      },
      rerun: async (request) => {
        const { executionArn } = await mapRuns.describe(request.mapRunArn);
        const call = { method: "rerunMapRun", args: [request] };
        return this.#calls.at(executionArn, call, () => mapRuns.rerun(request));
      },
    };
  }

  get queries(): ExecutionQueries | undefined {
    return this.#own.queries;
  }

  get stats(): EngineStats {
    return this.#own.stats;
  }

  start(request: StartRequest): ReturnType<Executions["start"]> {
    const call = { method: "start", args: [request] };
    return this.#calls.begin(call, request.name !== undefined, () => this.#own.start(request));
  }

  startSync(request: StartRequest): Promise<ExecutionDescription> {
    // The ARN of an Express execution is always another one, whatever its name.
    return this.#calls.begin({ method: "startSync", args: [request] }, false, () => this.#own.startSync(request));
  }

  fork(request: ForkRequest): ReturnType<Executions["fork"]> {
    const call = { method: "fork", args: [request] };
    return this.#calls.begin(call, request.name !== undefined, () => this.#own.fork(request));
  }

  stop(executionArn: string, error?: string, cause?: string): ReturnType<Executions["stop"]> {
    const call = { method: "stop", args: [executionArn, error, cause] };
    return this.#calls.at(executionArn, call, () => this.#own.stop(executionArn, error, cause));
  }

  redrive(executionArn: string, clientToken?: string): ReturnType<Executions["redrive"]> {
    const call = { method: "redrive", args: [executionArn, clientToken] };
    return this.#calls.at(executionArn, call, () => this.#own.redrive(executionArn, clientToken));
  }

  waiting(executionArn: string): Promise<WaitingBranch[]> {
    const call = { method: "waiting", args: [executionArn] };
    return this.#calls.at(executionArn, call, () => this.#own.waiting(executionArn));
  }

  sendTaskSuccess(taskToken: string, output: string): Promise<void> {
    return this.#task(taskToken, { method: "sendTaskSuccess", args: [taskToken, output] }, () =>
      this.#own.sendTaskSuccess(taskToken, output),
    );
  }

  sendTaskFailure(taskToken: string, error?: string, cause?: string): Promise<void> {
    return this.#task(taskToken, { method: "sendTaskFailure", args: [taskToken, error, cause] }, () =>
      this.#own.sendTaskFailure(taskToken, error, cause),
    );
  }

  sendTaskHeartbeat(taskToken: string): Promise<void> {
    return this.#task(taskToken, { method: "sendTaskHeartbeat", args: [taskToken] }, () =>
      this.#own.sendTaskHeartbeat(taskToken),
    );
  }

  /** A text that is no token is refused here. */
  async #task(taskToken: string, call: PeerCall, here: () => Promise<void>): Promise<void> {
    const executionArn = parseTaskToken(taskToken)?.executionArn;
    await (executionArn === undefined ? here() : this.#calls.at(executionArn, call, here));
  }

  async stateMachineDeleted(stateMachineArn: string, name: string): Promise<void> {
    let after: number | undefined;
    do {
      const page = await this.#store.running(stateMachineArn, RUNNING_PAGE, after);
      await Promise.all(
        page.map(({ executionArn }) => {
          const call = { method: "machineDeleted", args: [executionArn, name] };
          return this.#calls.at(executionArn, call, () => this.#own.machineDeleted(executionArn, name));
        }),
      );
      after = page.length < RUNNING_PAGE ? undefined : page.at(-1)?.key;
    } while (after !== undefined);
  }

  getActivityTask(
    activityArn: string,
    workerName: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ActivityTask | undefined> {
    return this.#own.getActivityTask(activityArn, workerName, waitMs, signal);
  }

  describe(executionArn: string): Promise<ExecutionDescription> {
    return this.#own.describe(executionArn);
  }

  list(query: ListQuery): ReturnType<Executions["list"]> {
    return this.#own.list(query);
  }

  history(
    executionArn: string,
    page: { limit: number; after?: number; reverse: boolean },
  ): Promise<Page<HistoryEvent>> {
    return this.#own.history(executionArn, page);
  }

  watch(executionArn: string, after: number, signal: AbortSignal): AsyncIterable<HistoryEvent> {
    return this.#own.watch(executionArn, after, signal);
  }

  countRunning(stateMachineArn?: string): Promise<number> {
    return this.#own.countRunning(stateMachineArn);
  }

  resume(): Promise<void> {
    return this.#own.resume();
  }

  idle(): Promise<void> {
    return this.#own.idle();
  }

  deleteExpired(): Promise<number> {
    return this.#own.deleteExpired();
  }

  /** Others go on at once: nothing that runs is waited for, but commits that are on their way. */
  async drain(timeoutMs: number): Promise<void> {
    await this.#cluster.leave();
    this.#calls.stop();
    await this.#own.drain(timeoutMs);
  }
}

/** What other processes ask of executions that are this one's. */
function methodsOf(own: OwnExecutions): Readonly<Record<string, Method>> {
  const mapRuns = (): MapRuns => {
    if (own.mapRuns === undefined) throw new Error("there are no map runs here");
    return own.mapRuns;
  };
  return {
    start: (request: StartRequest) => own.start(request),
    startSync: (request: StartRequest) => own.startSync(request),
    fork: (request: ForkRequest) => own.fork(request),
    stop: (arn: string, error?: string, cause?: string) => own.stop(arn, error, cause),
    redrive: (arn: string, clientToken?: string) => own.redrive(arn, clientToken),
    waiting: (arn: string) => own.waiting(arn),
    sendTaskSuccess: (token: string, output: string) => own.sendTaskSuccess(token, output),
    sendTaskFailure: (token: string, error?: string, cause?: string) => own.sendTaskFailure(token, error, cause),
    sendTaskHeartbeat: (token: string) => own.sendTaskHeartbeat(token),
    machineDeleted: (arn: string, name: string) => own.machineDeleted(arn, name),
    take: (arn: string, taskId: number, workerName?: string) => own.take(arn, taskId, workerName),
    updateMapRun: (arn: string, limits: Partial<MapRunLimits>) => mapRuns().update(arn, limits),
    rerunMapRun: (request: RerunRequest) => mapRuns().rerun(request),
    runPack: (pack: ChildPack) => own.packs.run(pack),
    packCounted: async (id: string, count: number) => own.packs.counted(id, count),
    cancelPack: async (id: string) => own.packs.cancel(id),
  };
}
