/** What can be done to a run: stop, redrive, start again with its input. */
import { Link, useNavigate } from "@tanstack/react-router";
import { lazy, type ReactElement, Suspense, useState } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { idOf, machineNameOf } from "../../api/arns.ts";
import { redriveExecution, stopExecution } from "../../api/aws.ts";
import type { RunStore } from "../../run-model/run-store.ts";
import { announce } from "../../ui/announce.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { StartDialog } from "../start/start-dialog.tsx";

const AsTestDialog = lazy(() =>
  import("./as-test-dialog.tsx").then(({ AsTestDialog: component }) => ({ default: component })),
);

export interface RunActionsProps {
  readonly execution: ApiExecution;
  readonly store: RunStore;
  readonly status: string;
  readonly refetch: () => void;
}

export function RunActions({ execution, store, status, refetch }: RunActionsProps): ReactElement {
  const [open, setOpen] = useState<"stop" | "redrive" | "start" | "test">();
  const navigate = useNavigate();
  const close = () => setOpen(undefined);
  const running = status === "RUNNING" || status === "PENDING_REDRIVE";
  const redrivable = !running && status !== "SUCCEEDED" && execution.type === "STANDARD";
  useShortcuts("Actions", [
    {
      keys: "c",
      does: "Compare with another run",
      run: () => void navigate({ to: "/compare", search: { a: idOf(execution.executionArn) } as never }),
    },
    { keys: "n", does: "New run with this input", run: () => setOpen("start") },
    ...(redrivable ? [{ keys: "r", does: "Redrive", run: () => setOpen("redrive") }] : []),
  ]);
  return (
    <>
      {running && (
        <button type="button" className="button button-danger" onClick={() => setOpen("stop")}>
          <Icon name="stop" size={11} /> Stop
        </button>
      )}
      {redrivable && (
        <button
          type="button"
          className="button"
          disabled={execution.redriveStatus === "NOT_REDRIVABLE"}
          title={execution.redriveStatusReason}
          onClick={() => setOpen("redrive")}
        >
          <Icon name="redrive" size={13} /> Redrive
        </button>
      )}
      {!running && (
        <button type="button" className="button" onClick={() => setOpen("test")}>
          <Icon name="lab" size={13} /> As a test…
        </button>
      )}
      <Link to="/compare" search={{ a: idOf(execution.executionArn) } as never} className="button">
        Compare with…
      </Link>
      <button type="button" className="button" onClick={() => setOpen("start")}>
        <Icon name="play" size={12} /> New run
      </button>
      {open === "test" && (
        <Suspense fallback={null}>
          <AsTestDialog execution={execution} fold={store.fold} onClose={close} />
        </Suspense>
      )}
      {open === "stop" && <StopDialog executionArn={execution.executionArn} onClose={close} />}
      {open === "redrive" && <RedriveDialog executionArn={execution.executionArn} onClose={close} refetch={refetch} />}
      {open === "start" && (
        <StartDialog
          stateMachineArn={execution.stateMachineArn}
          name={machineNameOf(execution.stateMachineArn)}
          input={execution.input}
          onClose={close}
        />
      )}
    </>
  );
}

interface OneRunProps {
  readonly executionArn: string;
  readonly onClose: () => void;
}

function StopDialog({ executionArn, onClose }: OneRunProps): ReactElement {
  const [error, setError] = useState("");
  const [cause, setCause] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const stop = async () => {
    try {
      await stopExecution(executionArn, error, cause);
      onClose();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return (
    <Dialog
      title="Stop the run"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Let it run
          </button>
          <button type="button" className="button button-primary" onClick={() => void stop()}>
            Stop
          </button>
        </>
      }
    >
      <p>It ends as aborted. What its tasks have begun is not undone.</p>
      <label className="field">
        <span>Error (optional)</span>
        <input value={error} maxLength={256} onChange={({ target }) => setError(target.value)} />
      </label>
      <label className="field">
        <span>Cause (optional)</span>
        <input value={cause} maxLength={32_768} onChange={({ target }) => setCause(target.value)} />
      </label>
      <Problem error={problem} />
    </Dialog>
  );
}

function RedriveDialog({
  executionArn,
  onClose,
  refetch,
}: OneRunProps & { readonly refetch: () => void }): ReactElement {
  const [problem, setProblem] = useState<unknown>();
  const redrive = async () => {
    try {
      await redriveExecution(executionArn);
      announce("Redriven");
      refetch();
      onClose();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return (
    <Dialog
      title="Redrive the run"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button button-primary" onClick={() => void redrive()}>
            Redrive
          </button>
        </>
      }
    >
      <p>
        The same run goes on from the states that failed, with the same input and definition. To change an input, fork
        it from a state instead.
      </p>
      <Problem error={problem} />
    </Dialog>
  );
}
