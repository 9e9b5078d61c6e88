/**
 * `--chaos`: a case once more for each of its commits, with a process that dies by SIGKILL right after it and another one
 * that goes on; and once more for each task, which fails the first time it is called so.
 *
 * A commit is the unit: events that are committed together are there together or not at all (design invariant 2).
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import { dataIn } from "./case-data.ts";
import { shown } from "./contains.ts";
import { isCrashPoint } from "./crash-point.ts";
import { type Ended, runCase, type Suite } from "./run-case.ts";
import type { TestCase } from "./test-file.ts";
import type { MockedCall } from "./test-mocks.ts";

export interface ChaosReport {
  readonly crashes: number;
  /** Commits after which no crash was tried: there are too many. */
  readonly crashesLeftOut: number;
  readonly injected: readonly InjectedOutcome[];
  readonly problems: readonly string[];
}

/** `same`: status and output as without; `handled`: it succeeded otherwise; `failed`: it ended in another way. */
export interface InjectedOutcome {
  readonly stateName: string;
  /** From 1. */
  readonly call: number;
  readonly outcome: "same" | "handled" | "failed";
  readonly status: Ended["status"];
  readonly error?: string;
}

/** What a case's end is compared by: causes may name executions and times. */
type End = Pick<Ended, "status" | "output" | "error">;

const CRASHES_MAX = 60;
const INJECTED_MAX = 200;
const CHILD_MS = 120_000;
/** How often a case is run to see what differs by itself. */
const CALM_RUNS = 3;
const CHILD = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "./chaos-child.ts" : "./chaos-child.js", import.meta.url),
);

export async function chaos(suite: Suite, test: TestCase): Promise<ChaosReport> {
  let commits = 0;
  const calm = await runCase(suite, test, {
    onCommitted: (change) => {
      if (isCrashPoint(change)) commits += 1;
    },
  });
  const without = new Expected(calm);
  for (let i = 1; i < CALM_RUNS; i++) without.alsoEndsAs(await runCase(suite, test));
  const step = Math.max(1, commits / CRASHES_MAX);
  const points = Array.from({ length: Math.min(commits, CRASHES_MAX) }, (_, i) => Math.floor(i * step) + 1);
  const crashed = await inParallel(points, availableParallelism(), (point) => afterCrash(suite, test, point));
  const problems = crashed.flatMap((ended, i) =>
    without.isMet(ended)
      ? []
      : [`crash after commit ${points[i]} of ${commits}: ended ${shown(ended)}, without it ${shown(endOf(calm))}`],
  );
  const injected = await injectAll(suite, test, without, calm.calls);
  for (const { stateName, call, outcome, status, error } of injected) {
    if (outcome === "same" || !mustSurvive(test, stateName)) continue;
    problems.push(
      `a failure of call ${call} of ${stateName} was not survived: ${status}${error === undefined ? "" : ` ${error}`}`,
    );
  }
  return { crashes: points.length, crashesLeftOut: commits - points.length, injected, problems };
}

function mustSurvive({ chaos: wanted }: TestCase, stateName: string): boolean {
  return wanted?.survives === true || wanted?.survives?.includes(stateName) === true;
}

/** The work for each item, at most so many at a time; results in the order of the items. */
async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: Math.max(1, Math.min(width, items.length)) }, worker));
  return results;
}

async function injectAll(
  suite: Suite,
  test: TestCase,
  without: Expected,
  calls: readonly MockedCall[],
): Promise<InjectedOutcome[]> {
  const outcomes: InjectedOutcome[] = [];
  for (const call of calls.slice(0, INJECTED_MAX)) outcomes.push(await inject(suite, test, without, call));
  return outcomes;
}

async function inject(suite: Suite, test: TestCase, without: Expected, call: MockedCall): Promise<InjectedOutcome> {
  const { stateName, number } = call;
  const injected = { stateName, number, error: test.chaos?.error ?? "States.TaskFailed" };
  const ended = await runCase(suite, test, { injected });
  const outcome = without.isMet(ended) ? "same" : ended.status === "SUCCEEDED" ? "handled" : "failed";
  const { status, error } = ended;
  return { stateName, call: number + 1, outcome, status, ...(error === undefined ? {} : { error }) };
}

/** One process that dies, and one that goes on where it was. */
async function afterCrash(suite: Suite, test: TestCase, commits: number): Promise<End | string> {
  const directory = await mkdtemp(join(tmpdir(), "stepwell-chaos-"));
  try {
    const first = await child(suite.path, test.name, directory, commits);
    // It may have ended before: what it does is up to chance in the order of parallel branches.
    if (!first.killed) return first.end;
    return await runCase(suite, test, { data: dataIn(directory) });
  } catch (error) {
    return (error as Error).message;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function child(
  path: string,
  name: string,
  directory: string,
  commits: number,
): Promise<{ readonly killed: boolean; readonly end: End | string }> {
  const args = [...process.execArgv, CHILD, path, name, directory, String(commits)];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: CHILD_MS, maxBuffer: 16 * 1_048_576 }, (error, stdout, stderr) => {
      const killed = error?.signal === "SIGKILL" && error.killed !== true;
      if (error !== null) resolve({ killed, end: stderr.slice(-500) || error.message });
      else resolve({ killed, end: JSON.parse(stdout) as End });
    });
  });
}

function endOf({ status, output, error }: End): End {
  return { status, ...(output === undefined ? {} : { output }), ...(error === undefined ? {} : { error }) };
}

/** What a case comes to when nothing happens to it. What differs from run to run (ids, times, chance) may differ. */
class Expected {
  readonly #calm: End;
  readonly #output: Json;
  /** Pointers of values of the output that differed. */
  readonly #varying = new Set<string>();

  constructor(calm: End) {
    this.#calm = calm;
    this.#output = outputOf(calm);
  }

  alsoEndsAs(other: End): void {
    for (const pointer of differences(this.#output, outputOf(other), "")) this.#varying.add(pointer);
  }

  isMet(ended: End | string): boolean {
    if (typeof ended === "string" || ended.status !== this.#calm.status || ended.error !== this.#calm.error)
      return false;
    return differences(this.#output, outputOf(ended), "").every((pointer) => this.#varying.has(pointer));
  }
}

function outputOf({ output }: End): Json {
  return output === undefined ? null : (JSON.parse(output) as Json);
}

/** Where two values differ: the innermost places. */
function differences(a: Json, b: Json, pointer: string): string[] {
  const bothLists = isJsonArray(a) && isJsonArray(b) && a.length === b.length;
  const bothObjects = isJsonObject(a) && isJsonObject(b) && hasSameNames(a, b);
  if (!(bothLists || bothObjects)) return JSON.stringify(a) === JSON.stringify(b) ? [] : [pointer];
  const [left, right] = [a, b] as unknown as readonly Readonly<Record<string, Json>>[];
  return Object.keys(a).flatMap((name) =>
    differences(left?.[name] ?? null, right?.[name] ?? null, `${pointer}/${name}`),
  );
}

function hasSameNames(a: JsonObject, b: JsonObject): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name));
}
