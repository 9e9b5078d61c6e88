/**
 * The end of a run: what its parent is told. Results that are not in files yet are read back from the store in pages, in
 * the order of the items, so that nothing here grows with their number but an output that a state may have (design
 * invariant 9).
 *
 * Two processes may do this for one run: one was frozen in the middle, another has taken over, and the first wakes up.
 *
 * C1. Files become visible only after a commit of the run made when all their content had been read (`seal`). Whoever has
 *     written the run meanwhile, to end or to redrive it, makes that commit fail (R2), and a process that does not own
 *     the run any more is refused it: then nothing is shown.
 * C2. What the files say is decided by that commit: it holds that all items are read, or why the run fails, and a child's
 *     end never changes. So whoever writes this generation behind it, however late, writes the same bytes under the same
 *     names; a redrive has a folder of its own. Only PENDING may differ, and only if the source of the items changed, or
 *     could not be read, or the parent was stopped and the run taken up without it.
 * C3. Nobody throws away the unfinished uploads of others before the outcome is stored: then nobody needs them. A process
 *     that finds its own gone fails no run: the run is taken up again (ResultsLost), to find that it is over, or to write
 *     all from the store.
 */
import { type MapRunPlan, StatesErrorSignal } from "@stepwell/core";
import type { MapRunOutcome } from "../ports/map-run-host.ts";
import type { MapRunIo, ResultRecord, ResultWriter } from "../ports/map-run-io.ts";
import type { ChildQuery, MapRunStore, MapRunVerdict, StoredChild, StoredMapRun } from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";
import { ChildResult } from "./child-result.ts";
import type { EarlyResults } from "./early-results.ts";
import { mayWriteAgain, ResultsLost } from "./results-lost.ts";

const PAGE = 500;

export interface Conclusion {
  readonly outcome: MapRunOutcome;
  readonly areResultsWritten: boolean;
}

export interface ConclusionParts {
  readonly run: StoredMapRun;
  readonly writer: MapRunPlan["writer"];
  readonly verdict: MapRunVerdict | undefined;
  /** What was never begun. Ends early when the items cannot be read. */
  readonly rest: AsyncIterable<readonly ChildInput[]>;
  readonly store: Pick<MapRunStore, "children">;
  readonly io: MapRunIo | undefined;
  readonly payloadBytesMax: number;
  readonly early: EarlyResults;
  /** How often this process has lost the run's results before. */
  readonly tries: number;
  /** Commits the run: rejects when somebody else has written it. */
  readonly seal: () => Promise<void>;
  readonly problem: (problem: unknown) => void;
}

/** A failure of the run itself goes before a failure to write its results. Throws ResultsLost. */
export async function conclude(parts: ConclusionParts): Promise<Conclusion> {
  const { verdict, writer } = parts;
  const failed = verdict === undefined ? undefined : failureOf(verdict);
  const isExported = writer?.parameters !== undefined;
  // So it was before the first child: there is nothing to write.
  if (failed !== undefined && verdict?.error === "States.ResultWriterFailed")
    return { outcome: failed, areResultsWritten: false };
  try {
    if (isExported && parts.io !== undefined) {
      const output = await writeResults(parts, parts.io, writer);
      return { outcome: failed ?? { kind: "succeeded", output }, areResultsWritten: true };
    }
    if (isExported) throw new StatesErrorSignal("States.ResultWriterFailed", "There is no object store to write to.");
    if (failed !== undefined) return { outcome: failed, areResultsWritten: false };
    // Nobody waits for the output of a rerun.
    if (parts.run.rerunOf !== undefined)
      return { outcome: { kind: "succeeded", output: "null" }, areResultsWritten: true };
    return { outcome: { kind: "succeeded", output: await combineResults(parts) }, areResultsWritten: true };
  } catch (error) {
    if (!(error instanceof StatesErrorSignal)) throw error;
    const { error: name = "States.Runtime", cause } = error.statesError;
    const outcome = failed ?? { kind: "failed", error: name, ...(cause === undefined ? {} : { cause }) };
    return { outcome, areResultsWritten: false };
  }
}

/** To be called when the outcome is stored (C3). */
export async function discardUnfinished(io: MapRunIo, run: StoredMapRun): Promise<void> {
  const { writer, mapRunArn, redriveCount } = run;
  if (writer?.parameters !== undefined) await io.discardUnfinished({ writer, mapRunArn, redriveCount });
}

