/** Input, each stage of the data flow as a difference to the one before, output. */
import { type ReactElement, useMemo, useState } from "react";
import { useSession } from "../../app/session.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { isOpen, type Visit } from "../../run-model/run-fold.ts";
import { parseJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";
import { JsonDiffView, JsonView } from "../../ui/json-view.tsx";
import { ChoiceView } from "./choice-view.tsx";
import { choiceWhy } from "./choice-why.ts";
import { DataPair } from "./data-pair.tsx";
import { computeStages } from "./state-stages.ts";

export interface StagesViewProps {
  readonly definition: string;
  readonly visit: Visit;
  readonly executionArn: string;
  readonly executionInput: string;
  readonly input: string;
  readonly result: string | undefined;
  readonly output: string | undefined;
  readonly variables: Readonly<Record<string, Json>>;
}

/** Stages of leaving a state. */
const OUTGOING: ReadonlySet<string> = new Set(["afterResultSelector", "afterResultPath", "output"]);

export function StagesView(props: StagesViewProps): ReactElement {
  const { definition, visit, executionArn, executionInput, input, result, output, variables } = props;
  const { session } = useSession();
  const [whole, setWhole] = useState(false);
  const failure = visit.error;
  const cause = visit.cause;
  const answer = useMemo(
    () =>
      computeStages({
        definition,
        stateName: visit.name,
        input,
        ...(result !== undefined && { result }),
        ...(result === undefined && failure !== undefined && { error: { error: failure, cause: cause ?? "" } }),
        ...(output !== undefined && { output }),
        variables,
        executionArn,
        executionInput,
        enteredAt: visit.enteredAt,
        place: { region: session?.region ?? "us-east-1", accountId: session?.accountId ?? "123456789012" },
      }),
    [definition, visit, input, result, failure, cause, output, variables, executionArn, executionInput, session],
  );
  // What has not happened is not shown, though it could be computed.
  const isReached = ({ id }: (typeof answer.stages)[number]) =>
    visit.exitedEvent !== undefined || !isOpen(visit.status) || !OUTGOING.has(id);
  if (answer.stages.length === 0) {
    return (
      <>
        <DataPair input={input} output={output} />
        {answer.problem !== undefined && visit.type === "Task" && <p className="faint">{answer.problem}</p>}
      </>
    );
  }
  return (
    <>
      {visit.type === "Choice" && <Choice {...props} next={answer.nextState} />}
      <section className="stage">
        <div className="stage-head">
          <h3>Input</h3>
          <span className="grow" />
          <div className="segments" role="group" aria-label="How stages are shown">
            <button type="button" aria-pressed={!whole} onClick={() => setWhole(false)}>
              Difference
            </button>
            <button type="button" aria-pressed={whole} onClick={() => setWhole(true)}>
              Whole
            </button>
          </div>
        </div>
        <JsonView text={input} label="input" fileName={`${visit.name}-input.json`} />
      </section>
      {answer.stages.filter(isReached).map((stage) => (
        <section key={stage.id} className="stage">
          <div className="stage-head">
            <h3>{stage.label.charAt(0).toUpperCase() + stage.label.slice(1)}</h3>
            {stage.isSame && (
              <span className="faint">{stage.id === "afterResultPath" ? "the input as it was" : "as before"}</span>
            )}
            {!stage.isSame && stage.id === "afterResultPath" && <span className="faint">against the input</span>}
          </div>
          {!stage.isSame && !whole && (
            <JsonDiffView before={stage.before} after={stage.value} label={`difference: ${stage.label}`} />
          )}
          {whole && <JsonView text={JSON.stringify(stage.value)} label={stage.label} />}
        </section>
      ))}
      {answer.differs && (
        <p className="faint">
          The stages were computed again here and end in another output than the recorded one, which is shown: the state
          reads the time, chance or the context object.
        </p>
      )}
    </>
  );
}

/** Again what the engine did: its own tests on the recorded input and variables. */
function Choice({
  definition,
  visit,
  input,
  variables,
  executionArn,
  executionInput,
  next,
}: StagesViewProps & { readonly next: string | undefined }): ReactElement | null {
  const source = useMemo(() => definitionGraphOf(definition)?.states.get(visit.name)?.source, [definition, visit.name]);
  const rules = useMemo(() => {
    const top: unknown = parseJson(definition);
    const language = (top as { readonly QueryLanguage?: unknown } | undefined)?.QueryLanguage;
    return choiceWhy({
      source: source ?? {},
      language: language === "JSONata" ? "JSONata" : "JSONPath",
      input: parseJson(input) ?? null,
      variables,
      context: {
        Execution: { Id: executionArn, Input: parseJson(executionInput) ?? {} },
        State: { Name: visit.name, EnteredTime: new Date(visit.enteredAt).toISOString() },
      },
      now: visit.enteredAt,
    });
  }, [source, definition, input, variables, executionArn, executionInput, visit]);
  if (source === undefined) return null;
  const otherwise = source["Default"];
  return <ChoiceView rules={rules} otherwise={typeof otherwise === "string" ? otherwise : undefined} next={next} />;
}
