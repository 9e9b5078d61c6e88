/** The data plane put together: starts, what the API asks of executions, and the effects of what they decide. */
import type { EpochMs, ExecutionStart, HistoryEvent, WaitingBranch } from "@stepwell/core";
import { ActivityQueues, type ActivityTask, type TakeElsewhere } from "../activities/activity-queues.ts";
import { ClusteredChildren, type EndNotice } from "../cluster/clustered-children.ts";
import { ClusteredExecutions, type OwnExecutions } from "../cluster/clustered-executions.ts";
import { ClusteredPacks } from "../cluster/clustered-packs.ts";
import { EndNotices } from "../cluster/end-notices.ts";
import { OwnerCalls } from "../cluster/owner-calls.ts";
import { childExecutions, endedOf } from "../effects/child-executions.ts";
import { JobStops } from "../effects/job-stops.ts";
import { MapRunEffects } from "../effects/map-run-effects.ts";
import { OutstandingScan } from "../effects/outstanding-scan.ts";
import { TaskEffects } from "../effects/task-effects.ts";
import { Wakes } from "../effects/wakes.ts";
import { readHistory } from "../history/history-reader.ts";
import { HistoryWatch } from "../history/history-watch.ts";
import { MachinesOfChildren } from "../map-runs/child-machine.ts";
import type { MapRuns } from "../map-runs/map-runs.ts";
import { PackRunner } from "../map-runs/pack-runner.ts";
import type { Cluster, PeerCall } from "../ports/cluster.ts";
import type { ChildExecutions, ChildFamily, EndedExecution } from "../ports/map-run-host.ts";
import type { QueuedActivityTask, StoredExecution } from "../ports/store.ts";
import { Rejection, StoreUnavailable } from "../rejection.ts";
import { ChangeFeed } from "./change-feed.ts";
import { changeOf } from "./committed-change.ts";
import { describeStored } from "./description.ts";
import { type ExecutionOptions, type ExecutionPorts, type ExecutionSettings, settingsOf } from "./engine-options.ts";
import { ExecutionLoop, ExecutionMissing } from "./execution-loop.ts";
import { type ExecutionQueries, StoredQueries } from "./execution-queries.ts";
import { ExecutionStarts } from "./execution-starts.ts";
import type { ExecutionDescription, Executions, ForkRequest, ListQuery, Page, StartRequest } from "./executions.ts";
import { Forks } from "./forks.ts";
import type { DecisionContext, LiveExecution } from "./live-execution.ts";
import { LongDecisions } from "./long-decisions.ts";
import { Redrives } from "./redrives.ts";
import { doesNotExist, tooManyOpen } from "./refusals.ts";
import { withTaskToken } from "./task-tokens.ts";
import type { Consequences } from "./uncommitted.ts";
import { WorkCounter } from "./work-counter.ts";

const SWEEP_SLICE = 200;
const RUNNING_PAGE = 256;
const TAKE_OVER_AGAIN_MS = 1_000;
const COUNT_AGAIN_MS = 30_000;

/** The data plane with what its host needs to run it. */
export interface ExecutionEngine extends Executions {
  /**
   * Takes up what the store says is running: timers, tasks that were not finished. Call once, before or after the first
   * requests. Resolves when the timers are set; tasks are started again in the background.
   */
  resume(): Promise<void>;
  /** Resolves when nothing is under way: nothing can happen but by time passing or from outside. */
  idle(): Promise<void>;
  /** Deletes executions that ended longer ago than the retention, in slices; how many. */
  deleteExpired(): Promise<number>;
  readonly stats: EngineStats;
}

export interface EngineStats {
  readonly openExecutions: number;
  readonly cachedExecutions: number;
  /** Queued, running or polled. */
  readonly tasksUnderWay: number;
  /** Executions whose next decision takes long and waits for a thread. */
  readonly decisionsWaiting: number;
  /** Of tasks that no longer count: being stopped, or waiting for another attempt. */
  readonly jobsToStop: number;
}

/** Makes the data plane on the given ports. */
export function createExecutions(ports: ExecutionPorts, options: ExecutionOptions = {}): ExecutionEngine {
  const engine = new Engine(ports, options);
  const { cluster, clock, store } = ports;
  return cluster === undefined ? engine : new ClusteredExecutions(engine, { cluster, clock, store });
}

