import type { PreparedCase, Stage } from "./steps.ts";
import { tryCase, type Verdict } from "./verdict.ts";

/** Replays cases, so many at once, and answers in the order given. Each has ids of its own, so they share one server. */
export async function replayAll(cases: readonly PreparedCase[], stage: Stage, atOnce: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const left = cases.entries();
  const lane = async (): Promise<void> => {
    for (const [index, prepared] of left) verdicts[index] = await tryCase(prepared, stage);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return verdicts;
}
