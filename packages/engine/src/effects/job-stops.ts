/**
 * Stops the jobs of tasks that nobody waits for any more.
 *
 * J1. A job to stop is stored by the commit that cancels its task, and taken off when it was stopped, has ended, or is not
 *     there: whatever dies meanwhile, somebody stops it. It may be stopped more than once.
 * J2. What fails is tried again, after growing pauses and after a restart, for a day. Then it is given up, and said so.
 * J3. Memory is bounded: a job that waits for its next attempt is a few words here, and beyond `jobsToStopMax` jobs stand in the
 *     store until there is room. One slow service holds up nobody else's jobs.
 * J4. A start whose answer got lost with its process may have started a job: who can find it (`Connector.recover`) does.
 */
import type { ExecutionSettings } from "../executions/engine-options.ts";
import type { WorkCounter } from "../executions/work-counter.ts";
import type { Clock } from "../ports/clock.ts";
import type { Connector, TaskRequest, TaskRouter } from "../ports/connector.ts";
import type { ExecutionStore, JobPlace, StoredJobToStop } from "../ports/store.ts";
import { StoreUnavailable } from "../rejection.ts";
import { ConnectorLanes } from "./connector-lane.ts";

const PAGE = 32;
const FORGOTTEN_TOGETHER_MAX = 500;
/** Calls to one service at once. */
const CALLS_MAX = 16;
const PAUSE_FIRST_MS = 1_000;
const PAUSE_MAX_MS = 300_000;
const AGE_MAX_MS = 24 * 3_600_000;
const AGAIN_MS = 1_000;
const LOOK_MS = 5_000;

export interface JobStopPorts {
  readonly store: Pick<ExecutionStore, "jobsToStop" | "forgetJobsToStop">;
  readonly router: TaskRouter;
  readonly clock: Clock;
  readonly settings: ExecutionSettings;
  readonly work: WorkCounter;
  /** The answer to the task's start is still awaited here: it will say whether there is a job. */
  isAwaited(executionArn: string, taskId: number): boolean;
}

/** A job as it is known after its task was cancelled. */
export interface AbandonedJob extends JobPlace {
  readonly request: TaskRequest;
  /** Absent: it is unknown whether there is a job. */
  readonly handle?: string | undefined;
  readonly since: number;
}

interface Entry {
  readonly place: JobPlace;
  readonly executionArn: string;
  attempts: number;
  takeBack?: () => void;
}

export class JobStops {
  readonly #ports: JobStopPorts;
  readonly #entries = new Map<string, Entry>();
  readonly #lanes = new Map<Connector, ConnectorLanes>();
  readonly #abort = new AbortController();
  #toForget: Entry[] = [];
  #isForgetting = false;
  #isLooking = false;
  #lookAgain = false;
  #leftOut = false;
  #takeBackLook: (() => void) | undefined;

  constructor(ports: JobStopPorts) {
    this.#ports = ports;
  }

  /** Jobs that are being stopped, or wait for another attempt. */
  get size(): number {
    return this.#entries.size;
  }

  /** After the commit that stored it. */
  stop(job: AbandonedJob): void {
    const key = keyOf(job);
    if (this.#abort.signal.aborted || this.#entries.has(key)) return;
    if (this.#entries.size >= this.#ports.settings.jobsToStopMax) {
      this.#leftOut = true;
      return;
    }
    const { taskId, request } = job;
    const entry = { place: { key: job.key, taskId }, executionArn: request.executionArn, attempts: 0 };
    this.#entries.set(key, entry);
    void this.#ports.work.during(this.#attempt(entry, job));
  }

  /** There is nothing to stop after all. */
  forget(place: JobPlace, executionArn: string): void {
    const key = keyOf(place);
    if (this.#abort.signal.aborted || this.#entries.has(key)) return;
    const entry = { place, executionArn, attempts: 0 };
    this.#entries.set(key, entry);
    this.#done(entry);
  }

  /** Takes up what the store says is to be stopped. */
  look(): void {
    this.#lookAgain = true;
    if (this.#isLooking || this.#abort.signal.aborted) return;
    this.#isLooking = true;
    void this.#ports.work.during(
      this.#look().finally(() => {
        this.#isLooking = false;
      }),
    );
  }

