/** What can be done to a map run: change its bounds while it runs, redrive items once it ended. */
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useMemo, useState } from "react";
import { idOf } from "../../api/arns.ts";
import { updateMapRun } from "../../api/aws.ts";
import type { ApiMapRun } from "../../api/map-run-types.ts";
import { redriveMapRunItems } from "../../api/v1.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { plural } from "../../ui/format.ts";
import { inputProblem } from "../start/start-input.ts";
import { itemListProblem, rangesOf } from "./item-list.ts";

export interface ControlsDialogProps {
  readonly run: ApiMapRun;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

export function ControlsDialog({ run, onClose, onDone }: ControlsDialogProps): ReactElement {
  const [concurrency, setConcurrency] = useState(run.maxConcurrency);
  const [percentage, setPercentage] = useState(run.toleratedFailurePercentage);
  const [count, setCount] = useState(run.toleratedFailureCount);
  const [problem, setProblem] = useState<unknown>();
  const save = async () => {
    try {
      await updateMapRun({
        mapRunArn: run.mapRunArn,
        maxConcurrency: concurrency,
        toleratedFailurePercentage: percentage,
        toleratedFailureCount: count,
      });
      onDone();
      onClose();
    } catch (error) {
      setProblem(error);
    }
  };
  const field = (label: string, value: number, set: (value: number) => void, max?: number) => (
    <label className="field">
      <span>{label}</span>
      <input type="number" min={0} max={max} value={value} onChange={({ target }) => set(Number(target.value))} />
    </label>
  );
  return (
    <Dialog
      title="Concurrency and tolerance"
      onClose={onClose}
      footer={
        <button type="button" className="button button-primary" onClick={() => void save()}>
          Change
        </button>
      }
    >
      {field("Child runs at once (0: unlimited)", concurrency, setConcurrency)}
      {field("Tolerated failures in percent of the items", percentage, setPercentage, 100)}
      {field("Tolerated failures in items", count, setCount)}
      <p className="faint">The change counts at once for child runs that start from now on.</p>
      <Problem error={problem} />
    </Dialog>
  );
}

export interface RedriveItemsDialogProps {
  readonly run: ApiMapRun;
  readonly cells: Uint8Array | undefined;
  readonly onClose: () => void;
}

export function RedriveItemsDialog({ run, cells, onClose }: RedriveItemsDialogProps): ReactElement {
  const failed = useMemo(() => failedIndexes(cells), [cells]);
  const [items, setItems] = useState(() => rangesOf(failed));
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const [patch, setPatch] = useState("");
  const wrong = itemListProblem(items, cells?.length ?? 0) ?? (patch.trim() === "" ? undefined : inputProblem(patch));
  const redrive = async () => {
    setBusy(true);
    try {
      const answer = await redriveMapRunItems(run.mapRunArn, {
        items: items.replaceAll(/\s/g, ""),
        ...(patch.trim() !== "" && { inputPatch: JSON.parse(patch) as unknown }),
      });
      onClose();
      const id = idOf(answer.executionArn);
      await navigate({ to: "/runs/$id/maps/$map", params: { id, map: idOf(answer.mapRunArn) } as never });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title="Redrive items"
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={busy || wrong !== undefined}
            onClick={() => void redrive()}
          >
            Redrive
          </button>
        </>
      }
    >
      <p>{plural(failed.length, "item")} did not succeed. Only the items below run again, each with its own input.</p>
      <label className="field">
        <span>Items: numbers and ranges, such as 3, 17-20</span>
        <textarea rows={5} spellCheck={false} value={items} onChange={({ target }) => setItems(target.value)} />
      </label>
      <label className="field">
        <span>Change of their inputs (JSON, optional): the members of an object are put over those of each input</span>
        <textarea rows={3} spellCheck={false} value={patch} onChange={({ target }) => setPatch(target.value)} />
      </label>
      {wrong !== undefined && <p className="status tone-bad status-quiet">{wrong}</p>}
      <Problem error={problem} />
    </Dialog>
  );
}

function failedIndexes(cells: Uint8Array | undefined): readonly number[] {
  const found: number[] = [];
  for (const [index, cell] of (cells ?? []).entries()) if (cell >= 3 && cell <= 5) found.push(index);
  return found;
}
