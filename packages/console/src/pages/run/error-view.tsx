/** An error and its cause; JSON inside the cause, however often it was quoted, is unfolded. */
import type { ReactElement } from "react";
import { useUrlState } from "../../app/url-state.ts";
import { Icon } from "../../ui/icon.tsx";
import { unfoldJson } from "../../ui/json-diff.ts";
import { JsonView } from "../../ui/json-view.tsx";

export interface ErrorViewProps {
  readonly error: string;
  readonly cause?: string | undefined;
  readonly failedState?: string | undefined;
}

export function ErrorView({ error, cause, failedState }: ErrorViewProps): ReactElement {
  const [, setUrl] = useUrlState();
  const unfolded = cause === undefined ? undefined : unfoldJson(cause);
  return (
    <section className="stack" aria-label="Error">
      <div className="problem">
        <Icon name="warning" />
        <div className="stack grow">
          <strong className="mono wrap">{error}</strong>
          {typeof unfolded === "string" && unfolded !== "" && <span className="wrap">{unfolded}</span>}
          {failedState !== undefined && (
            <span>
              at{" "}
              <button type="button" className="button" onClick={() => setUrl({ state: failedState, visit: undefined })}>
                {failedState}
              </button>
            </span>
          )}
        </div>
      </div>
      {unfolded !== undefined && typeof unfolded !== "string" && (
        <JsonView text={JSON.stringify(unfolded)} label="cause" />
      )}
    </section>
  );
}