  /** A commit may have stored something without anybody being told. */
  lookLater(): void {
    if (this.#takeBackLook !== undefined || this.#abort.signal.aborted) return;
    const { clock } = this.#ports;
    this.#takeBackLook = clock.wakeAt(clock.now() + LOOK_MS, () => {
      this.#takeBackLook = undefined;
      this.look();
    });
  }

  async #look(): Promise<void> {
    const { store, settings, isAwaited } = this.#ports;
    try {
      while (this.#lookAgain) {
        this.#lookAgain = false;
        let after: JobPlace | undefined;
        do {
          const page: readonly StoredJobToStop[] = await store.jobsToStop(PAGE, after);
          after = page.at(-1);
          for (const stored of page) {
            const job = abandoned(stored);
            if (!isAwaited(job.request.executionArn, job.taskId)) this.stop(job);
          }
        } while (after !== undefined && !this.#leftOut && !this.#abort.signal.aborted);
      }
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) settings.onProblem(error, "jobs to stop");
      this.lookLater();
    }
  }

  async #attempt(entry: Entry, job: AbandonedJob): Promise<void> {
    const isDone = await this.#tryToStop(entry, job);
    if (this.#abort.signal.aborted || this.#entries.get(keyOf(job)) !== entry) return;
    if (isDone) this.#done(entry);
    else if (this.#ports.clock.now() - job.since > AGE_MAX_MS) {
      const problem = new Error(`the job ${job.handle ?? ""} could not be stopped for a day: it is left running`);
      this.#report(problem, job.request);
      this.#done(entry);
    } else this.#later(entry, Math.min(PAUSE_FIRST_MS * 2 ** (entry.attempts - 1), PAUSE_MAX_MS));
  }

  /** True when there is nothing left to do. */
  async #tryToStop(entry: Entry, { request, handle }: AbandonedJob): Promise<boolean> {
    const connector = this.#ports.router.connectorFor(request);
    entry.attempts += 1;
    if (connector === undefined) {
      if (entry.attempts === 1) this.#report(new Error(`nobody can stop a job of ${request.resource.arn}`), request);
      return false;
    }
    if (connector.cancel === undefined) return true;
    const lanes = this.#lanesOf(connector);
    const lane = connector.lane?.(request);
    const { signal } = this.#abort;
    if (!(await lanes.enter(lane, signal))) return false;
    let found = handle;
    try {
      found ??= await this.#recovered(connector, request);
      if (found !== undefined) await connector.cancel(request, found);
      return true;
    } catch (error) {
      // A service may refuse to stop what has ended.
      if (found !== undefined && (await hasEnded(connector, request, found, signal))) return true;
      if (entry.attempts === 1 && !signal.aborted) this.#report(error, request);
      return false;
    } finally {
      lanes.leave(lane);
    }
  }

  async #recovered(connector: Connector, request: TaskRequest): Promise<string | undefined> {
    const recovered = await connector.recover?.(request, this.#abort.signal);
    if (recovered?.kind === "found") return recovered.handle;
    if (recovered?.kind === "none") return undefined;
    const problem = "the start of this task was not answered: a job it may have started is not known, and runs on";
    this.#report(new Error(problem), request);
    return undefined;
  }

  #later(entry: Entry, delayMs: number): void {
    const { clock, work } = this.#ports;
    entry.takeBack = clock.wakeAt(clock.now() + delayMs, () => {
      void work.during(this.#again(entry));
    });
  }

  async #again(entry: Entry): Promise<void> {
    const { key, taskId } = entry.place;
    try {
      const [stored] = await this.#ports.store.jobsToStop(1, { key, taskId: taskId - 1 });
      if (this.#abort.signal.aborted || this.#entries.get(keyOf(entry.place)) !== entry) return;
      if (stored?.key === key && stored.taskId === taskId) await this.#attempt(entry, abandoned(stored));
      else this.#drop(entry);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) this.#ports.settings.onProblem(error, entry.executionArn);
      this.#later(entry, AGAIN_MS);
    }
  }

  #done(entry: Entry): void {
    this.#toForget.push(entry);
    if (this.#isForgetting) return;
    this.#isForgetting = true;
    void this.#ports.work.during(this.#forget());
  }

  /** Many at once: each is a transaction of its own. */
  async #forget(): Promise<void> {
    const { store, settings, clock } = this.#ports;
    // What the same turn brings goes together.
    await new Promise<void>((resolve) => settings.later(resolve));
    try {
      while (this.#toForget.length > 0) {
        const batch = this.#toForget.slice(0, FORGOTTEN_TOGETHER_MAX);
        await store.forgetJobsToStop(batch.map(({ place }) => place));
        this.#toForget.splice(0, batch.length);
        for (const entry of batch) this.#drop(entry);
      }
      this.#isForgetting = false;
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) settings.onProblem(error, "jobs to stop");
      clock.wakeAt(clock.now() + AGAIN_MS, () => {
        if (!this.#abort.signal.aborted) void this.#ports.work.during(this.#forget());
      });
    }
  }

  #drop(entry: Entry): void {
    const key = keyOf(entry.place);
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    if (!this.#leftOut || this.#entries.size > this.#ports.settings.jobsToStopMax / 2) return;
    this.#leftOut = false;
    this.look();
  }

  #lanesOf(connector: Connector): ConnectorLanes {
    let lanes = this.#lanes.get(connector);
    if (lanes === undefined) {
      lanes = new ConnectorLanes(CALLS_MAX);
      this.#lanes.set(connector, lanes);
    }
    return lanes;
  }

  #report(error: unknown, { executionArn, stateName }: TaskRequest): void {
    this.#ports.settings.onProblem(error, `${executionArn}, state ${stateName}`);
  }

  /** Executions went to another process, which stops their jobs. */
  disown(owns: (executionArn: string) => boolean): void {
    for (const entry of [...this.#entries.values()]) {
      if (owns(entry.executionArn) || this.#toForget.includes(entry)) continue;
      entry.takeBack?.();
      this.#drop(entry);
    }
  }

  stopAll(): void {
    this.#abort.abort();
    this.#takeBackLook?.();
    for (const { takeBack } of this.#entries.values()) takeBack?.();
  }
}

function abandoned({ key, taskId, since, request, handle }: StoredJobToStop): AbandonedJob {
  return { key, taskId, since, request: JSON.parse(request) as TaskRequest, handle };
}

function keyOf({ key, taskId }: JobPlace): string {
  return `${key}#${taskId}`;
}

/** Asking changes nothing; who cannot say so now is asked again with the next attempt. */
async function hasEnded(
  connector: Connector,
  request: TaskRequest,
  handle: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const outcome = await connector.poll?.(request, handle, signal);
    return outcome !== undefined && outcome.kind !== "submitted";
  } catch {
    return false;
  }
}
