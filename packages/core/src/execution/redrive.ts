/**
 * RedriveExecution: the same execution goes on where it failed. features.md A.18.
 *
 * R1. The history is appended to: ExecutionRedriven is linked to the event that ended the execution.
 * R2. A state that is tried again is not entered again: what it does next is linked to its original Entered event.
 * R3. Branches and iterations that ended well keep their results; the others resume.
 */
import { stateOf } from "./failure.ts";
import { redriveMapRun } from "./map-runs.ts";
import type { Branch } from "./snapshot.ts";
import { record, type Step } from "./step.ts";

export function redrive(step: Step, redriveCount: number): void {
  const { head } = step.snapshot;
  record(step, "ExecutionRedriven", head.endEventId ?? 0, { redriveCount });
  head.status = "RUNNING";
  head.redriveCount = redriveCount;
  head.redrivenAt = step.chance.now;
  delete head.endEventId;
  const open = [...step.snapshot.branches.values()].filter((branch) => branch.ended === undefined);
  for (const branch of open) resume(step, branch);
}

const REENTERED: ReadonlySet<string> = new Set(["Pass", "Fail", "Succeed"]);

/** A composite state with open branches waits for them again; any other open branch does its state once more. */
function resume(step: Step, branch: Branch): void {
  branch.retries = [];
  step.snapshot.changed(branch);
  const { snapshot } = step;
  const { resumable } = branch;
  if (resumable?.kind === "mapRun") {
    redriveMapRun(step, branch, resumable);
    return;
  }
  if (snapshot.childrenOf(branch).length > 0 && resumable !== undefined) {
    snapshot.park(branch, resumable);
    return;
  }
  if (REENTERED.has(stateOf(step, branch).type)) branch.enteredEventId = 0;
  if (branch.enteredEventId !== 0) branch.lastEventId = branch.enteredEventId;
  step.ready.push(branch);
}
