/** Writes a state machine: text with completion and findings, its graph beside it, a test of one state, and saving with a difference. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { type ReactElement, useEffect, useMemo, useRef, useState } from "react";
import { machineArnOf } from "../../api/arns.ts";
import { type DescribedMachine, describeStateMachine } from "../../api/aws.ts";
import { getFlow } from "../../api/flows.ts";
import { lint } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { DefinitionGraphView } from "../../graph/definition-graph-view.tsx";
import { Problem } from "../../ui/dialog.tsx";
import { plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { useShortcuts } from "../../ui/keys.ts";
import { Loading, PageHead, Tabs } from "../../ui/page.tsx";
import { CodeEditor } from "./code-editor.tsx";
import {
  type DefinitionFormat,
  formatDefinition,
  type ReadDefinition,
  readDefinition,
  type TextFinding,
} from "./definition-source.ts";
import { Findings } from "./findings.tsx";
import { FlowEditor } from "./flow-editor.tsx";
import { SaveDialog } from "./save-dialog.tsx";
import { TestPanel } from "./test-panel.tsx";

const HELLO = `{
  "Comment": "A new state machine",
  "StartAt": "Hello",
  "States": {
    "Hello": {
      "Type": "Pass",
      "Result": { "message": "Hello" },
      "End": true
    }
  }
}
`;

/** /machines/:name/edit, and /new. */
export function EditorPage(): ReactElement {
  const { name } = useParams({ strict: false }) as { name?: string };
  const arn = name === undefined ? undefined : machineArnOf(name);
  const { data, error } = useQuery({
    queryKey: ["machine", arn],
    queryFn: () => describeStateMachine(arn ?? ""),
    enabled: arn !== undefined,
  });
  // A flow of CloudFlow is edited in its own words.
  const flow = useQuery({
    queryKey: ["flow", name],
    queryFn: () => getFlow(name ?? ""),
    enabled: name !== undefined,
  });
  if (arn !== undefined && (data === undefined || flow.data === undefined)) {
    const problem = error ?? flow.error;
    return problem === null ? (
      <Loading />
    ) : (
      <div className="page">
        <Problem error={problem} />
      </div>
    );
  }
  if (flow.data) return <FlowEditor key={arn} flow={flow.data} />;
  return <Editor key={arn ?? "new"} machine={data} />;
}

const pretty = (text: string): string => formatDefinition(text, "json") ?? text;

const CHECK_MS = 250;
const LINT_MS = 900;