class Engine implements OwnExecutions {
  readonly feed: ChangeFeed;
  /** Of children that other processes lend to this one. */
  readonly packs: PackRunner;
  readonly #ports: ExecutionPorts;
  readonly #settings: ExecutionSettings;
  readonly #context: DecisionContext;
  readonly #work: WorkCounter;
  readonly #long: LongDecisions | undefined;
  readonly #loop: ExecutionLoop;
  readonly #effects: TaskEffects;
  readonly #stops: JobStops;
  readonly #mapRuns: MapRunEffects;
  readonly #wakes: Wakes;
  readonly #activities: ActivityQueues;
  readonly #scan: OutstandingScan;
  readonly #watch: HistoryWatch;
  readonly #starts: ExecutionStarts;
  readonly #redrives: Redrives;
  readonly #forks: Forks;
  readonly #queries: StoredQueries;
  readonly #local: ChildExecutions;
  /** Where several processes share the store. */
  readonly #children: ClusteredChildren | undefined;
  readonly #endNotices: EndNotices | undefined;
  #openExecutions = 0;
  #stopCounting: (() => void) | undefined;
  #draining = false;

  constructor(given: ExecutionPorts, options: ExecutionOptions) {
    const ports = { ...given, machines: new MachinesOfChildren(given.machines) };
    const { store, machines, activities, clock, ids, router, cluster } = ports;
    const owns = cluster === undefined ? undefined : (arn: string): boolean => cluster.owns(arn);
    const settings = settingsOf(options, store);
    this.feed = new ChangeFeed(cluster);
    this.#ports = ports;
    this.#settings = settings;
    this.#long = ports.threads && new LongDecisions(ports.threads, settings);
    this.#context = {
      limits: settings.limits,
      now: () => clock.now(),
      long: this.#long,
      announcementsOf: settings.announcementsOf,
      facts(missing) {
        const facts = { now: clock.now(), seed: ids.seed() };
        return missing === undefined ? facts : { ...facts, missingActivities: missing };
      },
    };
    const work = new WorkCounter(settings.later, options.onIdle);
    this.#work = work;
    const loop = new ExecutionLoop({
      store,
      machines,
      activities,
      clock,
      settings,
      work,
      owns,
      context: this.#context,
      committed: (live, consequences) => this.#committed(live, consequences),
      unsure: () => this.#stops.lookLater(),
      loaded: (live) => this.#loaded(live),
    });
    this.#loop = loop;
    const isAwaited = (arn: string, taskId: number): boolean => this.#effects.isAwaited(arn, taskId);
    this.#stops = new JobStops({ store, router, clock, settings, work, isAwaited });
    this.#effects = new TaskEffects({
      loop,
      router,
      clock,
      settings,
      work,
      stops: this.#stops,
      roomAgain: () => this.#scan.run(),
      lookThrough: () => this.#scan.all(),
    });
    this.#local = childExecutions({ loop, store, machines, context: this.#context, clock, ids, settings, work });
    this.packs = new PackRunner({
      children: this.#local,
      familyOf: (revisionKey) => this.#familyOfChildren(revisionKey),
    });
    this.#children = cluster && this.#clusteredChildren(cluster);
    this.#endNotices = cluster && this.#noticesOf(cluster);
    ports.mapRuns?.attach(this.#children?.executions ?? this.#local);
    this.#mapRuns = new MapRunEffects(loop, ports.mapRuns, settings.onProblem);
    const ensure = (live: LiveExecution): void => this.#ensure(live);
    this.#scan = new OutstandingScan({ store, loop, effects: this.#effects, ensure, clock, settings, work });
    this.#wakes = new Wakes({ store, clock, loop, settings, work });
    const elsewhere = cluster === undefined ? {} : { elsewhere: takerElsewhere(cluster) };
    this.#activities = new ActivityQueues({ store, loop, clock, settings, work, ...elsewhere });
    this.#watch = new HistoryWatch(store, owns && { clock, owns });
    this.#starts = new ExecutionStarts(ports, loop, this.#context);
    this.#redrives = new Redrives(ports, loop, settings.limits.historyEventsMax);
    this.#forks = new Forks(ports, this.#starts, this.#context);
    const lastPolledAt = (activityArn: string): EpochMs | undefined => this.#activities.lastPolledAt(activityArn);
    this.#queries = new StoredQueries({ store, machines, feed: this.feed, lastPolledAt });
  }

  #clusteredChildren(cluster: Cluster): ClusteredChildren {
    const { clock, store, mapRuns } = this.#ports;
    return new ClusteredChildren({
      local: this.#local,
      cluster,
      calls: new OwnerCalls(cluster, clock),
      clock,
      packs: new ClusteredPacks(cluster),
      ended: (child) => mapRuns?.childEnded(child),
      findAll: async (arns) => (await store.describeAll(arns)).map((execution) => execution && endedOf(execution)),
      problem: this.#settings.onProblem,
    });
  }

  #noticesOf(cluster: Cluster): EndNotices {
    const { clock, mapRuns } = this.#ports;
    return new EndNotices({
      cluster,
      clock,
      parentOf: async (mapRunArn) => (await mapRuns?.describe(mapRunArn))?.executionArn,
      problem: this.#settings.onProblem,
    });
  }

  get mapRuns(): MapRuns | undefined {
    return this.#ports.mapRuns;
  }

  get queries(): ExecutionQueries {
    return this.#queries;
  }

  get stats(): EngineStats {
    return {
      openExecutions: this.#openExecutions,
      cachedExecutions: this.#loop.cached,
      tasksUnderWay: this.#effects.size,
      decisionsWaiting: this.#long?.waiting ?? 0,
      jobsToStop: this.#stops.size,
    };
  }

  async resume(): Promise<void> {
    this.#openExecutions += await this.#ports.store.countRunning();
    await this.#wakes.resume();
    this.#scan.all();
    this.#stops.look();
    await this.#ports.mapRuns?.resume();
    if (this.#ports.cluster !== undefined) this.#countAgainLater();
  }

  /** What other processes begin and end is seen in the store only. */
  #countAgainLater(): void {
    const { clock, store } = this.#ports;
    this.#stopCounting = clock.wakeAt(clock.now() + COUNT_AGAIN_MS, () => {
      store.countRunning().then(
        (count) => {
          this.#openExecutions = count;
        },
        (error: unknown) => this.#settings.onProblem(error, "open executions"),
      );
      this.#countAgainLater();
    });
  }

  idle(): Promise<void> {
    return this.#work.idle();
  }

  #loaded(live: LiveExecution): void {
    this.#ensure(live);
    this.#wakes.note(live);
  }

  #ensure(live: LiveExecution): void {
    this.#effects.ensure(live);
    this.#mapRuns.ensure(live);
  }

  /** Everything a commit asks for, after it (design invariant 1). */
  #committed(live: LiveExecution, consequences: Consequences): void {
    const { executionArn } = live;
    const { history, end, started } = consequences;
    if (started || consequences.redriven) this.#openExecutions += 1;
    if (end !== undefined) this.#openExecutions -= 1;
    for (const cancelled of consequences.tasksCancelled) this.#effects.cancel(live, cancelled);
    for (const command of consequences.tasksToStart) this.#effects.start(live, command);
    for (const { mapRunArn } of consequences.mapRunsCancelled) this.#mapRuns.cancel(mapRunArn);
    for (const command of consequences.mapRunsToStart) this.#mapRuns.start(live, command);
    for (const activityArn of consequences.activitiesQueued) this.#offered(activityArn);
    this.#wakes.note(live);
    this.#watch.committed(executionArn, history, end !== undefined);
    if (end !== undefined) {
      this.#starts.ended(live, end);
      this.#childEnded({ start: live.start, redriveCount: live.redriveCount, end });
    }
    this.#tell(live, consequences);
  }

  #offered(activityArn: string): void {
    this.#activities.offered(activityArn);
    this.#ports.cluster?.tell({ method: "offered", args: [activityArn] });
  }

  #childEnded(child: EndedExecution): void {
    if (this.#children === undefined) this.#ports.mapRuns?.childEnded(child);
    else {
      this.#children.heard(child);
      this.#endNotices?.tell(child);
    }
  }

  #tell(live: LiveExecution, consequences: Consequences): void {
    const { onCommitted } = this.#settings;
    onCommitted?.(changeOf(live, consequences, this.#ports.clock.now()));
    this.feed.committed(live, consequences);
  }

  async start(request: StartRequest): ReturnType<Executions["start"]> {
    this.#mustTakeMore();
    return this.#starts.start(request);
  }

  async startSync(request: StartRequest): Promise<ExecutionDescription> {
    this.#mustTakeMore();
    return this.#starts.startSync(request);
  }

  #mustTakeMore(): void {
    const { openExecutionsMax } = this.#settings;
    if (this.#draining) throw new StoreUnavailable("the server is shutting down");
    if (this.#openExecutions >= openExecutionsMax) throw tooManyOpen(openExecutionsMax);
  }

  async describe(executionArn: string): Promise<ExecutionDescription> {
    const execution = await this.#stored(executionArn);
    return describeStored(execution, await this.#redrives.whyNot(execution));
  }

  async #stored(executionArn: string): Promise<StoredExecution> {
    const execution = await this.#ports.store.describe(executionArn);
    if (execution === undefined) throw doesNotExist(executionArn);
    return execution;
  }

  list(query: ListQuery): ReturnType<Executions["list"]> {
    return this.#ports.store.list(query);
  }

  async stop(executionArn: string, error?: string, cause?: string): Promise<{ stopDate: EpochMs }> {
    const stopDate = await this.#deliver(executionArn, (live) => {
      const given = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
      if (live.isRunning) live.apply({ kind: "Stopped", ...given });
      return live.stopDate;
    });
    return { stopDate: stopDate ?? this.#ports.clock.now() };
  }

  redrive(executionArn: string, clientToken?: string): Promise<{ redriveDate: EpochMs }> {
    return this.#redrives.redrive(executionArn, clientToken);
  }

  async fork(request: ForkRequest): ReturnType<Executions["fork"]> {
    this.#mustTakeMore();
    return this.#forks.fork(request);
  }

  async history(
    executionArn: string,
    page: { limit: number; after?: number; reverse: boolean },
  ): Promise<Page<HistoryEvent>> {
    const { start, output, lastEventId } = await this.#stored(executionArn);
    const { limit, after, reverse } = page;
    const from = reverse ? (after === undefined ? lastEventId : after - 1) : (after ?? 0) + 1;
    if (from < 1 || from > lastEventId) return { items: [] };
    const execution = { executionArn, texts: { input: start.input, output }, lastEventId };
    const { items, isLast } = await readHistory(this.#ports.store, execution, { from, limit, reverse });
    return isLast ? { items } : { items, cursor: String(items.at(-1)?.id) };
  }

  async *watch(executionArn: string, after: number, signal: AbortSignal): AsyncIterable<HistoryEvent> {
    await this.#stored(executionArn);
    yield* this.#watch.watch(executionArn, after, signal);
  }

  waiting(executionArn: string): Promise<WaitingBranch[]> {
    return this.#deliver(executionArn, (live) => live.waiting());
  }

  sendTaskSuccess(taskToken: string, output: string): Promise<void> {
    return withTaskToken(this.#loop, taskToken, (live, taskId) => {
      live.apply({ kind: "TaskSucceeded", taskId, output });
    });
  }

  sendTaskFailure(taskToken: string, error?: string, cause?: string): Promise<void> {
    const given = { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
    return withTaskToken(this.#loop, taskToken, (live, taskId) => {
      live.apply({ kind: "TaskFailed", taskId, ...given });
    });
  }

  sendTaskHeartbeat(taskToken: string): Promise<void> {
    return withTaskToken(this.#loop, taskToken, (live, taskId) => {
      live.apply({ kind: "TaskHeartbeat", taskId });
    });
  }

  async getActivityTask(
    activityArn: string,
    workerName: string | undefined,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<ActivityTask | undefined> {
    if (!(await this.#ports.activities.hasActivity(activityArn))) {
      throw new Rejection("ActivityDoesNotExist", `Activity Does Not Exist: '${activityArn}'`);
    }
    return this.#activities.poll(activityArn, workerName, waitMs, signal);
  }

  countRunning(stateMachineArn?: string): Promise<number> {
    return this.#ports.store.countRunning(stateMachineArn);
  }

  async stateMachineDeleted(stateMachineArn: string, name: string): Promise<void> {
    let after: number | undefined;
    do {
      const page = await this.#ports.store.running(stateMachineArn, RUNNING_PAGE, after);
      await Promise.all(page.map(({ executionArn }) => this.#tellDeleted(executionArn, name)));
      after = page.length < RUNNING_PAGE ? undefined : page.at(-1)?.key;
    } while (after !== undefined);
  }

  machineDeleted(executionArn: string, name: string): Promise<void> {
    return this.#tellDeleted(executionArn, name);
  }

  async take(executionArn: string, taskId: number, workerName?: string): Promise<ActivityTask | undefined> {
    const taken = await this.#deliver(executionArn, (live) => live.take(taskId, workerName));
    return taken && { taskToken: taken.taskToken, input: taken.input };
  }

  async answerOther({ method, args }: PeerCall): Promise<undefined> {
    const [first, second] = args;
    switch (method) {
      case "offered":
        this.#activities.offered(first as string);
        return;
      case "beginChild": {
        await this.#local.begin(await this.#familyOfChildren(first as string), second as ExecutionStart);
        return;
      }
      case "redriveChild":
        await this.#local.redrive(first as string);
        return;
      case "stopChild":
        await this.#local.stop(first as string);
        return;
      case "childrenEnded":
        for (const { redriveCount, end, ...start } of second as readonly EndNotice[]) {
          this.#children?.heard({ start: { ...start, mapRunArn: first as string }, redriveCount, end });
        }
        return;
      default:
        throw new Error(`another process asks for ${method}, which this release does not know`);
    }
  }

  async #familyOfChildren(revisionKey: string): Promise<ChildFamily> {
    const { machine } = await this.#ports.machines.machineOfRevision(revisionKey);
    return { machine, revisionKey };
  }

  acquired(): void {
    const { clock, mapRuns } = this.#ports;
    const again = (error: unknown): void => {
      this.#settings.onProblem(error, "executions taken over");
      clock.wakeAt(clock.now() + TAKE_OVER_AGAIN_MS, () => this.acquired());
    };
    if (this.#draining) return;
    this.#wakes.resume().catch(again);
    this.#scan.all();
    this.#stops.look();
    mapRuns?.resume().catch(again);
  }

  async lost(): Promise<void> {
    const { cluster, mapRuns } = this.#ports;
    const owns = (arn: string): boolean => cluster === undefined || cluster.owns(arn);
    this.#effects.disown(owns);
    this.#stops.disown(owns);
    mapRuns?.release(owns);
    this.#children?.forget((mapRunArn) => mapRuns?.performs(mapRunArn) === true);
    await this.#loop.disown();
    // What a commit under way asked for, meanwhile.
    this.#effects.disown(owns);
  }

  async #tellDeleted(executionArn: string, name: string): Promise<void> {
    try {
      await this.#loop.deliver(executionArn, (live) => {
        if (live.isRunning) live.apply({ kind: "StateMachineDeleted", name });
      });
    } catch (error) {
      if (!(error instanceof ExecutionMissing)) throw error;
    }
  }

  async #deliver<T>(executionArn: string, decide: (live: LiveExecution) => T): Promise<T> {
    try {
      return await this.#loop.deliver(executionArn, decide);
    } catch (error) {
      throw error instanceof ExecutionMissing ? doesNotExist(executionArn) : error;
    }
  }

  async deleteExpired(): Promise<number> {
    const { store, clock } = this.#ports;
    const endedBefore = clock.now() - this.#settings.retentionMs;
    let deleted = 0;
    let after: number | undefined;
    do {
      const slice = await store.deleteEnded(endedBefore, SWEEP_SLICE, after);
      deleted += slice.deleted;
      after = slice.next;
      // Others have their turn between two slices.
      await new Promise<void>((resolve) => this.#settings.later(resolve));
    } while (after !== undefined && !this.#draining);
    await this.#ports.mapRuns?.deleteEnded(endedBefore);
    return deleted;
  }

  async drain(timeoutMs: number): Promise<void> {
    this.#draining = true;
    this.#stopCounting?.();
    this.#wakes.stop();
    this.#scan.stop();
    this.#activities.stop();
    this.#effects.quiesce();
    this.#ports.mapRuns?.stop();
    this.#children?.stop();
    this.packs.stop();
    await Promise.race([this.#work.idle(), timeout(timeoutMs)]);
    this.#effects.stop();
    this.#stops.stopAll();
  }
}

/** Takes activity tasks of executions that other processes own. */
function takerElsewhere(cluster: Cluster): (task: QueuedActivityTask) => TakeElsewhere | undefined {
  return ({ executionArn, taskId }) => {
    if (cluster.owns(executionArn)) return undefined;
    return async (workerName) => {
      const taken = await cluster.ask(executionArn, { method: "take", args: [executionArn, taskId, workerName] });
      return taken as ActivityTask | undefined;
    };
  };
}

/** Real time, whatever the clock says: shutting down happens in the world of the process. */
function timeout(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
