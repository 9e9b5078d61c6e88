// `npm test`: all suites, in a fresh clone too. Arguments are vitest's: `npm test -- packages/core`.
import { build, ensureInstalled, runNode, vitestArguments } from "./bootstrap.mjs";

// Each costs seconds of processor; .ci/run has the time for more.
const SIMULATION_SEEDS = "6";

if (process.argv.length === 2 && process.env.STEPWELL_HEAVY !== "1") {
  console.log("SKIPPED: e2e tests of many processes (vitest.config.ts, heavy): STEPWELL_HEAVY=1 tests them");
}
ensureInstalled();
build();
process.exitCode = runNode(vitestArguments(process.argv.slice(2)), {
  STEPWELL_SIMULATION_SEEDS: process.env.STEPWELL_SIMULATION_SEEDS ?? SIMULATION_SEEDS,
});
