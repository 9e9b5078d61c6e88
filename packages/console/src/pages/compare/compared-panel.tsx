/** What differs at one state of two runs, or between the runs as a whole: input, output, error, duration, definition. */

import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import type { ApiExecution } from "../../api/api-types.ts";
import { idOf } from "../../api/arns.ts";
import type { Visit } from "../../run-model/run-fold.ts";
import type { RunStore } from "../../run-model/run-store.ts";
import { Icon } from "../../ui/icon.tsx";
import { parseJson, sameJson, unfoldJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonDiffView, JsonView, TextDiffView } from "../../ui/json-view.tsx";
import { Status } from "../../ui/status.tsx";
import { Elapsed } from "../../ui/time.tsx";
import { eventAt, textDetail, useWholeEvent } from "../run/run-data.ts";
import type { ComparedVisit } from "./divergence.ts";

export interface ComparedRun {
  readonly execution: ApiExecution;
  readonly store: RunStore;
}

export interface ComparedPanelProps {
  /** Undefined: the runs as a whole. */
  readonly row: ComparedVisit | undefined;
  readonly a: ComparedRun;
  readonly b: ComparedRun;
  readonly onClose: () => void;
}

export function ComparedPanel({ row, a, b, onClose }: ComparedPanelProps): ReactElement {
  const [left, right] = [useVisitData(a, row?.a), useVisitData(b, row?.b)];
  if (row === undefined) return <WholeRuns a={a.execution} b={b.execution} />;
  const name = (row.a ?? row.b)?.name ?? "";
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <h2 className="ellipsis">{name}</h2>
          <span className="grow" />
          <button type="button" className="icon-button" aria-label="Back to the runs as a whole" onClick={onClose}>
            <Icon name="close" size={13} />
          </button>
        </div>
        <div className="row">
          <VisitLink letter="A" run={a} visit={row.a} />
          <VisitLink letter="B" run={b} visit={row.b} />
        </div>
      </div>
      <div className="side-body">
        <Errors a={row.a} b={row.b} />
        <Payloads title="Input" a={left.input} b={right.input} />
        <Payloads title="Output" a={left.output} b={right.output} />
      </div>
    </>
  );
}

function useVisitData({ execution: { executionArn }, store }: ComparedRun, visit: Visit | undefined) {
  const entered = useWholeEvent(executionArn, eventAt(store.fold, visit?.id));
  const exited = useWholeEvent(executionArn, eventAt(store.fold, visit?.exitedEvent));
  return { input: textDetail(entered, "input"), output: textDetail(exited, "output") };
}

interface VisitLinkProps {
  readonly letter: "A" | "B";
  readonly run: ComparedRun;
  readonly visit: Visit | undefined;
}

function VisitLink({ letter, run, visit }: VisitLinkProps): ReactElement {
  return (
    <span className="row">
      <span className="compare-letter">{letter}</span>
      {visit === undefined ? (
        <span className="faint">not there</span>
      ) : (
        <>
          <Status status={visit.status} quiet />
          <span className="faint">
            <Elapsed from={visit.enteredAt} to={visit.endedAt} />
          </span>
          <Link
            to="/runs/$id"
            params={{ id: idOf(run.execution.executionArn) } as never}
            search={{ state: visit.name, visit: String(visit.id) } as never}
          >
            open
          </Link>
        </>
      )}
    </span>
  );
}

interface Failed {
  readonly error?: string;
  readonly cause?: string;
}

function Errors({ a, b }: { readonly a: Failed | undefined; readonly b: Failed | undefined }): ReactElement | null {
  if (a?.error === undefined && b?.error === undefined) return null;
  if (a?.error === b?.error && a?.cause === b?.cause) {
    return (
      <p>
        Both with <code>{a?.error}</code>, and the same cause.
      </p>
    );
  }
  const value = (of: Failed | undefined): Json => ({ error: of?.error ?? null, cause: unfoldJson(of?.cause ?? null) });
  return (
    <section className="stage">
      <h3>Error</h3>
      <JsonDiffView before={value(a)} after={value(b)} label="difference of the errors" />
    </section>
  );
}

interface PayloadsProps {
  readonly title: string;
  readonly a: string | undefined;
  readonly b: string | undefined;
}

function Payloads({ title, a, b }: PayloadsProps): ReactElement | null {
  const [before, after] = [parseJson(a), parseJson(b)];
  if (a === undefined && b === undefined) return null;
  const same = before !== undefined && after !== undefined && sameJson(before, after);
  return (
    <section className="stage">
      <div className="stage-head">
        <h3>{title}</h3>
        <span className="faint">
          {same
            ? "the same in both"
            : before === undefined
              ? "only B has one"
              : after === undefined
                ? "only A has one"
                : "from A to B"}
        </span>
      </div>
      {!same && before !== undefined && after !== undefined && (
        <JsonDiffView before={before} after={after} label={`difference: ${title.toLowerCase()}`} />
      )}
      {(same || before === undefined || after === undefined) && (
        <JsonView text={a ?? b ?? ""} label={title.toLowerCase()} />
      )}
    </section>
  );
}

function WholeRuns({ a, b }: { readonly a: ApiExecution; readonly b: ApiExecution }): ReactElement {
  return (
    <>
      <div className="side-head">
        <div className="side-title">
          <h2>The runs as a whole</h2>
        </div>
        <p className="faint">Choose a state to see what differs there.</p>
      </div>
      <div className="side-body">
        <Errors a={a} b={b} />
        <Payloads title="Input" a={a.input} b={b.input} />
        <Payloads title="Output" a={a.output} b={b.output} />
        <section className="stage">
          <div className="stage-head">
            <h3>Definition</h3>
            {a.definition === b.definition && <span className="faint">the same in both</span>}
          </div>
          {a.definition !== b.definition && <TextDiffView before={pretty(a.definition)} after={pretty(b.definition)} />}
        </section>
      </div>
    </>
  );
}

const pretty = (text: string): string => {
  const value = parseJson(text);
  return value === undefined ? text : JSON.stringify(value, null, 2);
};
