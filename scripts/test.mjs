// `npm test`: all suites, in a fresh clone too. Arguments are vitest's: `npm test -- packages/core`.
import { build, ensureInstalled, runNode, vitestArguments } from "./bootstrap.mjs";

// Each costs seconds of processor; .ci/run has the time for more.
const SIMULATION_SEEDS = "12";

ensureInstalled();
build();
process.exitCode = runNode(vitestArguments(process.argv.slice(2)), {
  STEPWELL_SIMULATION_SEEDS: process.env.STEPWELL_SIMULATION_SEEDS ?? SIMULATION_SEEDS,
});
