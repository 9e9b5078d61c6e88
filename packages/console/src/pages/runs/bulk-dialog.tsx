/** Stops or redrives many runs, a few at a time, and says how each of them went. */
import { type ReactElement, useRef, useState } from "react";
import type { ApiExecutionItem } from "../../api/api-types.ts";
import { redriveExecution, stopExecution } from "../../api/aws.ts";
import { Dialog } from "../../ui/dialog.tsx";
import { plural } from "../../ui/format.ts";
import { download } from "../../ui/page.tsx";
import { Status } from "../../ui/status.tsx";

export type BulkKind = "redrive" | "stop";

const AT_A_TIME = 4;

const FITS: Readonly<Record<BulkKind, (run: ApiExecutionItem) => boolean>> = {
  redrive: ({ status }) => status === "FAILED" || status === "TIMED_OUT" || status === "ABORTED",
  stop: ({ status }) => status === "RUNNING" || status === "PENDING_REDRIVE",
};

interface Outcome {
  readonly run: ApiExecutionItem;
  readonly problem?: string;
}

export interface BulkDialogProps {
  readonly kind: BulkKind;
  readonly runs: readonly ApiExecutionItem[];
  readonly onClose: () => void;
}

export function BulkDialog({ kind, runs: given, onClose }: BulkDialogProps): ReactElement {
  // As they were chosen: the list behind goes on changing, not least by what is done here.
  const [runs] = useState(given);
  const fitting = runs.filter(FITS[kind]);
  const [outcomes, setOutcomes] = useState<readonly Outcome[]>();
  const stopped = useRef(false);
  const verb = kind === "redrive" ? "Redrive" : "Stop";
  const perform = async () => {
    setOutcomes([]);
    const queue = [...fitting];
    const worker = async () => {
      for (let run = queue.shift(); run !== undefined && !stopped.current; run = queue.shift()) {
        const outcome = await attempt(kind, run);
        setOutcomes((before) => [...(before ?? []), outcome]);
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  };
  const done = outcomes?.length ?? 0;
  const bad = outcomes?.filter(({ problem }) => problem !== undefined) ?? [];
  return (
    <Dialog
      title={`${verb} ${plural(fitting.length, "run")}`}
      onClose={() => {
        stopped.current = true;
        onClose();
      }}
      footer={
        <>
          {outcomes !== undefined && (
            <button
              type="button"
              className="button"
              onClick={() => download(`${kind}-report.json`, "application/json", reportOf(outcomes))}
            >
              Save report
            </button>
          )}
          <button type="button" className="button" onClick={onClose}>
            {outcomes === undefined ? "Cancel" : "Close"}
          </button>
          {outcomes === undefined && (
            <button
              type="button"
              className="button button-primary"
              disabled={fitting.length === 0}
              onClick={() => void perform()}
            >
              {verb}
            </button>
          )}
        </>
      }
    >
      {fitting.length < runs.length && (
        <p className="faint">
          {plural(runs.length - fitting.length, "run")} of those chosen cannot be{" "}
          {kind === "redrive" ? "redriven: they did not fail." : "stopped: they have ended."}
        </p>
      )}
      {outcomes === undefined ? (
        <p>
          {kind === "redrive"
            ? "Each goes on from where it failed, with its own input and results so far."
            : "Each ends as aborted; what its tasks have begun is not undone."}
        </p>
      ) : (
        <>
          <progress value={done} max={Math.max(1, fitting.length)} aria-label="Progress" style={{ width: "100%" }} />
          <p role="status">
            {done} of {fitting.length} done, {bad.length} refused.
          </p>
          {bad.map(({ run, problem }) => (
            <p key={run.executionArn} className="wrap">
              <Status status="FAILED" quiet /> <code>{run.name}</code>: {problem}
            </p>
          ))}
        </>
      )}
    </Dialog>
  );
}

async function attempt(kind: BulkKind, run: ApiExecutionItem): Promise<Outcome> {
  try {
    await (kind === "redrive" ? redriveExecution(run.executionArn) : stopExecution(run.executionArn));
    return { run };
  } catch (error) {
    return { run, problem: error instanceof Error ? error.message : String(error) };
  }
}

function reportOf(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(({ run, problem }) => ({
    executionArn: run.executionArn,
    ok: problem === undefined,
    problem,
  }));
  return JSON.stringify(rows, null, 2);
}
