/** Copies executions and map runs from one store to another, empty one, in order of their beginning. */
import {
  type ExecutionCommit,
  type ExecutionStore,
  type HistoryChunk,
  type LoadedExecution,
  type MapRunStore,
  mapStateOfRevision,
  type RedriveToken,
  type StoredJobToStop,
} from "@stepwell/engine";

const PAGE = 100;
const CHILDREN_PAGE = 500;
const CHUNK_EVENTS = 1_000;
const ACTIVITY_TASKS_PAGE = 500;
const ANNOUNCEMENTS_PAGE = 100;

const NOTHING_ELSE = {
  parts: [],
  history: [],
  tasksSubmitted: [],
  tasksSettled: [],
  activityTasksQueued: [],
  activityTasksRemoved: [],
} as const;
/** What an execution that was redriven is, before its redrives are told. */
const BEFORE_REDRIVES = { status: "FAILED", stopDate: 0 } as const;

export interface Stores {
  readonly executions: ExecutionStore;
  readonly mapRuns: MapRunStore;
}

export interface MovedExecutions {
  readonly executions: number;
  readonly running: number;
  readonly mapRuns: number;
  readonly children: number;
}

/** The keys of all revisions that executions refer to. */
export async function revisionsOf(from: ExecutionStore): Promise<Set<string>> {
  const keys = new Set<string>();
  for await (const executions of pagesOf(from)) {
    for (const { revisionKey } of await describe(from, executions)) {
      // A child's is its parent's, and the name of a state.
      keys.add(
        mapStateOfRevision(revisionKey) === undefined ? revisionKey : revisionKey.slice(0, revisionKey.indexOf("#")),
      );
    }
  }
  return keys;
}

async function describe(from: ExecutionStore, executionArns: readonly string[]): Promise<{ revisionKey: string }[]> {
  return (await from.describeAll(executionArns)).filter((execution) => execution !== undefined);
}

export async function moveExecutions(
  from: Stores,
  to: Stores,
  activityArns: readonly string[],
  progress: (executions: number) => void,
): Promise<MovedExecutions> {
  const moved = { executions: 0, running: 0, mapRuns: 0, children: 0 };
  const outstanding = await outstandingOf(from.executions);
  const announcements = await announcementsOf(from.executions);
  const jobsToStop = await jobsToStopOf(from.executions);
  for await (const executionArns of pagesOf(from.executions)) {
    for (const execution of await from.executions.load(executionArns)) {
      if (execution === undefined) continue;
      await moveExecution(from.executions, to.executions, execution, {
        outstandingTasks: outstanding.has(execution.start.executionArn) ? 1 : 0,
        announcements: announcements.splice(0),
        jobsToStop: jobsToStop.get(execution.key) ?? [],
      });
      moved.executions += 1;
      if (execution.status === "RUNNING") moved.running += 1;
      await moveMapRuns(from.mapRuns, to.mapRuns, execution.start.executionArn, moved);
    }
    progress(moved.executions);
  }
  for (const activityArn of activityArns) await moveActivityTasks(from.executions, to.executions, activityArn);
  return moved;
}

async function* pagesOf(from: ExecutionStore): AsyncGenerator<string[]> {
  let after: number | undefined;
  do {
    const page = await from.all(PAGE, after);
    if (page.length > 0) yield page.map(({ executionArn }) => executionArn);
    after = page.length < PAGE ? undefined : page.at(-1)?.key;
  } while (after !== undefined);
}

async function outstandingOf(from: ExecutionStore): Promise<Set<string>> {
  const arns = new Set<string>();
  let after: number | undefined;
  do {
    const page = await from.outstanding(PAGE, after);
    for (const { executionArn } of page) arns.add(executionArn);
    after = page.length < PAGE ? undefined : page.at(-1)?.key;
  } while (after !== undefined);
  return arns;
}

/** What waits to be told outside goes with the first execution. */
async function announcementsOf(from: ExecutionStore): Promise<string[]> {
  const texts: string[] = [];
  for (let page = await from.announcements(ANNOUNCEMENTS_PAGE); page.length > 0; ) {
    texts.push(...page.map(({ text }) => text));
    page = await from.announcements(ANNOUNCEMENTS_PAGE, page.at(-1)?.position);
  }
  return texts;
}

/** By execution. */
async function jobsToStopOf(from: ExecutionStore): Promise<Map<number, StoredJobToStop[]>> {
  const jobs: StoredJobToStop[] = [];
  for (let page = await from.jobsToStop(PAGE); page.length > 0; page = await from.jobsToStop(PAGE, page.at(-1))) {
    jobs.push(...page);
  }
  return Map.groupBy(jobs, ({ key }) => key);
}

