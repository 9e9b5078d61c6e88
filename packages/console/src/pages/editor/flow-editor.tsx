/** Edits a flow of CloudFlow in its own text: findings of its compiler, the graph of what it runs as, saving with a difference. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { type ApiFlow, saveFlow } from "../../api/flows.ts";
import { useUrlState } from "../../app/url-state.ts";
import { DefinitionGraphView } from "../../graph/definition-graph-view.tsx";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { TextDiffView } from "../../ui/json-view.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { PageHead } from "../../ui/page.tsx";
import { CodeEditor } from "./code-editor.tsx";
import { Findings } from "./findings.tsx";
import { type ReadFlow, readFlow } from "./flow-source.ts";

const CHECK_MS = 250;

export function FlowEditor({ flow }: { readonly flow: ApiFlow }): ReactElement {
  const { name, definition, executionMode } = flow;
  const [url, setUrl] = useUrlState();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [text, setText] = useState(definition);
  const [saving, setSaving] = useState(false);
  const reveal = useRef<(from: number) => void>(() => undefined);
  const read = useRead(text, executionMode === "Express");
  const lastGood = useRef("");
  if (read.machine !== undefined) lastGood.current = read.machine;
  const errors = read.findings.filter(({ severity }) => severity === "ERROR").length;
  useShortcuts("Editor", [{ keys: "ctrl+s", does: "Save", run: () => setSaving(true), everywhere: true }]);
  return (
    <div className="page">
      <PageHead
        title={`Edit ${name}`}
        crumbs={[
          { label: "Machines", to: "/machines" },
          { label: name, to: "/machines/$name", params: { name } },
        ]}
        beside={
          <>
            <span className="tag">CloudFlow, {executionMode}</span>
            <span className={errors > 0 ? "status tone-bad" : "status tone-good"} role="status">
              <Icon name={errors > 0 ? "warning" : "check"} size={13} />
              {errors > 0 ? plural(errors, "error") : "Valid"}
            </span>
          </>
        }
        actions={
          <button type="button" className="button button-primary" onClick={() => setSaving(true)}>
            Save…
          </button>
        }
      />
      <div className="editor">
        <div className="editor-main">
          <CodeEditor
            label="Definition"
            text={definition}
            version={0}
            format="yaml"
            findings={read.findings}
            onChange={setText}
            onReady={(show) => {
              reveal.current = show;
            }}
          />
          <Findings findings={read.findings} onShow={(from) => reveal.current(from)} />
        </div>
        <div className="split-main">
          <DefinitionGraphView
            definition={lastGood.current}
            selected={url["state"]}
            onSelect={(state) => setUrl({ state })}
          />
        </div>
      </div>
      {saving && (
        <SaveFlowDialog
          flow={flow}
          text={text}
          errors={errors}
          onClose={() => setSaving(false)}
          onSaved={() => {
            void client.invalidateQueries();
            void navigate({ to: "/machines/$name", params: { name } as never, search: { tab: "definition" } as never });
          }}
        />
      )}
    </div>
  );
}

/** The text compiled, when typing rests. */
function useRead(text: string, isExpress: boolean): ReadFlow {
  const [read, setRead] = useState(() => readFlow(text, isExpress));
  useEffect(() => {
    const timer = setTimeout(() => setRead(readFlow(text, isExpress)), CHECK_MS);
    return () => clearTimeout(timer);
  }, [text, isExpress]);
  return read;
}

interface SaveFlowDialogProps {
  readonly flow: ApiFlow;
  readonly text: string;
  readonly errors: number;
  readonly onClose: () => void;
  readonly onSaved: () => void;
}

function SaveFlowDialog({ flow, text, errors, onClose, onSaved }: SaveFlowDialogProps): ReactElement {
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      await saveFlow(flow, text);
      onSaved();
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Save ${flow.name}`}
      onClose={onClose}
      wide
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={busy || errors > 0}
            onClick={() => void save()}
          >
            Save
          </button>
        </>
      }
    >
      {errors > 0 && <p className="status tone-bad status-quiet">The flow has errors: it would be refused.</p>}
      <TextDiffView before={flow.definition} after={text} />
      <Problem error={problem} />
    </Dialog>
  );
}
