/**
 * The host of map runs: which of them this process performs, and what is told to whom at their ends.
 *
 * H1. A run is performed by one object at a time. After trouble a new one goes on from the store.
 * H2. No more than AWS's 1,000 runs are open at once; the others wait, in order, with their row in the store.
 * H3. A parent is told as often as it asks: also after a restart, of a run that ended long ago.
 * H4. Two processes may perform a run at once, one of them without knowing that it does not own it any more. All that it
 *     does to others is a commit, which is refused, or what map-run-results.ts says of files (C1 to C3).
 */
import { BrokenInvariant } from "../executions/assert.ts";
import type { Page } from "../executions/executions.ts";
import { NotOwned } from "../ports/cluster.ts";
import type {
  ChildExecutions,
  ChildFamily,
  EndedExecution,
  MapRunHost,
  MapRunOutcome,
  MapRunRequest,
} from "../ports/map-run-host.ts";
import type { MapRunIo } from "../ports/map-run-io.ts";
import type { MapRunLimits, MapRunStore, NewMapRun, StoredMapRun } from "../ports/map-run-store.ts";
import { Rejection, StoreUnavailable } from "../rejection.ts";
import { ItemInputs } from "./child-inputs.ts";
import { baseRevisionKey, childFamily } from "./child-machine.ts";
import { EarlyPlaces } from "./early-results.ts";
import { MapRun, type MapRunParts } from "./map-run.ts";
import {
  describeRun,
  findExpressChild,
  findRun,
  groupErrors,
  listChildren,
  listRuns,
  slowestChildren,
} from "./map-run-queries.ts";
import { discardUnfinished } from "./map-run-results.ts";
import type {
  ChildDescription,
  ChildrenQuery,
  MapRunDescription,
  MapRunErrorGroup,
  MapRuns,
  OpenMapRuns,
  RerunRequest,
  SlowChild,
} from "./map-runs.ts";
import { redriven } from "./redrive-run.ts";
import { RerunInputs } from "./rerun-inputs.ts";
import { ResultsLost } from "./results-lost.ts";

/** features.md A.15. */
const OPEN_RUNS_MAX = 1_000;
const PAUSE_MS = 250;
const PAUSE_MS_MAX = 30_000;
/** Two seconds. */
const AWAY_TRIES_MAX = 3;
/** A run that meets a bug of ours fails after this many tries. */
const TRIES_MAX = 5;
const PAGE = 100;
/** Children deleted in one transaction. */
const DELETED_TOGETHER_MAX = 5_000;

export interface MapRunsPorts {
  readonly store: MapRunStore;
  /** Absent: there is no object store; readers and result writers fail. */
  readonly io?: MapRunIo;
}

interface Entry {
  /** `undefined` for a run that no parent asks for: a rerun, or one that is only to be ended. */
  request: MapRunRequest | undefined;
  ended: ((outcome: MapRunOutcome) => Promise<void>) | undefined;
  performer: MapRun | undefined;
  isCancelled: boolean;
  tries: number;
  /** How often its results had to be written again. */
  lost?: number;
  /** The parent's ARN, where no request says it. */
  readonly parent?: string;
  /** Another process performs it. */
  isReleased?: boolean;
}

/** Makes the host of map runs on its store. It is given to `createExecutions`, which attaches itself. */
export function createMapRuns(ports: MapRunsPorts): MapRunHost & MapRuns {
  return new Host(ports);
}

class Host implements MapRunHost, MapRuns {
  readonly #store: MapRunStore;
  readonly #io: MapRunIo | undefined;
  readonly #entries = new Map<string, Entry>();
  readonly #backlog: string[] = [];
  readonly #places = new EarlyPlaces();
  #attached: ChildExecutions | undefined;
  #performed = 0;
  #isStopped = false;

  constructor(ports: MapRunsPorts) {
    this.#store = ports.store;
    this.#io = ports.io;
  }

  get #children(): ChildExecutions {
    if (this.#attached === undefined) throw new BrokenInvariant("an engine must be attached before runs are performed");
    return this.#attached;
  }

