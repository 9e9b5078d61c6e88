/** What the runs that are loaded have in common: counts that narrow the search when they are chosen. */
import type { ReactElement } from "react";
import type { ApiExecutionItem } from "../../api/api-types.ts";
import { machineNameOf } from "../../api/arns.ts";
import { useUrlState } from "../../app/url-state.ts";
import { type Facet, facetsOf } from "./facets.ts";

export interface RunFacetsProps {
  readonly runs: readonly ApiExecutionItem[];
  /** Of a machine's own page. */
  readonly machine: string | undefined;
}

export function RunFacets({ runs, machine }: RunFacetsProps): ReactElement | null {
  const [url, setUrl] = useUrlState();
  const errors = facetsOf(runs, ({ error }) => error);
  const machines =
    machine === undefined ? facetsOf(runs, ({ stateMachineArn }) => machineNameOf(stateMachineArn)) : NO_FACETS;
  if (errors.length === 0 && machines.length < 2) return null;
  const chips = (member: "error" | "machine", label: string, facets: readonly Facet[]) =>
    facets.length > 0 && (
      <div className="chips" role="group" aria-label={`${label} of these runs`} style={{ alignItems: "center" }}>
        <span className="faint">{label}</span>
        {facets.map(({ value, count }) => (
          <button
            key={value}
            type="button"
            className="chip"
            aria-pressed={url[member] === value}
            onClick={() => setUrl({ [member]: url[member] === value ? undefined : value })}
          >
            <code className="ellipsis">{value}</code> <span className="faint num">{count}</span>
          </button>
        ))}
      </div>
    );
  return (
    <div className="row">
      {chips("error", "Errors", errors)}
      {machines.length > 1 && chips("machine", "Machines", machines)}
    </div>
  );
}

const NO_FACETS: readonly Facet[] = [];
