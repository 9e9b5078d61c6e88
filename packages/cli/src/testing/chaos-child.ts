/**
 * A process that runs one case on a data directory, and kills itself (SIGKILL) after so many commits. What it prints when
 * it gets to the end before that is the end. Arguments: test file, case, directory, commits.
 */
import { dataIn } from "./case-data.ts";
import { isCrashPoint } from "./crash-point.ts";
import { runCase } from "./run-case.ts";
import { openSuite } from "./suite.ts";

const [path = "", name = "", directory = "", commits = "0"] = process.argv.slice(2);
const suite = await openSuite(path);
const test = suite.file.cases.find((each) => each.name === name);
if (test === undefined) throw new Error(`${path} must have the case ${name}`);
let left = Number(commits);
const ended = await runCase(suite, test, {
  data: dataIn(directory),
  onCommitted(change) {
    if (!isCrashPoint(change)) return;
    left -= 1;
    if (left === 0) process.kill(process.pid, "SIGKILL");
  },
});
process.stdout.write(JSON.stringify({ status: ended.status, output: ended.output, error: ended.error }));
