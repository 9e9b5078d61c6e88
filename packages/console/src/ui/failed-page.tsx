/** A page that could not be shown: what was looked for, why it is not there, and where to go from here. */
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Problem } from "./dialog.tsx";
import { Icon } from "./icon.tsx";
import { type Crumb, PageHead } from "./page.tsx";

export interface FailedPageProps {
  readonly title: string;
  /** The last of them is where one goes on. */
  readonly crumbs: readonly Crumb[];
  readonly error: unknown;
  /** What may be the reason, when it is not there. */
  readonly missing: string;
  readonly onRetry: () => void;
}

export function FailedPage({ title, crumbs, error, missing, onRetry }: FailedPageProps): ReactElement {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const back = crumbs.at(-1);
  return (
    <div className="page">
      <PageHead title={title} crumbs={crumbs} />
      <Problem error={error} />
      {/NotFound|DoesNotExist/.test(code) && <p className="faint">{missing}</p>}
      <div className="row">
        <button type="button" className="button" onClick={onRetry}>
          <Icon name="redrive" size={13} /> Try again
        </button>
        {back !== undefined && (
          <Link to={back.to} {...(back.params && { params: back.params as never })} className="button">
            {back.label}
          </Link>
        )}
      </div>
    </div>
  );
}
