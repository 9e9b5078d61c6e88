/** TestState: one state of a definition on a given input, really or with a mock, and each stage of its data. */
import { type ReactElement, useMemo, useState } from "react";
import { type StateTestAnswer, testState } from "../../api/aws.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { Problem } from "../../ui/dialog.tsx";
import { Icon } from "../../ui/icon.tsx";
import { parseJson, sameJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonDiffView, JsonView } from "../../ui/json-view.tsx";
import { Status } from "../../ui/status.tsx";
import { ErrorView } from "../run/error-view.tsx";
import { inputProblem } from "../start/start-input.ts";

export interface TestPanelProps {
  /** JSON text of the state machine. */
  readonly definition: string;
  readonly state: string | undefined;
  readonly onState: (state: string) => void;
  readonly input?: string;
  readonly result?: string;
  readonly variables?: string;
}

type Work = "mock" | "error" | "real";

const ROLE = "arn:aws:iam::123456789012:role/stepwell";
/** In the order of the data flow; what is not here is no stage. */
const STAGES = [
  ...["afterInputPath", "afterItemsPath", "afterItemsPointer", "afterItemSelector", "afterItemBatcher"],
  ...["afterParameters", "afterArguments", "result", "afterResultSelector", "afterResultPath"],
];

export function TestPanel(props: TestPanelProps): ReactElement {
  const graph = useMemo(() => definitionGraphOf(props.definition), [props.definition]);
  const names = [...(graph?.states.keys() ?? [])];
  const state = props.state !== undefined && names.includes(props.state) ? props.state : names[0];
  const type = state === undefined ? undefined : graph?.states.get(state)?.type;
  const isWork = type === "Task" || type === "Map" || type === "Parallel";
  const [input, setInput] = useState(props.input ?? "{}");
  const [variables, setVariables] = useState(props.variables ?? "");
  const [work, setWork] = useState<Work>("mock");
  const [result, setResult] = useState(props.result ?? "{}");
  const [error, setError] = useState("States.TaskFailed");
  const [answer, setAnswer] = useState<StateTestAnswer>();
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const wrong = inputProblem(input) ?? (isWork && work === "mock" ? inputProblem(result) : undefined);
  const run = async () => {
    if (state === undefined) return;
    setBusy(true);
    setProblem(undefined);
    try {
      setAnswer(
        await testState({
          definition: props.definition,
          stateName: state,
          input,
          inspectionLevel: "DEBUG",
          roleArn: ROLE,
          ...(variables.trim() !== "" && { variables }),
          ...(isWork && work === "mock" && { mock: { result, fieldValidationMode: "NONE" as const } }),
          ...(isWork && work === "error" && { mock: { errorOutput: { error, cause: "mocked" } } }),
        }),
      );
    } catch (failure) {
      setAnswer(undefined);
      setProblem(failure);
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="stack">
      <div className="row row-end">
        <label className="field grow">
          <span>State</span>
          <select value={state ?? ""} onChange={({ target }) => props.onState(target.value)}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        {isWork && (
          <label className="field">
            <span>Its work</span>
            <select value={work} onChange={({ target }) => setWork(target.value as Work)}>
              <option value="mock">gives a mocked result</option>
              <option value="error">fails with a mocked error</option>
              {type === "Task" && <option value="real">is really done</option>}
            </select>
          </label>
        )}
        <button
          type="button"
          className="button button-primary"
          disabled={busy || wrong !== undefined || state === undefined}
          onClick={() => void run()}
        >
          <Icon name="play" size={12} /> {busy ? "Testing…" : "Test"}
        </button>
      </div>
      <label className="field">
        <span>Input (JSON)</span>
        <textarea rows={6} spellCheck={false} value={input} onChange={({ target }) => setInput(target.value)} />
      </label>
      {isWork && work === "mock" && (
        <label className="field">
          <span>Mocked result (JSON)</span>
          <textarea rows={5} spellCheck={false} value={result} onChange={({ target }) => setResult(target.value)} />
        </label>
      )}
      {isWork && work === "error" && (
        <label className="field">
          <span>Mocked error</span>
          <input value={error} spellCheck={false} onChange={({ target }) => setError(target.value)} />
        </label>
      )}
      <details open={variables !== ""}>
        <summary>Variables</summary>
        <textarea
          rows={3}
          aria-label="Variables (JSON object)"
          placeholder='{"name": 1}'
          spellCheck={false}
          value={variables}
          onChange={({ target }) => setVariables(target.value)}
        />
      </details>
      {wrong !== undefined && <p className="status tone-bad status-quiet">{wrong}</p>}
      <Problem error={problem} />
      {answer !== undefined && <Answer answer={answer} input={input} />}
    </div>
  );
}

function Answer({ answer, input }: { readonly answer: StateTestAnswer; readonly input: string }): ReactElement {
  const stages = useMemo(() => stagesOf(answer, input), [answer, input]);
  return (
    <section className="stack" aria-label="Outcome">
      <div className="row">
        <Status status={answer.status} />
        {answer.nextState !== undefined && (
          <span>
            leads to <strong>{answer.nextState}</strong>
          </span>
        )}
      </div>
      {answer.error !== undefined && <ErrorView error={answer.error} cause={answer.cause} />}
      {stages.map(({ label, before, value }) => (
        <section key={label} className="stage">
          <div className="stage-head">
            <h3>{label}</h3>
            {sameJson(before, value) && <span className="faint">as before</span>}
          </div>
          {!sameJson(before, value) && <JsonDiffView before={before} after={value} label={label} />}
        </section>
      ))}
      {answer.output !== undefined && (
        <section className="stage">
          <h3>Output</h3>
          <JsonView text={answer.output} label="output" />
        </section>
      )}
    </section>
  );
}

function stagesOf(answer: StateTestAnswer, input: string) {
  let before: Json = parseJson(input) ?? null;
  return STAGES.flatMap((id) => {
    const text = answer.inspectionData?.[id];
    const value = typeof text === "string" ? parseJson(text) : undefined;
    if (value === undefined) return [];
    const stage = {
      label: id
        .replace(/([a-z])([A-Z])/g, "$1 $2")
        .replace(/^a/, "A")
        .replace(/^r/, "R"),
      before,
      value,
    };
    before = value;
    return [stage];
  });
}
