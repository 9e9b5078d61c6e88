/** JSON and differences of JSON: text in the document, never HTML. */

import { type ReactElement, useMemo, useState } from "react";
import { formatBytes } from "./format.ts";
import { Icon } from "./icon.tsx";
import { diffLines, diffTexts, type JsonLine, jsonLines, parseJson, type TextLine } from "./json-diff.ts";
import type { Json } from "./json-value.ts";
import { CopyButton, download } from "./page.tsx";

/** More lines are shown when they are asked for. */
const FIRST_LINES = 300;
const MORE_LINES = 3_000;

function valueClass(text: string): string {
  const start = text.charAt(0);
  if (start === '"') return "js-string";
  if (/[-\d]/.test(start)) return "js-number";
  return /^(true|false|null)/.test(text) ? "js-word" : "js-mark";
}

const SAID = { " ": "", "-": "removed: ", "+": "added: " } as const;

function Line({ line }: { readonly line: JsonLine }): ReactElement {
  const marked = line.mark === "-" ? " is-removed" : line.mark === "+" ? " is-added" : "";
  return (
    <span className={`jline${marked}`} style={{ paddingInlineStart: `${line.depth * 1.15 + 1.2}em` }}>
      {line.mark !== " " && (
        <span className="jmark">
          <span aria-hidden="true">{line.mark}</span>
          <span className="visually-hidden">{SAID[line.mark]}</span>
        </span>
      )}
      {line.key !== undefined && <span className="js-key">{line.key}: </span>}
      <span className={valueClass(line.text)}>{line.text}</span>
    </span>
  );
}

function Lines({ lines, label }: { readonly lines: readonly JsonLine[]; readonly label: string }): ReactElement {
  const [count, setCount] = useState(FIRST_LINES);
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard */}
      <code className="json" tabIndex={0} role="region" aria-label={label}>
        {lines.slice(0, count).map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          <Line key={index} line={line} />
        ))}
      </code>
      {lines.length > count && (
        <button type="button" className="button" onClick={() => setCount(count + MORE_LINES)}>
          Show more of {lines.length} lines
        </button>
      )}
    </>
  );
}

export interface JsonViewProps {
  /** JSON text, or any text: what is no JSON is shown as it is. */
  readonly text: string;
  readonly label: string;
  /** For the file it is saved as. */
  readonly fileName?: string;
}

export function JsonView({ text, label, fileName }: JsonViewProps): ReactElement {
  const lines = useMemo(() => {
    const value = parseJson(text);
    return value === undefined ? undefined : jsonLines(value);
  }, [text]);
  const pretty = () => (lines === undefined ? text : JSON.stringify(JSON.parse(text), null, 2));
  return (
    <div className="json-box">
      <div className="json-tools">
        <span className="faint">{formatBytes(text.length)}</span>
        <CopyButton small label={`Copy ${label}`} text={pretty} />
        {fileName !== undefined && (
          <button
            type="button"
            className="icon-button"
            aria-label={`Save ${label}`}
            title={`Save ${label}`}
            onClick={() => download(fileName, "application/json", pretty())}
          >
            <Icon name="download" size={14} />
          </button>
        )}
      </div>
      {lines === undefined ? <code className="json json-text">{text}</code> : <Lines lines={lines} label={label} />}
    </div>
  );
}

export interface JsonDiffViewProps {
  readonly before: Json;
  readonly after: Json;
  readonly label: string;
}

export function JsonDiffView({ before, after, label }: JsonDiffViewProps): ReactElement {
  const alike = isMembers(before) && isMembers(after) && Array.isArray(before) === Array.isArray(after);
  if (alike) return <Difference before={before} after={after} label={label} />;
  return (
    <div className="stack">
      <span className="faint">The whole value is another one:</span>
      <JsonView text={JSON.stringify(after)} label={label} />
    </div>
  );
}

const isMembers = (value: Json): boolean => typeof value === "object" && value !== null;

function Difference({ before, after, label }: JsonDiffViewProps): ReactElement {
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const [removed, added] = ["-", "+"].map((mark) => lines.filter((line) => line.mark === mark).length);
  return (
    <div className="json-box">
      <div className="json-tools">
        <span className="faint">
          {removed === 0 && added === 0 ? "nothing changed" : `${added} added, ${removed} removed`}
        </span>
      </div>
      <Lines lines={lines} label={label} />
    </div>
  );
}

const CONTEXT_LINES = 3;

/** Two texts (definitions) line by line; what is equal is folded but for a few lines around each change. */
export function TextDiffView({ before, after }: { readonly before: string; readonly after: string }): ReactElement {
  const lines = useMemo(() => foldSame(diffTexts(before, after)), [before, after]);
  if (lines.length === 0) return <p className="faint">The two are equal.</p>;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <code className="json diff-text" tabIndex={0} role="region" aria-label="Difference">
      {lines.map((line, index) => (
        <span
          // biome-ignore lint/suspicious/noArrayIndexKey: a line is its place
          key={index}
          className={`jline${line.mark === "-" ? " is-removed" : line.mark === "+" ? " is-added" : ""}`}
        >
          <span className="jmark">{line.mark}</span>
          {line.text === "" ? " " : line.text}
        </span>
      ))}
    </code>
  );
}

function foldSame(lines: readonly TextLine[]): readonly TextLine[] {
  const near = new Uint8Array(lines.length);
  for (const [index, { mark }] of lines.entries()) {
    if (mark === " ") continue;
    near.fill(1, Math.max(0, index - CONTEXT_LINES), Math.min(lines.length, index + CONTEXT_LINES + 1));
  }
  return lines.flatMap((line, index) => {
    if (near[index] === 1) return [line];
    return index > 0 && near[index - 1] === 1 ? [{ mark: " ", text: "⋯" } as const] : [];
  });
}
