/**
 * A text editor for JSON and YAML. It stands in a shadow root: there its styles are adopted style sheets, which the strict
 * content security policy allows; style elements in the page are not.
 */
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, search, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { type ReactElement, useEffect, useRef } from "react";
import { completeAsl } from "./asl-place.ts";
import type { DefinitionFormat, TextFinding } from "./definition-source.ts";

const THEME = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--panel)", fontSize: "12.5px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55", overflow: "auto" },
  ".cm-content": { caretColor: "var(--text)" },
  ".cm-gutters": { color: "var(--faint)", backgroundColor: "var(--sunken)", border: "none" },
  ".cm-activeLine, .cm-activeLineGutter": {
    backgroundColor: "color-mix(in oklab, var(--accent-soft) 45%, transparent)",
  },
  "&.cm-focused": { outline: "none" },
  "&.cm-focused .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "color-mix(in oklab, var(--accent) 28%, transparent) !important",
  },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-tooltip": {
    color: "var(--text)",
    backgroundColor: "var(--raised)",
    border: "1px solid var(--line)",
    borderRadius: "8px",
  },
  ".cm-tooltip-autocomplete > ul > li[aria-selected]": { color: "var(--text)", backgroundColor: "var(--accent-soft)" },
  ".cm-panels": { color: "var(--text)", backgroundColor: "var(--sunken)" },
  ".cm-foldPlaceholder": { color: "var(--faint)", backgroundColor: "var(--sunken)", border: "none" },
  ".cm-matchingBracket": { backgroundColor: "var(--accent-soft) !important" },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: "light-dark(#0b4f9e, #8ec1ff)" },
  { tag: tags.string, color: "light-dark(#0a6245, #7fd6b1)" },
  { tag: tags.number, color: "light-dark(#8a3f00, #f3b27a)" },
  { tag: [tags.bool, tags.null, tags.keyword], color: "light-dark(#7a2a8c, #d9a2ea)" },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: "var(--faint)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
]);

export interface CodeEditorProps {
  readonly label: string;
  /** What it begins with; a new `version` puts `text` in its place. */
  readonly text: string;
  readonly version?: number;
  readonly format: DefinitionFormat;
  readonly findings?: readonly TextFinding[];
  /** Complete the language of state machines. */
  readonly completesAsl?: boolean;
  readonly onChange: (text: string) => void;
  /** Gets a function that shows a place of the text. */
  readonly onReady?: (reveal: (from: number) => void) => void;
}

export function CodeEditor(props: CodeEditorProps): ReactElement {
  const { label, text, version = 0, format, findings = [], completesAsl = false } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(undefined);
  const latest = useRef(props);
  latest.current = props;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the editor keeps its text until another version is given
  useEffect(() => {
    if (host.current === null) return undefined;
    const place = document.createElement("div");
    place.style.height = "100%";
    host.current.append(place);
    const root = place.attachShadow({ mode: "open" });
    const language = new Compartment();
    const editor = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: text,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          search({ top: true }),
          lintGutter(),
          autocompletion(completesAsl ? { override: [(context) => completeAsl(context, format)] } : {}),
          keymap.of([
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...searchKeymap,
            ...historyKeymap,
            ...foldKeymap,
            ...completionKeymap,
            indentWithTab,
          ]),
          language.of(format === "json" ? json() : yaml()),
          syntaxHighlighting(COLOURS),
          THEME,
          EditorState.tabSize.of(2),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0" }),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    latest.current.onReady?.((from) => {
      const at = Math.min(from, editor.state.doc.length);
      editor.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: "center" }) });
      editor.focus();
    });
    return () => {
      editor.destroy();
      place.remove();
    };
  }, [version, format]);
  useEffect(() => {
    const editor = view.current;
    if (editor === undefined) return;
    editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(findings, editor.state.doc.length)));
  }, [findings]);
  return <div ref={host} className="code-host" />;
}

function diagnosticsOf(findings: readonly TextFinding[], length: number): readonly Diagnostic[] {
  return findings.map(({ from, to, severity, message, code }) => ({
    from: Math.min(from, length),
    to: Math.min(to, length),
    severity: severity === "ERROR" ? "error" : severity === "WARNING" ? "warning" : "info",
    message,
    source: code,
  }));
}
