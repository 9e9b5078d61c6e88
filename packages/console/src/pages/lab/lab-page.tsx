/** A bench: JSONPath, payload templates with intrinsic functions, JSONata, or one state, on data that is pasted. */
import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useDeferredValue, useMemo, useState } from "react";
import { arnOf, machineArnOf } from "../../api/arns.ts";
import { describeStateMachine } from "../../api/aws.ts";
import { getEvent, getExecution } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { eventDetails } from "../../run-model/run-fold.ts";
import { Problem } from "../../ui/dialog.tsx";
import { JsonView } from "../../ui/json-view.tsx";
import { CopyButton, Empty, Loading, PageHead, Tabs } from "../../ui/page.tsx";
import { TestPanel } from "../editor/test-panel.tsx";
import { ErrorView } from "../run/error-view.tsx";
import { evaluateInLab, type LabAnswer, type LabLanguage } from "./evaluate.ts";

const TABS = [
  { id: "jsonpath", label: "JSONPath and intrinsics" },
  { id: "template", label: "Payload template" },
  { id: "jsonata", label: "JSONata" },
  { id: "state", label: "One state" },
];

const EXAMPLES: Readonly<Record<LabLanguage, string>> = {
  jsonpath: "$.orders[?(@.total > 20)].id",
  template: '{\n  "first.$": "$.orders[0].id",\n  "label.$": "States.Format(\'order {}\', $.orders[0].id)"\n}',
  jsonata: '{ "total": $sum($states.input.orders.total), "ids": $states.input.orders.id }',
};

const INPUT = `{
  "orders": [
    { "id": "a-1", "total": 12.5 },
    { "id": "b-7", "total": 80 }
  ]
}`;

export function LabPage(): ReactElement {
  const [url, setUrl] = useUrlState();
  const mode = url["mode"] ?? "jsonpath";
  return (
    <div className="page">
      <PageHead title="Lab" actions={<CopyButton label="Copy link" text={() => location.href} />} />
      <Tabs label="Lab" items={TABS} current={mode} onSelect={(id) => setUrl({ mode: id, expression: undefined })} />
      {mode === "state" ? <StateLab /> : <ExpressionLab key={mode} language={mode as LabLanguage} />}
    </div>
  );
}

/** Longer texts are not put into the URL. */
const SHARED_MAX = 2_000;

function ExpressionLab({ language }: { readonly language: LabLanguage }): ReactElement {
  const [url, setUrl] = useUrlState();
  const [expression, setExpression] = useState(url["expression"] ?? EXAMPLES[language]);
  const [input, setInput] = useState(url["input"] ?? INPUT);
  const [variables, setVariables] = useState(url["variables"] ?? "");
  const [context, setContext] = useState(url["context"] ?? "");
  const question = useDeferredValue(
    useMemo(
      () => ({ language, expression, input, variables, context }),
      [language, expression, input, variables, context],
    ),
  );
  const answer = useMemo(() => evaluateInLab({ ...question, now: Date.now() }), [question]);
  const share = (member: string, text: string) => setUrl({ [member]: text.length > SHARED_MAX ? undefined : text });
  return (
    <div className="split" style={{ gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)" }}>
      <div className="split-main" style={{ overflow: "auto", padding: 2 }}>
        <label className="field">
          <span>{language === "template" ? "Payload template (JSON)" : "Expression"}</span>
          <textarea
            rows={language === "jsonpath" ? 3 : 7}
            spellCheck={false}
            value={expression}
            onChange={({ target }) => {
              setExpression(target.value);
              share("expression", target.value);
            }}
          />
        </label>
        <label className="field">
          <span>Input (JSON)</span>
          <textarea
            rows={14}
            spellCheck={false}
            value={input}
            onChange={({ target }) => {
              setInput(target.value);
              share("input", target.value);
            }}
          />
        </label>
        <div className="row">
          <label className="field grow">
            <span>Variables (JSON object)</span>
            <textarea
              rows={3}
              spellCheck={false}
              placeholder='{"name": 1}'
              value={variables}
              onChange={({ target }) => {
                setVariables(target.value);
                share("variables", target.value);
              }}
            />
          </label>
          <label className="field grow">
            <span>Context object (JSON)</span>
            <textarea
              rows={3}
              spellCheck={false}
              placeholder='{"Execution": {"Name": "x"}}'
              value={context}
              onChange={({ target }) => {
                setContext(target.value);
                share("context", target.value);
              }}
            />
          </label>
        </div>
      </div>
      <section className="split-side panel panel-body stack" aria-label="Result" aria-live="polite">
        <h2>Result</h2>
        <Result answer={answer} />
      </section>
    </div>
  );
}

function Result({ answer }: { readonly answer: LabAnswer }): ReactElement {
  if (answer.kind === "value") return <JsonView text={JSON.stringify(answer.value)} label="result" />;
  if (answer.kind === "error") return <ErrorView error={answer.error} cause={answer.cause} />;
  return (
    <div className="problem">
      <div className="stack">
        <strong className="mono">{answer.code}</strong>
        <span className="wrap">{answer.message}</span>
        <span className="faint">A state machine with it is refused when it is created.</span>
      </div>
    </div>
  );
}

const PASTED = JSON.stringify(
  { StartAt: "State", States: { State: { Type: "Pass", Parameters: { "value.$": "$.a" }, End: true } } },
  null,
  2,
);

/** One state of a machine; from a visit of a run, with its input and result. */
function StateLab(): ReactElement {
  const [url, setUrl] = useUrlState();
  const { machine, run, visit } = { machine: url["machine"], run: url["run"], visit: url["visit"] };
  const [pasted, setPasted] = useState(PASTED);
  const loaded = useQuery({
    queryKey: ["lab", machine, run, visit],
    queryFn: () => loadState(machine, run, visit),
    enabled: machine !== undefined || run !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const wanted = machine !== undefined || run !== undefined;
  if (wanted && loaded.data === undefined) {
    return loaded.error === null ? <Loading /> : <Problem error={loaded.error} />;
  }
  const definition = loaded.data?.definition ?? pasted;
  return (
    <div className="split" style={{ gridTemplateColumns: "minmax(0, 1fr) minmax(0, 1fr)" }}>
      <div className="split-main">
        {wanted ? (
          <JsonView text={definition} label="definition" />
        ) : (
          <label className="field">
            <span>Definition (JSON)</span>
            <textarea rows={26} spellCheck={false} value={pasted} onChange={({ target }) => setPasted(target.value)} />
          </label>
        )}
      </div>
      <div className="split-side panel panel-body">
        {definition === "" ? (
          <Empty title="The definition is not kept." />
        ) : (
          <TestPanel
            definition={definition}
            state={url["state"]}
            onState={(state) => setUrl({ state })}
            {...(loaded.data?.input !== undefined && { input: loaded.data.input })}
          />
        )}
      </div>
    </div>
  );
}

async function loadState(machine: string | undefined, run: string | undefined, visit: string | undefined) {
  if (run !== undefined) {
    const arn = arnOf(run);
    const [{ definition }, event] = await Promise.all([
      getExecution(arn),
      visit === undefined ? undefined : getEvent(arn, Number(visit)),
    ]);
    const input = event === undefined ? undefined : eventDetails(event)["input"];
    const text = typeof input === "string" ? JSON.stringify(JSON.parse(input), null, 2) : undefined;
    return { definition, ...(text !== undefined && { input: text }) };
  }
  const { definition } = await describeStateMachine(machineArnOf(machine ?? ""));
  return { definition, input: undefined };
}
