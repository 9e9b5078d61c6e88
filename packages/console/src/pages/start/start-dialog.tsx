/** Starts a run: the last inputs, those of runs that failed, an example from what the definition reads; or copied as a CLI command. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { type ReactElement, useId, useMemo, useState } from "react";
import { idOf } from "../../api/arns.ts";
import { describeStateMachine, startExecution } from "../../api/aws.ts";
import { getExecution, searchExecutions } from "../../api/v1.ts";
import { Dialog, Problem } from "../../ui/dialog.tsx";
import { formatAgo } from "../../ui/format.ts";
import { Icon } from "../../ui/icon.tsx";
import { isTexts, readLocal, writeLocal } from "../../ui/local.ts";
import { CopyButton } from "../../ui/page.tsx";
import { cliCommand, exampleInput, inputProblem, nameProblem } from "./start-input.ts";

export interface StartDialogProps {
  readonly stateMachineArn: string;
  readonly name: string;
  readonly onClose: () => void;
  /** What the field begins with. */
  readonly input?: string;
}

const LAST_MAX = 5;
const lastKey = (arn: string) => `inputs:${arn}`;

interface Suggestion {
  readonly label: string;
  readonly input: string;
}

export function StartDialog({ stateMachineArn, name, onClose, input: given }: StartDialogProps): ReactElement {
  const suggestions = useSuggestions(stateMachineArn);
  const [input, setInput] = useState(given ?? readLocal(lastKey(stateMachineArn), [], isTexts)[0] ?? "{}");
  const [runName, setRunName] = useState("");
  const [problem, setProblem] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const navigate = useNavigate();
  const inputId = useId();
  const wrong = inputProblem(input);
  const wrongName = nameProblem(runName);
  const start = async () => {
    setBusy(true);
    setProblem(undefined);
    try {
      const named = runName === "" ? {} : { name: runName };
      const { executionArn } = await startExecution({ stateMachineArn, input, ...named });
      remember(stateMachineArn, input);
      onClose();
      await navigate({ to: "/runs/$id", params: { id: idOf(executionArn) } as never });
    } catch (error) {
      setProblem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Start ${name}`}
      onClose={onClose}
      wide
      footer={
        <>
          <CopyButton label="Copy as CLI" text={() => cliCommand(stateMachineArn, input, runName, location.origin)} />
          <span className="grow" />
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="button"
            className="button button-primary"
            disabled={busy || wrong !== undefined || wrongName !== undefined}
            onClick={() => void start()}
          >
            <Icon name="play" size={13} />
            {busy ? "Starting…" : "Start"}
          </button>
        </>
      }
    >
      <label className="field">
        <span>Name (optional; one is made up otherwise)</span>
        <input value={runName} spellCheck={false} maxLength={80} onChange={({ target }) => setRunName(target.value)} />
        {wrongName !== undefined && <span className="status tone-bad status-quiet">{wrongName}</span>}
      </label>
      {suggestions.length > 0 && (
        <div className="chips" role="group" aria-label="Inputs to begin with">
          {suggestions.map((suggestion) => (
            <button
              key={suggestion.input}
              type="button"
              className="chip"
              aria-pressed={suggestion.input === input}
              title={suggestion.input.slice(0, 400)}
              onClick={() => setInput(suggestion.input)}
            >
              {suggestion.label}
            </button>
          ))}
        </div>
      )}
      <div className="field">
        <div className="row">
          <label htmlFor={inputId} className="faint">
            Input (JSON)
          </label>
          <span className="grow" />
          <button
            type="button"
            className="button"
            disabled={wrong !== undefined}
            onClick={() => setInput(JSON.stringify(JSON.parse(input), null, 2))}
          >
            Format
          </button>
        </div>
        <textarea
          id={inputId}
          rows={14}
          spellCheck={false}
          value={input}
          aria-invalid={wrong !== undefined}
          onChange={({ target }) => setInput(target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && wrong === undefined) void start();
          }}
        />
        <span role="status" className={wrong === undefined ? "faint" : "status tone-bad status-quiet"}>
          {wrong ?? "Valid JSON. Ctrl Enter starts."}
        </span>
      </div>
      <Problem error={problem} />
    </Dialog>
  );
}

function remember(stateMachineArn: string, input: string): void {
  const before = readLocal(lastKey(stateMachineArn), [], isTexts);
  writeLocal(lastKey(stateMachineArn), [input, ...before.filter((each) => each !== input)].slice(0, LAST_MAX));
}

function useSuggestions(stateMachineArn: string): readonly Suggestion[] {
  const machine = useQuery({
    queryKey: ["machine", stateMachineArn],
    queryFn: () => describeStateMachine(stateMachineArn),
  });
  const runs = useQuery({
    queryKey: ["start-inputs", stateMachineArn],
    queryFn: () => inputsOfRuns(stateMachineArn),
    staleTime: 30_000,
  });
  return useMemo(() => {
    const last = readLocal(lastKey(stateMachineArn), [], isTexts);
    const example = machine.data === undefined ? undefined : exampleInput(machine.data.definition);
    const all: readonly Suggestion[] = [
      { label: "Empty", input: "{}" },
      ...(example === undefined ? [] : [{ label: "Example from the definition", input: example }]),
      ...last.map((input, index) => ({ label: index === 0 ? "Last input" : `Input before ${index}`, input })),
      ...(runs.data ?? []),
    ];
    return all.filter(({ input }, index) => all.findIndex((other) => other.input === input) === index);
  }, [machine.data, runs.data, stateMachineArn]);
}

const RUNS_ASKED = 3;
const NAME_SHOWN = 16;

/** Inputs of the newest runs and of those that failed. */
async function inputsOfRuns(stateMachineArn: string): Promise<readonly Suggestion[]> {
  const [newest, failed] = await Promise.all([
    searchExecutions({ stateMachineArn, limit: RUNS_ASKED }),
    searchExecutions({ stateMachineArn, status: ["FAILED"], limit: RUNS_ASKED }),
  ]);
  const now = Date.now();
  const all = [
    ...newest.items.map((item) => ({ item, word: "Run" })),
    ...failed.items.map((item) => ({ item, word: "Failed" })),
  ];
  return Promise.all(
    all.map(async ({ item, word }) => ({
      label: `${word} ${item.name.slice(0, NAME_SHOWN)}, ${formatAgo(item.startDate, now)}`,
      input: (await getExecution(item.executionArn)).input,
    })),
  );
}
