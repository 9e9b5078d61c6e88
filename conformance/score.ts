import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** How many cases of one suite gave the expected answer, and how many did not. */
export interface Score {
  readonly passed: number;
  readonly failed: number;
}

/** The best score ever recorded for each suite, by the suite's name: `conformance/scores.json`. */
export type BestScores = Readonly<Record<string, Score>>;

const SCORES_FILE: string = join(import.meta.dirname, "scores.json");

/** A suite passes fewer cases than `scores.json` says it once did. */
class ScoreDropped extends Error {
  override readonly name = "ScoreDropped";
}

/**
 * Says a suite's score as `name: N passed, M failed` (the line `.ci/run` adds up) and holds it to the best one recorded:
 * throws `ScoreDropped` when fewer cases pass than `conformance/scores.json` has for that name. A suite calls it once, at
 * its end, and only after running all its cases (not in a filtered run). `npm run scores` raises the recorded score.
 */
export function recordScore(name: string, passed: number, failed: number): void {
  console.log(`${name}: ${passed} passed, ${failed} failed`);
  const directory = process.env["STEPWELL_SCORES_DIR"];
  if (directory !== undefined && directory !== "") {
    keepForRatchet(directory, name, { passed, failed });
    return;
  }
  const complaint = compareWithBest(name, { passed, failed }, readBestScores());
  if (complaint !== undefined) throw new ScoreDropped(complaint);
}

/** What is wrong with a score beside the recorded ones, or undefined. A suite with no recorded score is never wrong. */
export function compareWithBest(name: string, score: Score, best: BestScores): string | undefined {
  const recorded = Object.hasOwn(best, name) ? best[name] : undefined;
  if (recorded === undefined || score.passed >= recorded.passed) return undefined;
  return (
    `${name}: ${score.passed} cases pass, but ${recorded.passed} did before (conformance/scores.json); ` +
    "mend what broke, or lower the recorded score by hand in a commit that says why"
  );
}

/** `conformance/scores.json` as it is now; empty when there is none yet. */
function readBestScores(file: string = SCORES_FILE): BestScores {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as BestScores;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

// Suites run in several processes at once, so each leaves a file of its own; scripts/scores.mjs merges them.
function keepForRatchet(directory: string, name: string, score: Score): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `${encodeURIComponent(name)}.json`), JSON.stringify({ name, ...score }));
}
