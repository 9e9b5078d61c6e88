/** The findings below an editor. */
import type { ReactElement } from "react";
import { Icon } from "../../ui/icon.tsx";
import type { TextFinding } from "./definition-source.ts";

const LINT_WORDS = { ERROR: "Lint: risk", WARNING: "Lint", INFO: "Note" } as const;

interface FindingsProps {
  readonly findings: readonly TextFinding[];
  readonly onShow: (from: number) => void;
}

/** What is wrong with a text; each leads to its place. */
export function Findings({ findings, onShow }: FindingsProps): ReactElement | null {
  if (findings.length === 0) return null;
  return (
    <section className="panel findings" aria-label="Findings">
      {findings.slice(0, 200).map(({ severity, code, message, location, from, isLint = false }) => (
        <button key={`${code} ${location} ${message}`} type="button" className="finding" onClick={() => onShow(from)}>
          <span className={`status status-quiet tone-${severity === "ERROR" && !isLint ? "bad" : "warn"}`}>
            <Icon name={severity === "ERROR" && !isLint ? "cross" : "warning"} size={13} />
            {isLint ? LINT_WORDS[severity] : severity === "ERROR" ? "Error" : "Warning"}
          </span>
          <span className="grow wrap">{message}</span>
          <span className="faint mono ellipsis">{location}</span>
        </button>
      ))}
    </section>
  );
}
