/** A new run from a state that was visited: with another input, or on another definition. The original stays as it is. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import type { ApiExecution, ApiFork } from "../../api/api-types.ts";
import { idOf, lastPartOf } from "../../api/arns.ts";
import { describeStateMachine, listVersions } from "../../api/aws.ts";
import { forkExecution } from "../../api/v1.ts";
import type { Visit } from "../../run-model/run-fold.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { parseJson } from "../../ui/json-diff.ts";
import { JsonDiffView } from "../../ui/json-view.tsx";
import { inputProblem, nameProblem } from "../start/start-input.ts";

export interface ForkDialogProps {
  readonly execution: ApiExecution;
  readonly visit: Visit;
  /** JSON text, as recorded. */
  readonly input: string;
  readonly onClose: () => void;
}

const SAME = "same";
const LATEST = "latest";
const EDITED = "edited";

const pretty = (text: string): string => {
  const value = parseJson(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
};

export function ForkDialog({ execution, visit, input, onClose }: ForkDialogProps): ReactElement {
  const { stateMachineArn } = execution;
  const [text, setText] = useState(() => pretty(input));
  const [name, setName] = useState("");
  const [revision, setRevision] = useState(SAME);
  const [definition, setDefinition] = useState(() => pretty(execution.definition));
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const versions = useQuery({ queryKey: ["versions", stateMachineArn], queryFn: () => listVersions(stateMachineArn) });
  const wrong = inputProblem(text) ?? nameProblem(name) ?? (revision === EDITED ? inputProblem(definition) : undefined);
  const [before, after] = [parseJson(input), parseJson(text)];
  const fork = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const order: ApiFork = {
        at: { eventId: visit.id },
        input: JSON.parse(text) as unknown,
        ...(name !== "" && { name }),
        ...(await revisionOf()),
      };
      const { executionArn } = await forkExecution(execution.executionArn, order);
      onClose();
      await navigate({ to: "/runs/$id", params: { id: idOf(executionArn) } as never });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  const revisionOf = async (): Promise<Pick<ApiFork, "definition" | "stateMachineVersionArn">> => {
    if (revision === SAME) return {};
    if (revision === EDITED) return { definition };
    if (revision === LATEST) return { definition: (await describeStateMachine(stateMachineArn)).definition };
    return { stateMachineVersionArn: revision };
  };
  return (
    <Dialog
      title={`Fork from ${visit.name}`}
      onClose={onClose}
      wide
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={busy || wrong !== undefined}
            onClick={() => void fork()}
          >
            <Icon name="fork" size={13} /> {busy ? "Forking…" : "Fork"}
          </button>
        </>
      }
    >
      <p className="faint">
        A new run begins at this state, with what came before taken from the history of this one. This run is not
        changed.
      </p>
      <label className="field">
        <span>Input of {visit.name} (JSON)</span>
        <textarea rows={12} spellCheck={false} value={text} onChange={({ target }) => setText(target.value)} />
      </label>
      {before !== undefined && after !== undefined && pretty(input) !== text && (
        <JsonDiffView before={before} after={after} label="what you changed" />
      )}
      <div className="row row-end">
        <label className="field grow">
          <span>Definition</span>
          <select value={revision} onChange={({ target }) => setRevision(target.value)}>
            <option value={SAME}>the one this run had</option>
            <option value={LATEST}>the machine's latest</option>
            {(versions.data?.stateMachineVersions ?? []).map(({ stateMachineVersionArn }) => (
              <option key={stateMachineVersionArn} value={stateMachineVersionArn}>
                version {lastPartOf(stateMachineVersionArn)}
              </option>
            ))}
            <option value={EDITED}>edited here</option>
          </select>
        </label>
        <label className="field grow">
          <span>Name (optional)</span>
          <input value={name} maxLength={80} spellCheck={false} onChange={({ target }) => setName(target.value)} />
        </label>
      </div>
      {revision === EDITED && (
        <label className="field">
          <span>Definition of this fork alone</span>
          <textarea
            rows={12}
            spellCheck={false}
            value={definition}
            onChange={({ target }) => setDefinition(target.value)}
          />
        </label>
      )}
      {wrong !== undefined && <p className="status tone-bad status-quiet">{wrong}</p>}
      <Problem error={problem} />
    </Dialog>
  );
}
