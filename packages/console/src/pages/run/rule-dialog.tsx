/** A rule of the linter as docs/lint has it: why it matters, what it finds and what not. */
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { Loading } from "../../ui/page.tsx";
import { markdownBlocks } from "./markdown-blocks.ts";

const PAGES = import.meta.glob<string>(["../../../../../docs/lint/*.md", "!**/README.md"], {
  query: "?raw",
  import: "default",
});

export interface RuleDialogProps {
  readonly code: string;
  readonly onClose: () => void;
}

export function RuleDialog({ code, onClose }: RuleDialogProps): ReactElement {
  const { data, error } = useQuery({
    queryKey: ["rule", code],
    queryFn: () =>
      PAGES[`../../../../../docs/lint/${code}.md`]?.() ?? Promise.reject(new Error(`There is no rule ${code}.`)),
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return (
    <Dialog title={code} onClose={onClose} wide>
      <Problem error={error} />
      {data === undefined && error === null && <Loading />}
      <div className="rule-text">
        {markdownBlocks(data ?? "")
          .filter(({ kind }) => kind !== "title")
          .map(({ kind, text }) =>
            kind === "code" ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
              <code key={text} className="json json-text" tabIndex={0} role="region" aria-label="example">
                {text}
              </code>
            ) : (
              <p key={text}>{text}</p>
            ),
          )}
      </div>
    </Dialog>
  );
}
