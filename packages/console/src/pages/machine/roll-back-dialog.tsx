/** Asks before a definition or an alias goes back to an earlier version, and says what that changes. */
import { type ReactElement, useState } from "react";
import { lastPartOf } from "../../api/arns.ts";
import {
  type DescribedAlias,
  type DescribedMachine,
  describeStateMachine,
  type RoutingItem,
  updateAlias,
  updateStateMachine,
} from "../../api/aws.ts";
import { announce } from "../../ui/announce.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";

export type RollBack =
  | { readonly kind: "machine"; readonly versionArn: string }
  | { readonly kind: "alias"; readonly alias: DescribedAlias; readonly routing: readonly RoutingItem[] };

export interface RollBackDialogProps {
  readonly machine: DescribedMachine;
  readonly to: RollBack;
  readonly onClose: () => void;
}

export function RollBackDialog({ machine, to, onClose }: RollBackDialogProps): ReactElement {
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const version = lastPartOf(to.kind === "machine" ? to.versionArn : (to.routing[0]?.stateMachineVersionArn ?? ""));
  const perform = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      if (to.kind === "alias") await updateAlias(to.alias.stateMachineAliasArn, to.routing);
      else {
        const { definition } = await describeStateMachine(to.versionArn);
        await updateStateMachine({ stateMachineArn: machine.stateMachineArn, definition });
      }
      announce("Rolled back");
      onClose();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={to.kind === "alias" ? `Roll back ${to.alias.name}` : `Roll back ${machine.name}`}
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="button" className="button button-primary" disabled={busy} onClick={() => void perform()}>
            Roll back to version {version}
          </button>
        </>
      }
    >
      {to.kind === "alias" ? (
        <p>
          All runs that are started through <strong>{to.alias.name}</strong> use version {version} from now on. Runs
          that have begun stay with their version.
        </p>
      ) : (
        <p>
          The definition of version {version} becomes the latest one, as a new revision. Versions and aliases stay as
          they are; runs that have begun stay with their revision.
        </p>
      )}
      <Problem error={problem} />
    </Dialog>
  );
}
