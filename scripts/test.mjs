// `npm test`: all suites, in a fresh clone too. Arguments are vitest's: `npm test -- packages/core`.
import { build, ensureInstalled, runNode, vitestArguments } from "./bootstrap.mjs";

ensureInstalled();
build();
process.exitCode = runNode(vitestArguments(process.argv.slice(2)));
