/**
 * What happened to the data inside a state that has been visited: the engine's own core runs the state again in the browser,
 * with what is recorded of its task in the place of its work. Time and chance of that moment are not recorded: a state that
 * reads them may give other values, and then the page says so.
 */
import { EXTENDED_LIMITS, parseStateMachine, type StateTestReport, testState } from "@stepwell/core";
import { parseJson, sameJson } from "../../ui/json-diff.ts";
import type { Json } from "../../ui/json-value.ts";

export interface StageQuestion {
  /** JSON text of the state machine. */
  readonly definition: string;
  readonly stateName: string;
  /** JSON texts. */
  readonly input: string;
  readonly result?: string;
  readonly error?: { readonly error: string; readonly cause: string };
  readonly output?: string;
  readonly variables?: Readonly<Record<string, Json>>;
  /** For the context object. */
  readonly executionArn: string;
  readonly executionInput: string;
  readonly enteredAt: number;
  readonly place: { readonly region: string; readonly accountId: string };
}

export interface Stage {
  readonly id: string;
  readonly label: string;
  /** What it is compared with: the stage before, but the state's input where the result is put into that. */
  readonly before: Json;
  readonly value: Json;
  readonly isSame: boolean;
}

export interface StageAnswer {
  readonly stages: readonly Stage[];
  readonly nextState?: string;
  /** Why the stages could not be computed. */
  readonly problem?: string;
  /** The computed output is not the recorded one. */
  readonly differs: boolean;
}

const LABELS: readonly (readonly [id: string, label: string])[] = [
  ["afterInputPath", "after InputPath"],
  ["afterParameters", "after Parameters"],
  ["afterArguments", "after Arguments"],
  ["afterItemsPath", "after ItemsPath"],
  ["afterItemSelector", "after ItemSelector"],
  ["result", "result of the work"],
  ["afterResultSelector", "after ResultSelector"],
  ["afterResultPath", "after ResultPath"],
];

/** Bounded by the size of a definition and of payloads; never throws for what the state does. */
export function computeStages(question: StageQuestion): StageAnswer {
  const parsed = parseStateMachine(question.definition, { lenientResources: true });
  const state = parsed.ok ? parsed.machine.states.get(question.stateName) : undefined;
  if (state === undefined) return { stages: [], differs: false, problem: "The definition does not hold this state." };
  const isWork = state.type === "Task" || state.type === "Map" || state.type === "Parallel";
  const mock = mockOf(question);
  if (isWork && mock === undefined) return { stages: [], differs: false, problem: "Its work has not ended yet." };
  const seed = "0".repeat(32);
  const progress = testState(
    {
      definition: question.definition,
      stateName: question.stateName,
      input: question.input,
      roleArn: "arn:aws:iam::000000000000:role/console",
      ...(question.variables && { variables: JSON.stringify(question.variables) }),
      ...(isWork && mock !== undefined && { mock, context: contextOf(question) }),
    },
    {
      identity: { partition: "aws", ...question.place },
      facts: { now: question.enteredAt, seed },
      limits: EXTENDED_LIMITS,
      lenientResources: true,
    },
  );
  if (progress.kind === "refused") return { stages: [], differs: false, problem: progress.message };
  if (progress.kind === "task") return { stages: [], differs: false, problem: "Its work has not ended yet." };
  const report = progress.kind === "wait" ? progress.over() : progress.report;
  return answer(question, report);
}

function mockOf({ result, error }: StageQuestion) {
  if (error !== undefined) return { errorOutput: error };
  return result === undefined ? undefined : { result, fieldValidationMode: "NONE" as const };
}

function contextOf({ executionArn, executionInput, enteredAt, stateName }: StageQuestion): string {
  const parts = executionArn.split(":");
  const time = new Date(enteredAt).toISOString();
  return JSON.stringify({
    Execution: { Id: executionArn, Name: parts[7], Input: parseJson(executionInput) ?? {}, StartTime: time },
    State: { Name: stateName, EnteredTime: time, RetryCount: 0 },
    StateMachine: { Id: [...parts.slice(0, 5), "stateMachine", parts[6]].join(":"), Name: parts[6] },
  });
}

function answer(question: StageQuestion, report: StateTestReport): StageAnswer {
  const stages: Stage[] = [];
  const input = parseJson(question.input) ?? null;
  let last = input;
  const add = (id: string, label: string, value: Json) => {
    const before = id === "afterResultPath" ? input : last;
    stages.push({ id, label, before, value, isSame: sameJson(before, value) });
    last = value;
  };
  const inspection = report.inspection as Readonly<Record<string, unknown>>;
  for (const [id, label] of LABELS) {
    const text = inspection[id];
    const value = typeof text === "string" ? parseJson(text) : undefined;
    if (value !== undefined) add(id, label, value);
  }
  const computed = parseJson(report.output);
  const recorded = parseJson(question.output);
  const output = recorded ?? computed;
  if (output !== undefined) add("output", "output", output);
  return {
    stages,
    ...(report.nextState !== undefined && { nextState: report.nextState }),
    differs: recorded !== undefined && computed !== undefined && !sameJson(recorded, computed),
  };
}
