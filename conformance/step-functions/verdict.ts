import type { Comparison } from "./compare.ts";
import { judge } from "./judge.ts";
import { createPlaceholderTable } from "./placeholders.ts";
import type { RecordedCase } from "./recorded-case.ts";
import { type PreparedCase, type Replay, replay, type Stage } from "./steps.ts";
import { expandText, UnknownTemplate } from "./template.ts";

/** How one case went. */
export interface Verdict {
  readonly recorded: RecordedCase;
  /** What was not as on AWS, most telling first; empty when the case passed. */
  readonly complaints: readonly string[];
  readonly milliseconds: number;
}

const COMPLAINTS_MAX = 12;

/** Replays a case and compares all that it matches. Never rejects: what goes wrong is a complaint. */
export async function tryCase(prepared: PreparedCase, stage: Stage): Promise<Verdict> {
  const { recorded } = prepared;
  const begun = performance.now();
  const complaints: string[] = [];
  try {
    const replayed = await replay(prepared, stage);
    if (replayed.stopped !== undefined) complaints.push(replayed.stopped);
    complaints.push(...compareAnswers(recorded, replayed));
  } catch (error) {
    complaints.push(`the runner failed: ${error instanceof Error ? error.stack : String(error)}`);
  }
  return {
    recorded,
    complaints: complaints.slice(0, COMPLAINTS_MAX),
    milliseconds: Math.round(performance.now() - begun),
  };
}

// All steps are made before anything is compared: a placeholder may stand for what a later step answered.
function compareAnswers(recorded: RecordedCase, { answers, values, stopped }: Replay): string[] {
  const comparison: Comparison = {
    rules: recorded,
    placeholders: createPlaceholderTable(recorded.placeholders, (template) => {
      try {
        return expandText(template, values);
      } catch (error) {
        if (error instanceof UnknownTemplate) return undefined;
        throw error;
      }
    }),
  };
  const complaints: string[] = [];
  for (const step of recorded.steps) {
    for (const match of step.match ?? []) {
      const answer = answers.get(step.step);
      if (answer === undefined) {
        if (stopped === undefined) complaints.push(`step ${step.step} has no answer`);
        continue;
      }
      for (const { pointer, message } of judge(match, recorded.expected[match.key], answer, comparison)) {
        complaints.push(`step ${step.step} ${match.key}${pointer}: ${message}`);
      }
    }
  }
  return complaints;
}
