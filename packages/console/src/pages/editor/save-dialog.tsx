/** Saves a definition: what differs is shown first; a version is published when it is wanted. */
import { type ReactElement, useState } from "react";
import { createStateMachine, type DescribedMachine, updateStateMachine } from "../../api/aws.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { TextDiffView } from "../../ui/json-view.tsx";
import { nameProblem } from "../start/start-input.ts";

export interface SaveDialogProps {
  readonly machine: DescribedMachine | undefined;
  readonly before: string;
  /** Absent when the text cannot be read. */
  readonly definition: string | undefined;
  readonly errors: number;
  readonly onClose: () => void;
  readonly onSaved: (name: string) => void;
}

const ROLE = "arn:aws:iam::123456789012:role/stepwell";

export function SaveDialog({ machine, before, definition, errors, onClose, onSaved }: SaveDialogProps): ReactElement {
  const [name, setName] = useState("");
  const [role, setRole] = useState(ROLE);
  const [type, setType] = useState<"STANDARD" | "EXPRESS">("STANDARD");
  const [publish, setPublish] = useState(machine !== undefined);
  const [description, setDescription] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const wrong = machine === undefined && name === "" ? "A state machine needs a name." : nameProblem(name);
  const save = async () => {
    if (definition === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      if (machine === undefined) await createStateMachine({ name, definition, roleArn: role, type });
      else {
        await updateStateMachine({
          stateMachineArn: machine.stateMachineArn,
          definition,
          ...(publish && { publish: true }),
          ...(publish && description !== "" && { versionDescription: description }),
        });
      }
      onSaved(machine?.name ?? name);
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={machine === undefined ? "Create the state machine" : `Save ${machine.name}`}
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
            disabled={busy || definition === undefined || errors > 0 || wrong !== undefined}
            onClick={() => void save()}
          >
            {machine === undefined ? "Create" : publish ? "Save as a version" : "Save"}
          </button>
        </>
      }
    >
      {errors > 0 && <p className="status tone-bad status-quiet">The definition has errors: it would be refused.</p>}
      {machine === undefined ? (
        <>
          <label className="field">
            <span>Name</span>
            <input value={name} maxLength={80} spellCheck={false} onChange={({ target }) => setName(target.value)} />
          </label>
          <div className="row row-end">
            <label className="field">
              <span>Type</span>
              <select
                value={type}
                onChange={({ target }) => setType(target.value === "EXPRESS" ? "EXPRESS" : "STANDARD")}
              >
                <option value="STANDARD">Standard</option>
                <option value="EXPRESS">Express</option>
              </select>
            </label>
            <label className="field grow">
              <span>Role ARN</span>
              <input value={role} spellCheck={false} onChange={({ target }) => setRole(target.value)} />
            </label>
          </div>
        </>
      ) : (
        <>
          <TextDiffView before={before} after={definition ?? ""} />
          <label className="row">
            <input type="checkbox" checked={publish} onChange={({ target }) => setPublish(target.checked)} />
            Publish a version
          </label>
          {publish && (
            <label className="field">
              <span>Description of the version (optional)</span>
              <input value={description} maxLength={256} onChange={({ target }) => setDescription(target.value)} />
            </label>
          )}
        </>
      )}
      <Problem error={problem} />
    </Dialog>
  );
}
