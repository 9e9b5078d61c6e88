/** Answers a task that waits: success with an output, failure with an error, or a heartbeat. */
import { type ReactElement, useState } from "react";
import { sendTaskFailure, sendTaskHeartbeat, sendTaskSuccess } from "../../api/aws.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { CopyButton } from "../../ui/page.tsx";
import { inputProblem } from "../start/start-input.ts";

export interface TokenDialogProps {
  readonly stateName: string;
  readonly taskToken: string;
  readonly onClose: () => void;
}

export function TokenDialog({ stateName, taskToken, onClose }: TokenDialogProps): ReactElement {
  const [output, setOutput] = useState("{}");
  const [error, setError] = useState("");
  const [cause, setCause] = useState("");
  const [kind, setKind] = useState<"success" | "failure">("success");
  const [problem, setProblem] = useState<unknown>();
  const [said, setSaid] = useState("");
  const wrong = kind === "success" ? inputProblem(output) : undefined;
  const attempt = async (call: () => Promise<object>, after: () => void) => {
    setProblem(undefined);
    try {
      await call();
      after();
    } catch (failure) {
      setProblem(failure);
    }
  };
  return (
    <Dialog
      title={`Answer ${stateName}`}
      onClose={onClose}
      footer={
        <>
          <CopyButton label="Copy token" text={taskToken} />
          <button
            type="button"
            className="button"
            onClick={() =>
              void attempt(
                () => sendTaskHeartbeat(taskToken),
                () => setSaid("Heartbeat sent."),
              )
            }
          >
            Send heartbeat
          </button>
          <span className="grow" />
          {kind === "success" ? (
            <button
              type="button"
              className="button button-primary"
              disabled={wrong !== undefined}
              onClick={() => void attempt(() => sendTaskSuccess(taskToken, output), onClose)}
            >
              Send success
            </button>
          ) : (
            <button
              type="button"
              className="button button-primary"
              onClick={() => void attempt(() => sendTaskFailure(taskToken, error, cause), onClose)}
            >
              Send failure
            </button>
          )}
        </>
      }
    >
      <div className="segments" role="group" aria-label="Answer">
        <button type="button" aria-pressed={kind === "success"} onClick={() => setKind("success")}>
          Success
        </button>
        <button type="button" aria-pressed={kind === "failure"} onClick={() => setKind("failure")}>
          Failure
        </button>
      </div>
      {kind === "success" ? (
        <label className="field">
          <span>Output (JSON)</span>
          <textarea rows={8} value={output} spellCheck={false} onChange={({ target }) => setOutput(target.value)} />
          {wrong !== undefined && <span className="status tone-bad status-quiet">{wrong}</span>}
        </label>
      ) : (
        <>
          <label className="field">
            <span>Error</span>
            <input value={error} maxLength={256} onChange={({ target }) => setError(target.value)} />
          </label>
          <label className="field">
            <span>Cause</span>
            <textarea rows={4} value={cause} onChange={({ target }) => setCause(target.value)} />
          </label>
        </>
      )}
      {said !== "" && <p role="status">{said}</p>}
      <Problem error={problem} />
    </Dialog>
  );
}
