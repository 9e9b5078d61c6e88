/** A run as a test: the file, to be kept beside the definition. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import type { ApiExecution, ApiHistoryEvent } from "../../api/api-types.ts";
import { machineNameOf } from "../../api/arns.ts";
import { getEvent } from "../../api/v1.ts";
import type { RunFold } from "../../run-model/run-fold.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { CopyButton, download, Loading } from "../../ui/page.tsx";
import { CALLS_MAX, eventsOfCalls, testFileOf } from "./as-test.ts";

export interface AsTestDialogProps {
  readonly execution: ApiExecution;
  readonly fold: RunFold;
  readonly onClose: () => void;
}

export function AsTestDialog({ execution, fold, onClose }: AsTestDialogProps): ReactElement {
  const { executionArn, stateMachineArn, definition } = execution;
  const machine = machineNameOf(stateMachineArn);
  const ids = eventsOfCalls(fold);
  const isTooLong = ids.length > CALLS_MAX * 2;
  const { data, error } = useQuery({
    queryKey: ["as-test", executionArn, fold.lastEventId],
    queryFn: async () => testFileOf({ ...execution, machine }, fold, await wholeEvents(executionArn, fold, ids)),
    enabled: !isTooLong,
  });
  return (
    <Dialog
      title="The run as a test"
      wide
      onClose={onClose}
      footer={
        <>
          <button
            type="button"
            className="button"
            onClick={() => download(`${machine}.asl.json`, "application/json", definition)}
          >
            <Icon name="download" size={13} /> Definition
          </button>
          {data !== undefined && (
            <>
              <CopyButton label="Copy" text={data} />
              <button
                type="button"
                className="button button-primary"
                onClick={() => download(`${machine}.stepwell.test.json`, "application/json", data)}
              >
                <Icon name="download" size={13} /> Test file
              </button>
            </>
          )}
        </>
      }
    >
      <p>
        Input, tasks answered as they were, and what came of it. Beside <code>{machine}.asl.json</code>,{" "}
        <code>stepwell test</code> runs it: mend the definition, and expect what should have come of it.
      </p>
      <Problem error={error} />
      {isTooLong && <p className="faint">This run took more than {CALLS_MAX} calls of tasks: too long for a test.</p>}
      {!isTooLong && data === undefined && error === null && <Loading />}
      {data !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is reached by keyboard
        <pre className="json json-text" role="region" tabIndex={0} aria-label="test file">
          {data}
        </pre>
      )}
    </Dialog>
  );
}

/** One after the other: a page of the history holds cut texts alone. */
async function wholeEvents(
  executionArn: string,
  fold: RunFold,
  ids: readonly number[],
): Promise<(id: number) => ApiHistoryEvent | undefined> {
  const whole = new Map<number, ApiHistoryEvent>();
  for (const id of ids) {
    const known = fold.events[id - 1];
    if (known !== undefined) whole.set(id, known.truncated === true ? await getEvent(executionArn, id) : known);
  }
  return (id) => whole.get(id);
}
