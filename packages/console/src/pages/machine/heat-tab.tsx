/**
 * The newest runs of a machine over its graph (how often, how often in vain, how long), and as a grid of runs and states:
 * a pattern of failures is one look, a cell is the run at that state.
 */
import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useMemo } from "react";
import type { ApiHeat, ApiHeatState } from "../../api/api-types.ts";
import type { DescribedMachine } from "../../api/aws.ts";
import { getHeat } from "../../api/v1.ts";
import { useUrlState } from "../../app/url-state.ts";
import { definitionGraphOf } from "../../graph/definition-graph.ts";
import { FlowGraph } from "../../graph/flow-graph.tsx";
import { Problem } from "../../ui/dialog.tsx";
import { formatCount, formatDuration, plural } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { Empty, Loading } from "../../ui/page.tsx";
import "./heat.css";
import { HeatGrid } from "./heat-grid.tsx";
import { failureRate, formatRate, HEAT_MEASURES, type HeatMeasure, heatMarks, statesInOrder } from "./heat-model.ts";

const LIMITS = [20, 50, 100] as const;
const WORDS: Readonly<Record<HeatMeasure, string>> = { failures: "Failures", visits: "Visits", time: "Time" };

export function HeatTab({ machine }: { readonly machine: DescribedMachine }): ReactElement {
  const [url, setUrl] = useUrlState();
  const limit = LIMITS.find((each) => String(each) === url["runs"]) ?? 50;
  const measure = HEAT_MEASURES.find((each) => each === url["by"]) ?? "failures";
  const arn = machine.stateMachineArn;
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ["heat", arn, limit],
    queryFn: () => getHeat(arn, limit),
    placeholderData: (before) => before,
  });
  return (
    <>
      <div className="row">
        <div className="segments" role="group" aria-label="What is shown on the graph">
          {HEAT_MEASURES.map((each) => (
            <button key={each} type="button" aria-pressed={measure === each} onClick={() => setUrl({ by: each })}>
              {WORDS[each]}
            </button>
          ))}
        </div>
        <label className="row">
          of the last
          <select value={limit} onChange={({ target }) => setUrl({ runs: target.value })}>
            {LIMITS.map((each) => (
              <option key={each} value={each}>
                {each} runs
              </option>
            ))}
          </select>
        </label>
        {data !== undefined && (
          <span className="faint" role="status">
            {plural(data.runs.length, "run")}, {formatCount(data.events)} events looked at
            {data.isPartial && ": long histories in part"}
          </span>
        )}
        <span className="grow" />
        <button type="button" className="button" disabled={isFetching} onClick={() => void refetch()}>
          <Icon name="redrive" size={13} /> Again
        </button>
      </div>
      <Problem error={error} />
      {data === undefined && error === null && <Loading what="Reading histories" />}
      {data?.runs.length === 0 && <Empty icon="runs" title="This machine has not run yet." />}
      {data !== undefined && data.runs.length > 0 && <Heat heat={data} machine={machine} measure={measure} />}
    </>
  );
}

interface HeatProps {
  readonly heat: ApiHeat;
  readonly machine: DescribedMachine;
  readonly measure: HeatMeasure;
}

function Heat({ heat, machine, measure }: HeatProps): ReactElement {
  const [url, setUrl] = useUrlState();
  const graph = useMemo(() => definitionGraphOf(machine.definition), [machine.definition]);
  const marks = useMemo(
    () => (graph === undefined ? undefined : heatMarks(heat, graph, measure)),
    [heat, graph, measure],
  );
  const states = useMemo(() => statesInOrder(heat, graph), [heat, graph]);
  const selected = url["state"];
  const state = states.find(({ name }) => name === selected);
  const select = (name: string | undefined) => setUrl({ state: name });
  return (
    <>
      {state !== undefined && <StateFacts state={state} />}
      <div className="heat">
        <div className="heat-graph">
          {graph !== undefined && <FlowGraph graph={graph} marks={marks} selected={selected} onSelect={select} />}
        </div>
        <HeatGrid heat={heat} states={states} selected={selected} onSelect={select} />
      </div>
    </>
  );
}

function StateFacts({ state }: { readonly state: ApiHeatState }): ReactElement {
  const facts: readonly (readonly [label: string, value: string])[] = [
    ["Visits", `${formatCount(state.visits)} in ${plural(state.runs, "run")}`],
    ["Failed", `${formatCount(state.failed)}`],
    ["Caught", `${formatCount(state.caught)}`],
    ["Failure rate", formatRate(failureRate(state))],
    ["Retries", formatCount(state.retries)],
    ["p50", state.p50Ms === undefined ? "–" : formatDuration(state.p50Ms)],
    ["p95", state.p95Ms === undefined ? "–" : formatDuration(state.p95Ms)],
  ];
  return (
    <dl className="row" aria-label={state.name}>
      <dt className="visually-hidden">State</dt>
      <dd>
        <strong>{state.name}</strong>
      </dd>
      {facts.map(([label, value]) => (
        <div key={label} style={{ display: "contents" }}>
          <dt className="faint">{label}</dt>
          <dd className="num">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