function Editor({ machine }: { readonly machine: DescribedMachine | undefined }): ReactElement {
  const [url, setUrl] = useUrlState();
  const navigate = useNavigate();
  const client = useQueryClient();
  const original = useMemo(() => (machine === undefined ? HELLO : pretty(machine.definition)), [machine]);
  const [given, setGiven] = useState({ text: original, version: 0 });
  const [text, setText] = useState(original);
  const [format, setFormat] = useState<DefinitionFormat>("json");
  const [saving, setSaving] = useState(false);
  const reveal = useRef<(from: number) => void>(() => undefined);
  const read = useRead(text, format, machine?.type === "EXPRESS");
  const findings = useLinted(read, text, format);
  const lastGood = useRef(original);
  if (read.json !== undefined && isJson(read.json)) lastGood.current = read.json;
  const errors = read.findings.filter(({ severity }) => severity === "ERROR").length;
  const remarks = findings.length - errors;
  const side = url["side"] ?? "graph";
  const change = (to: DefinitionFormat) => {
    const next = formatDefinition(text, to);
    if (next === undefined) return;
    setFormat(to);
    setText(next);
    setGiven(({ version }) => ({ text: next, version: version + 1 }));
  };
  useShortcuts("Editor", [{ keys: "ctrl+s", does: "Save", run: () => setSaving(true), everywhere: true }]);
  return (
    <div className="page">
      <PageHead
        title={machine === undefined ? "New state machine" : `Edit ${machine.name}`}
        crumbs={[
          { label: "Machines", to: "/machines" },
          ...(machine === undefined
            ? []
            : [{ label: machine.name, to: "/machines/$name", params: { name: machine.name } }]),
        ]}
        beside={
          <span className={errors > 0 ? "status tone-bad" : "status tone-good"} role="status">
            <Icon name={errors > 0 ? "warning" : "check"} size={13} />
            {errors > 0 ? plural(errors, "error") : remarks > 0 ? `Valid, ${plural(remarks, "remark")}` : "Valid"}
          </span>
        }
        actions={
          <>
            <div className="segments" role="group" aria-label="Format">
              {(["json", "yaml"] as const).map((each) => (
                <button key={each} type="button" aria-pressed={format === each} onClick={() => change(each)}>
                  {each.toUpperCase()}
                </button>
              ))}
            </div>
            <button type="button" className="button" onClick={() => change(format)}>
              Format
            </button>
            <button type="button" className="button button-primary" onClick={() => setSaving(true)}>
              Save…
            </button>
          </>
        }
      />
      <div className="editor">
        <div className="editor-main">
          <CodeEditor
            label="Definition"
            text={given.text}
            version={given.version}
            format={format}
            findings={findings}
            completesAsl
            onChange={setText}
            onReady={(show) => {
              reveal.current = show;
            }}
          />
          <Findings findings={findings} onShow={(from) => reveal.current(from)} />
        </div>
        <div className="split-main">
          <Tabs
            label="Beside the text"
            items={[
              { id: "graph", label: "Graph" },
              { id: "test", label: "Test a state" },
            ]}
            current={side}
            onSelect={(id) => setUrl({ side: id })}
          />
          {side === "test" ? (
            <div className="split-side panel panel-body">
              <TestPanel definition={lastGood.current} state={url["state"]} onState={(state) => setUrl({ state })} />
            </div>
          ) : (
            <DefinitionGraphView
              definition={lastGood.current}
              selected={url["state"]}
              onSelect={(state) => {
                setUrl({ state });
                const at = state === undefined ? -1 : text.indexOf(format === "json" ? `"${state}":` : `${state}:`);
                if (at >= 0) reveal.current(at);
              }}
            />
          )}
        </div>
      </div>
      {saving && (
        <SaveDialog
          machine={machine}
          before={machine === undefined ? "" : original}
          definition={read.json === undefined ? undefined : pretty(read.json)}
          errors={errors}
          onClose={() => setSaving(false)}
          onSaved={(name) => {
            void client.invalidateQueries();
            void navigate({ to: "/machines/$name", params: { name } as never, search: { tab: "definition" } as never });
          }}
        />
      )}
    </div>
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The text read by the core, when typing rests. */
function useRead(text: string, format: DefinitionFormat, isExpress: boolean): ReadDefinition {
  const [read, setRead] = useState(() => readDefinition(text, format, isExpress));
  useEffect(() => {
    const timer = setTimeout(() => setRead(readDefinition(text, format, isExpress)), CHECK_MS);
    return () => clearTimeout(timer);
  }, [text, format, isExpress]);
  return read;
}

const NONE: readonly TextFinding[] = [];

/** The core's findings, and what the server's lint finds beyond them. */
function useLinted(read: ReadDefinition, text: string, format: DefinitionFormat): readonly TextFinding[] {
  const [more, setMore] = useState(NONE);
  useEffect(() => {
    setMore(NONE);
    if (read.json === undefined) return undefined;
    let stopped = false;
    const timer = setTimeout(() => {
      lint(text, format)
        .then(({ findings }) => {
          if (stopped) return;
          const known = new Set(read.findings.map(({ message }) => message));
          setMore(
            findings
              .filter(({ message }) => !known.has(message))
              .map(({ severity, code, message, pointer, line, column }) => {
                const from = line === undefined ? 0 : offsetOf(text, line, column ?? 1);
                return { severity, code, message, location: pointer, from, to: from + 1, isLint: true as const };
              }),
          );
        })
        .catch(() => setMore(NONE));
    }, LINT_MS);
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [read, text, format]);
  return useMemo(() => [...read.findings, ...more], [read, more]);
}

function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let each = 1; each < line; each++) at = text.indexOf("\n", at) + 1;
  return at + column - 1;
}