  get open(): OpenMapRuns {
    return { runs: this.#performed, backlog: this.#backlog.length, runsMax: OPEN_RUNS_MAX };
  }

  attach(children: ChildExecutions): void {
    this.#attached = children;
  }

  start(request: MapRunRequest, ended: (outcome: MapRunOutcome) => Promise<void>): void {
    const { mapRunArn } = request;
    const entry = this.#entries.get(mapRunArn);
    if (entry !== undefined) {
      entry.ended = ended;
      const isLater = request.redriveCount > (entry.request?.redriveCount ?? -1);
      entry.request = request;
      // Asked for again before the end of the time before was dealt with: that performer finds out by itself.
      if (isLater) entry.isCancelled = false;
      return;
    }
    this.#enter(mapRunArn, { request, ended, performer: undefined, isCancelled: false, tries: 0 });
  }

  #enter(mapRunArn: string, entry: Entry): void {
    if (this.#isStopped) return;
    this.#entries.set(mapRunArn, entry);
    if (this.#performed < OPEN_RUNS_MAX) this.#perform(mapRunArn, entry);
    else this.#backlog.push(mapRunArn);
  }

  #perform(mapRunArn: string, entry: Entry): void {
    this.#performed += 1;
    void this.#performWithTries(mapRunArn, entry).finally(() => {
      this.#performed -= 1;
      this.#takeFromBacklog();
    });
  }

  #takeFromBacklog(): void {
    const mapRunArn = this.#backlog.shift();
    const entry = mapRunArn === undefined ? undefined : this.#entries.get(mapRunArn);
    if (mapRunArn !== undefined && entry !== undefined && !this.#isStopped) this.#perform(mapRunArn, entry);
  }

  async #performWithTries(mapRunArn: string, entry: Entry): Promise<void> {
    while (!this.#isStopped) {
      const { request } = entry;
      try {
        const outcome = await this.#performOnce(mapRunArn, entry);
        if (outcome === undefined) return;
        // The parent may have asked for the run once more meanwhile: for a redrive, whose end this is not.
        const isAsked = (): boolean => entry.request?.redriveCount === request?.redriveCount;
        if (isAsked()) await entry.ended?.(outcome);
        if (isAsked()) {
          this.#entries.delete(mapRunArn);
          return;
        }
      } catch (error) {
        // Nobody asks a performer for anything that has failed.
        entry.performer = undefined;
        if (entry.isReleased) return;
        this.#children.problem(error, mapRunArn);
        if (error instanceof ResultsLost) {
          entry.lost = (entry.lost ?? 0) + 1;
          await this.#pause(entry.lost);
          continue;
        }
        entry.tries += 1;
        // It was taken back before it ever began; or another process performs it.
        if (error instanceof Rejection || error instanceof NotOwned) {
          this.#entries.delete(mapRunArn);
          return;
        }
        if (entry.tries >= TRIES_MAX && error instanceof BrokenInvariant) {
          await this.#giveUp(mapRunArn, entry, error);
          return;
        }
        // A store that was away says nothing of the run: it goes on soon after.
        await this.#pause(error instanceof StoreUnavailable ? Math.min(entry.tries, AWAY_TRIES_MAX) : entry.tries);
      } finally {
        entry.performer = undefined;
      }
    }
  }

  #pause(tries: number): Promise<void> {
    const { now, wakeAt } = this.#children;
    const pause = Math.min(PAUSE_MS * 2 ** tries, PAUSE_MS_MAX);
    return new Promise((resolve) => void wakeAt(now() + pause, resolve));
  }

  async #giveUp(mapRunArn: string, entry: Entry, bug: BrokenInvariant): Promise<void> {
    this.#entries.delete(mapRunArn);
    const outcome = { kind: "failed", error: "States.Runtime", cause: bug.message } as const;
    try {
      const run = await findRun(this.#store, mapRunArn);
      await this.#store.commit({ run: { ...run, status: "FAILED", stopDate: this.#children.now(), outcome } });
      await entry.ended?.(outcome);
    } catch (error) {
      this.#children.problem(error, mapRunArn);
    }
  }

  async #performOnce(mapRunArn: string, entry: Entry): Promise<MapRunOutcome | undefined> {
    const run = await this.#children.during(this.#prepare(mapRunArn, entry));
    if (run.outcome !== undefined) {
      await this.#children.during(this.#tidy(run));
      return run.outcome;
    }
    const performer = await this.#children.during(this.#performerOf(run, entry));
    if (entry.isReleased) return undefined;
    entry.performer = performer;
    if (entry.isCancelled) performer.cancel();
    return performer.perform();
  }

  /** Of a run that was over already: perhaps its process died just then. */
  async #tidy(run: StoredMapRun): Promise<void> {
    if (this.#io === undefined || run.verdict?.error === "States.ResultWriterFailed") return;
    await discardUnfinished(this.#io, run).catch((error: unknown) => this.#children.problem(error, run.mapRunArn));
  }

  /** The run's row: made, or as it was left; opened again for a redrive. */
  async #prepare(mapRunArn: string, { request }: Entry): Promise<StoredMapRun> {
    if (request === undefined) return findRun(this.#store, mapRunArn);
    const run = await this.#store.create(newRun(request, this.#children.now()));
    if (run.status === "RUNNING" || run.redriveCount >= request.redriveCount) return run;
    const again = redriven(run, request.redriveCount, this.#children.now());
    await this.#store.commit({ run: again, redrivesFailed: true });
    return { ...again, version: again.version + 1 };
  }

  async #performerOf(run: StoredMapRun, { request, lost: tries = 0 }: Entry): Promise<MapRun> {
    const { store, children } = { store: this.#store, children: this.#children };
    const ports = { store, io: this.#io, children, places: this.#places };
    if (request !== undefined && run.rerunOf === undefined) {
      const { machine, revisionKey, stateName, plan } = request;
      const family: ChildFamily = childFamily(machine, revisionKey, stateName);
      return new MapRun(ports, { run, family, writer: plan.writer, inputsFrom: this.#inputsOf(request), tries });
    }
    const inputsFrom = run.rerunOf === undefined ? () => NO_INPUTS : await this.#inputsAgain(run, run.rerunOf);
    const family = await children.familyOf(run.revisionKey, run.stateName);
    return new MapRun(ports, { run, family, writer: run.writer, inputsFrom, tries });
  }

  #inputsOf({ plan, machine, stateName }: MapRunRequest): MapRunParts["inputsFrom"] {
    const { children } = { children: this.#children };
    return (position, signal) =>
      new ItemInputs({
        machine,
        stateName,
        plan,
        io: this.#io,
        position,
        payloadBytesMax: children.payloadBytesMax,
        signal,
        select: (item) => children.selectItem(machine, stateName, plan, item),
      });
  }

  async #inputsAgain(
    { inputPatch }: StoredMapRun,
    { mapRunArn, indexes }: NonNullable<StoredMapRun["rerunOf"]>,
  ): Promise<MapRunParts["inputsFrom"]> {
    const { key } = await findRun(this.#store, mapRunArn);
    return (position) => new RerunInputs(this.#store, key, indexes, inputPatch, position);
  }

  cancel(mapRunArn: string): void {
    const entry = this.#entries.get(mapRunArn);
    if (entry !== undefined) {
      entry.isCancelled = true;
      entry.performer?.cancel();
      return;
    }
    this.#enter(mapRunArn, { request: undefined, ended: undefined, performer: undefined, isCancelled: true, tries: 0 });
  }

  childEnded({ start, end }: EndedExecution): void {
    if (start.mapRunArn === undefined) return;
    this.#entries.get(start.mapRunArn)?.performer?.childEnded(start.executionName, end);
  }

  async resume(): Promise<void> {
    let after: number | undefined;
    do {
      const page = await this.#store.running(PAGE, after);
      for (const run of page) await this.#resumeRun(run);
      after = page.length < PAGE ? undefined : page.at(-1)?.key;
    } while (after !== undefined && !this.#isStopped);
  }

  /** A run whose parent waits is asked for by that; one that nobody waits for any more is ended. */
  async #resumeRun({ mapRunArn, executionArn, rerunOf }: StoredMapRun): Promise<void> {
    if (this.#entries.has(mapRunArn)) return;
    const isRerun = rerunOf !== undefined;
    if (!isRerun && (await this.#children.awaits(executionArn, mapRunArn))) return;
    if (this.#entries.has(mapRunArn)) return;
    this.#enter(mapRunArn, {
      request: undefined,
      ended: undefined,
      performer: undefined,
      isCancelled: !isRerun,
      tries: 0,
      parent: executionArn,
    });
  }

  performs(mapRunArn: string): boolean {
    return this.#entries.has(mapRunArn);
  }

  release(owns: (executionArn: string) => boolean): void {
    for (const [mapRunArn, entry] of [...this.#entries]) {
      const parent = entry.request?.parent.executionArn ?? entry.parent;
      if (parent === undefined || owns(parent)) continue;
      entry.isReleased = true;
      this.#entries.delete(mapRunArn);
      entry.performer?.halt();
    }
  }

  async deleteEnded(endedBefore: number): Promise<number> {
    let deleted = 0;
    for (let slice = 1; slice > 0 && !this.#isStopped; deleted += slice) {
      slice = await this.#store.deleteEnded(endedBefore, DELETED_TOGETHER_MAX);
      // Others have their turn between two slices.
      await new Promise<void>((resolve) => this.#children.later(resolve));
    }
    return deleted;
  }

  stop(): void {
    this.#isStopped = true;
    for (const { performer } of this.#entries.values()) performer?.halt();
  }

  async describe(mapRunArn: string): Promise<MapRunDescription> {
    return describeRun(await findRun(this.#store, mapRunArn));
  }

  list(executionArn: string, page: { limit: number; cursor?: string }): Promise<Page<MapRunDescription>> {
    return listRuns(this.#store, executionArn, page);
  }

  children(query: ChildrenQuery): Promise<Page<ChildDescription>> {
    return listChildren(this.#store, query);
  }

  async cells(mapRunArn: string, first: number, count: number): Promise<Uint8Array> {
    const { key } = await findRun(this.#store, mapRunArn);
    return this.#store.cells(key, first, count);
  }

  errors(mapRunArn: string, limit: number): Promise<readonly MapRunErrorGroup[]> {
    return groupErrors(this.#store, mapRunArn, limit);
  }

  slowest(mapRunArn: string, limit: number): Promise<readonly SlowChild[]> {
    return slowestChildren(this.#store, mapRunArn, limit);
  }

  expressChild(executionArn: string): Promise<(ChildDescription & { readonly mapRunArn: string }) | undefined> {
    return findExpressChild(this.#store, executionArn);
  }

  async update(mapRunArn: string, limits: Partial<MapRunLimits>): Promise<void> {
    const run = await findRun(this.#store, mapRunArn);
    if (run.status !== "RUNNING") {
      const reason = { reason: "CANNOT_UPDATE_COMPLETED_MAP_RUN" };
      throw new Rejection(
        "ValidationException",
        `Map Run is not running and cannot be updated: '${mapRunArn}'`,
        reason,
      );
    }
    const performer = this.#entries.get(mapRunArn)?.performer;
    if (performer !== undefined) return performer.update(limits);
    await this.#store.commit({ run: { ...run, limits: { ...run.limits, ...limits } } });
  }

  async rerun({ mapRunArn, indexes, inputPatch }: RerunRequest): Promise<{ mapRunArn: string }> {
    const run = await findRun(this.#store, mapRunArn);
    if (run.status === "RUNNING")
      throw new Rejection("ValidationException", `The Map Run is still running: ${mapRunArn}`);
    const last = indexes.at(-1)?.[1] ?? -1;
    if (last < 0 || last >= run.position.children) {
      throw new Rejection(
        "ValidationException",
        `items: must be from 0 to ${run.position.children - 1}, the children of the Map Run, got ${last}`,
      );
    }
    const linkedArn = `${mapRunArn.split(":").slice(0, 7).join(":")}:${this.#children.uuid()}`;
    await this.#store.create({
      ...essentials(run),
      mapRunArn: linkedArn,
      startDate: this.#children.now(),
      // Every child is wanted: no failure keeps the others from being tried.
      limits: { ...run.limits, toleratedFailureCount: 0, toleratedFailurePercentage: 100 },
      rerunOf: { mapRunArn, indexes },
      ...(inputPatch === undefined ? {} : { inputPatch }),
      ...(run.writer === undefined ? {} : { writer: run.writer }),
      // With batches nobody knows how many items some children have.
      ...(run.position.children === run.position.items ? { itemsTotal: countOf(indexes) } : {}),
    });
    this.#enter(linkedArn, {
      request: undefined,
      ended: undefined,
      performer: undefined,
      isCancelled: false,
      tries: 0,
      parent: run.executionArn,
    });
    return { mapRunArn: linkedArn };
  }
}

function countOf(ranges: RerunRequest["indexes"]): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

function newRun({ mapRunArn, parent, plan, stateName, revisionKey }: MapRunRequest, startDate: number): NewMapRun {
  const { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage } = plan;
  // The parent may be a child itself, of another label.
  const [machineArn] = parent.stateMachineArn.split("/", 1);
  return {
    mapRunArn,
    executionArn: parent.executionArn,
    stateMachineArn: `${machineArn}/${plan.label}`,
    stateMachineName: parent.stateMachineName,
    stateName,
    executionType: plan.executionType,
    roleArn: parent.roleArn,
    revisionKey: baseRevisionKey(revisionKey),
    startDate,
    limits: { maxConcurrency, toleratedFailureCount, toleratedFailurePercentage },
    ...(plan.items === undefined ? {} : { itemsTotal: plan.items.length }),
    ...(plan.reader?.maxItems === undefined || plan.reader.maxItems <= 0 ? {} : { itemsMax: plan.reader.maxItems }),
    ...(plan.writer === undefined ? {} : { writer: plan.writer }),
  };
}

function essentials(run: StoredMapRun): Omit<NewMapRun, "mapRunArn" | "startDate" | "limits"> {
  const { executionArn, stateMachineArn, stateMachineName, stateName, executionType, roleArn, revisionKey } = run;
  return { executionArn, stateMachineArn, stateMachineName, stateName, executionType, roleArn, revisionKey };
}

/** Of a run that is only to be ended. */
const NO_INPUTS = {
  take: async (): Promise<readonly never[]> => [],
  isAtEnd: true,
  close: async (): Promise<void> => undefined,
};