async function moveExecution(
  from: ExecutionStore,
  to: ExecutionStore,
  execution: LoadedExecution,
  more: Required<Pick<ExecutionCommit, "outstandingTasks" | "announcements" | "jobsToStop">>,
): Promise<void> {
  const { start, revisionKey, traceHeader, lastEventId, redriveCount } = execution;
  const { executionArn } = start;
  const state = stateOf(execution, more.outstandingTasks);
  const isRedriven = redriveCount > 0;
  const [key] = await to.commit([
    {
      ...NOTHING_ELSE,
      executionArn,
      over: { kind: "create", start, revisionKey, ...(traceHeader === undefined ? {} : { traceHeader }) },
      lastEventId,
      history: await historyOf(from, execution),
      announcements: more.announcements,
      jobsToStop: more.jobsToStop,
      ...(isRedriven ? { end: BEFORE_REDRIVES } : state),
    },
  ]);
  if (!isRedriven || key === undefined) return;
  const redrives = redrivesOf(execution, await from.redriveTokens(executionArn));
  for (const [i, redrive] of redrives.entries()) {
    const isLast = i === redrives.length - 1;
    const over = { kind: "advance", key, version: i + 1 } as const;
    const ends = isLast ? state : { end: BEFORE_REDRIVES };
    await to.commit([{ ...NOTHING_ELSE, executionArn, over, lastEventId, redrive, ...ends }]);
  }
}

/** What an execution is now: its memory, what it waits for, or its end. */
function stateOf(execution: LoadedExecution, outstandingTasks: number): Partial<ExecutionCommit> {
  const { parts, submittedTasks, wakeAt, status, stopDate = 0, output, error, cause } = execution;
  const memory = { parts, tasksSubmitted: submittedTasks };
  if (status === "RUNNING" || status === "PENDING_REDRIVE")
    return { ...memory, wakeAt: wakeAt ?? null, outstandingTasks };
  const given = {
    ...(output === undefined ? {} : { output }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
  };
  return { ...memory, end: { status, stopDate, ...given } };
}

/** The last redrives, oldest first: as many as have tokens, and one at least. */
function redrivesOf(
  { redriveCount, redriveDate = 0 }: LoadedExecution,
  tokens: readonly RedriveToken[],
): NonNullable<ExecutionCommit["redrive"]>[] {
  const oldestFirst = [...tokens].reverse();
  const last = oldestFirst.at(-1);
  const before = oldestFirst.slice(0, -1).map((token, i) => ({ ...token, redriveCount: i + 1 }));
  // The newest token may be of a redrive before the last one.
  if (last !== undefined && last.redriveDate !== redriveDate) {
    const older = { ...last, redriveCount: Math.max(1, redriveCount - 1) };
    return [...before, older, { redriveCount, redriveDate }];
  }
  return [...before, { redriveCount, redriveDate, ...(last === undefined ? {} : { clientToken: last.clientToken }) }];
}

async function historyOf(from: ExecutionStore, { start, lastEventId }: LoadedExecution): Promise<HistoryChunk[]> {
  const chunks: HistoryChunk[] = [];
  for (let next = 1; next <= lastEventId; ) {
    const page = await from.history(start.executionArn, { from: next, limit: CHUNK_EVENTS, reverse: false });
    const last = page.at(-1);
    if (last === undefined) throw new Error(`${start.executionArn}: its history lacks event ${next}`);
    chunks.push(...page);
    next = last.lastId + 1;
  }
  return chunks;
}

async function moveMapRuns(
  from: MapRunStore,
  to: MapRunStore,
  executionArn: string,
  moved: { mapRuns: number; children: number },
): Promise<void> {
  let before: number | undefined;
  do {
    const runs = await from.ofExecution(executionArn, PAGE, before);
    for (const run of runs) {
      moved.mapRuns += 1;
      let after: number | undefined;
      do {
        const at = after === undefined ? {} : { after };
        const children = await from.children(run.key, { limit: CHILDREN_PAGE, texts: true, ...at });
        await to.restore(run, children);
        moved.children += children.length;
        after = children.length < CHILDREN_PAGE ? undefined : children.at(-1)?.index;
      } while (after !== undefined);
    }
    before = runs.length < PAGE ? undefined : runs.at(-1)?.key;
  } while (before !== undefined);
}

/** In their order: the executions are all there. */
async function moveActivityTasks(from: ExecutionStore, to: ExecutionStore, activityArn: string): Promise<void> {
  let after: number | undefined;
  do {
    const tasks = await from.activityTasks(activityArn, ACTIVITY_TASKS_PAGE, after);
    for (const { executionArn, taskId } of tasks) {
      const execution = await to.describe(executionArn);
      if (execution === undefined) continue;
      const { key, version, lastEventId } = execution;
      const over = { kind: "advance", key, version } as const;
      const activityTasksQueued = [{ activityArn, taskId }];
      await to.commit([{ ...NOTHING_ELSE, executionArn, over, lastEventId, activityTasksQueued }]);
    }
    after = tasks.length < ACTIVITY_TASKS_PAGE ? undefined : tasks.at(-1)?.position;
  } while (after !== undefined);
}
