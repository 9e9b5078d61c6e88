/** What the linter would have told of a failure before it happened, with the rule's own page. */
import { lazy, type ReactElement, Suspense } from "react";
import type { ApiFinding } from "../../api/api-types.ts";
import { useUrlState } from "../../app/url-state.ts";
import { Icon } from "../../ui/icon.tsx";
import "./why.css";

const RuleDialog = lazy(() =>
  import("./rule-dialog.tsx").then(({ RuleDialog: component }) => ({ default: component })),
);

export function HintsView({ hints }: { readonly hints: readonly ApiFinding[] }): ReactElement | null {
  const [url, setUrl] = useUrlState();
  if (hints.length === 0) return null;
  const rule = url["rule"];
  return (
    <section className="stack" aria-label="What may be the reason">
      <h3>What may be the reason</h3>
      {hints.map(({ code, message, pointer }) => {
        const state = stateOf(pointer);
        return (
          <div key={`${code} ${pointer}`} className="hint">
            <span className="wrap">
              <Icon name="warning" size={13} /> {message}
            </span>
            <span className="row">
              {state !== undefined && (
                <button type="button" className="button" onClick={() => setUrl({ state, visit: undefined })}>
                  {state}
                </button>
              )}
              <button type="button" className="button" onClick={() => setUrl({ rule: code })}>
                Rule <code>{code}</code>
              </button>
              <code className="faint wrap">{pointer}</code>
            </span>
          </div>
        );
      })}
      {rule !== undefined && (
        <Suspense fallback={null}>
          <RuleDialog code={rule} onClose={() => setUrl({ rule: undefined })} />
        </Suspense>
      )}
    </section>
  );
}

/** The innermost state that a JSON Pointer goes through. */
function stateOf(pointer: string): string | undefined {
  const parts = pointer.split("/").map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const at = parts.lastIndexOf("States");
  return at < 0 ? undefined : parts[at + 1];
}