function failureOf({ error, cause }: MapRunVerdict): MapRunOutcome {
  return { kind: "failed", error, ...(cause === undefined ? {} : { cause }) };
}

async function combineResults({ run, writer, store, io, payloadBytesMax }: ConclusionParts): Promise<string> {
  // Brackets and commas make it longer still: what is too long is never put together.
  if (run.outputBytes > payloadBytesMax) throw tooLong(run);
  const outputs: string[] = [];
  const isWhole = writer?.transformation === "NONE";
  let bytes = 0;
  for await (const page of pagesOf(store, run.key, { statuses: ["SUCCEEDED"] })) {
    for (const child of page) {
      const output = isWhole ? recordText(new ChildResult(run, child, child)) : (child.output ?? "null");
      bytes += output.length + 1;
      if (bytes > payloadBytesMax * 2) throw tooLong(run);
      outputs.push(output);
    }
  }
  const output =
    writer === undefined || io === undefined ? `[${outputs.join(",")}]` : io.combineResults(writer, outputs);
  if (Buffer.byteLength(output) > payloadBytesMax) throw tooLong(run);
  return output;
}

/** In AWS's words for any state. recorded-behaviour.md, fact 21. */
function tooLong({ stateName }: StoredMapRun): StatesErrorSignal {
  return new StatesErrorSignal(
    "States.DataLimitExceeded",
    `The state/task '${stateName}' returned a result with a size exceeding the maximum number of bytes service limit.`,
  );
}

async function* pagesOf(
  store: Pick<MapRunStore, "children">,
  key: number,
  query: Pick<ChildQuery, "statuses" | "after">,
): AsyncGenerator<readonly StoredChild[]> {
  let { after } = query;
  do {
    const page = await store.children(key, {
      ...query,
      ...(after === undefined ? {} : { after }),
      limit: PAGE,
      texts: true,
    });
    yield page;
    after = page.length < PAGE ? undefined : page.at(-1)?.index;
  } while (after !== undefined);
}

async function writeResults(
  parts: ConclusionParts,
  io: MapRunIo,
  writer: NonNullable<MapRunPlan["writer"]>,
): Promise<string> {
  const { early, run } = parts;
  const { mapRunArn, redriveCount } = run;
  const begun = early.take();
  const count = begun?.count ?? 0;
  try {
    const results = begun?.results ?? (await io.openResultWriter({ writer, mapRunArn, redriveCount }));
    return await finishResults(parts, results, count);
  } catch (error) {
    if (!(error instanceof StatesErrorSignal)) throw error;
    // What was written early may be what is wrong: without it there is another failure, or none.
    throw count > 0 || mayWriteAgain(error, parts.tries) ? new ResultsLost(mapRunArn, error) : error;
  }
}

async function finishResults(parts: ConclusionParts, results: ResultWriter, count: number): Promise<string> {
  try {
    await writeRest(parts, results, count);
    await parts.seal();
    return JSON.stringify(await results.close());
  } catch (error) {
    await results.abort().catch(parts.problem);
    throw error;
  }
}

/** The results of all children but the first `count`. */
async function writeRest(parts: ConclusionParts, results: ResultWriter, count: number): Promise<void> {
  const { run, store, rest } = parts;
  for await (const page of pagesOf(store, run.key, { after: count - 1 })) {
    // What had succeeded before a redrive stands in the files of that generation.
    const isOld = (child: StoredChild): boolean =>
      child.status === "SUCCEEDED" && child.generation !== run.redriveCount;
    await results.write(page.flatMap((child) => (isOld(child) ? [] : new ChildResult(run, child, child))));
  }
  for await (const inputs of rest) await results.write(inputs.map(pendingResult));
}

function pendingResult({ input }: ChildInput): ResultRecord {
  return { status: "PENDING", input };
}

/** WriterConfig's NONE without an export: the child's record in the state's output. features.md A.14. */
function recordText(record: ResultRecord): string {
  const time = (at: number | undefined): string | undefined =>
    at === undefined ? undefined : new Date(at).toISOString();
  return JSON.stringify({
    ExecutionArn: record.executionArn,
    Input: record.input,
    InputDetails: { Included: true },
    Name: record.name,
    Output: record.output,
    OutputDetails: { Included: true },
    RedriveCount: record.redriveCount,
    RedriveStatus: record.redriveStatus,
    RedriveStatusReason: record.redriveStatusReason,
    StartDate: time(record.startedAt),
    StateMachineArn: record.stateMachineArn,
    Status: record.status,
    StopDate: time(record.stoppedAt),
  });
}
