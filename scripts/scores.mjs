// `npm run scores`: runs the conformance suites and raises conformance/scores.json to what they reach now.
// A score is never lowered here: that is done by hand, in a commit that says why.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureInstalled, ROOT, runNode, vitestArguments } from "./bootstrap.mjs";

const SCORES_FILE = join(ROOT, "conformance", "scores.json");

ensureInstalled();
const directory = mkdtempSync(join(tmpdir(), "stepwell-scores-"));
try {
  const args = vitestArguments(["--project", "conformance", ...process.argv.slice(2)]);
  const status = runNode(args, { STEPWELL_SCORES_DIR: directory });
  if (status !== 0) console.error("Some suites failed for another reason than their score; those are not raised.");
  raise(readNewScores());
  process.exitCode = status;
} finally {
  rmSync(directory, { recursive: true, force: true });
}

function readNewScores() {
  return readdirSync(directory).map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")));
}

function raise(scores) {
  const best = existsSync(SCORES_FILE) ? JSON.parse(readFileSync(SCORES_FILE, "utf8")) : {};
  for (const { name, passed, failed } of scores) {
    const recorded = Object.hasOwn(best, name) ? best[name] : undefined;
    if (recorded !== undefined && passed < recorded.passed) {
      console.error(`${name}: ${passed} passed is less than the recorded ${recorded.passed}: left as it is`);
    } else if (recorded?.passed !== passed || recorded?.failed !== failed) {
      console.log(`${name}: ${recorded?.passed ?? "nothing"} -> ${passed} passed, ${failed} failed`);
      best[name] = { passed, failed };
    }
  }
  const sorted = Object.fromEntries(Object.entries(best).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeFileSync(SCORES_FILE, `${JSON.stringify(sorted, null, 2)}\n`);
}
