import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { readCases, readFunctionBehaviours } from "./cases.ts";
import { writeFunctions } from "./function-files.ts";
import type { RecordedCase } from "./recorded-case.ts";
import { replayAll } from "./replay-all.ts";
import { describeFailures, type KnownFailures, scoresByGroup, unexpected } from "./report.ts";
import { needsOtherServices, needsOwnAccount, needsPython } from "./scope.ts";
import { startOtherServices } from "./stand-in.ts";
import { type PreparedCase, prepare } from "./steps.ts";
import { startStepwellInProcess } from "./stepwell-server.ts";
import type { OtherServices } from "./target.ts";
import type { Verdict } from "./verdict.ts";

// Replays what AWS was recorded doing against Stepwell, over HTTP.
//
//   STEPWELL_CONFORMANCE=<text>  the cases of this group, or with this text in their id, in full detail

const ACCOUNT = "123456789012";
const AT_ONCE = 24;
/** More failures than this are no accident. */
const SECOND_TRIES_MAX = 10;

const asked = process.env["STEPWELL_CONFORMANCE"] ?? "";
const isWhole = asked === "";

test("recorded cases", { timeout: 560_000 }, async () => {
  const known = JSON.parse(readFileSync(join(import.meta.dirname, "known.json"), "utf8")) as KnownFailures;
  const { verdicts, skippedGroups } = await replayCases(chooseCases());
  for (const line of describeFailures(verdicts, known, isWhole ? 3 : 12)) console.log(line);
  if (isWhole) {
    for (const { group, passed, failed } of scoresByGroup(verdicts)) {
      // A group that a machine cannot run as a whole says nothing against its best score.
      if (skippedGroups.has(group))
        console.log(`conformance ${group}, what this machine can run: ${passed} of ${passed + failed}`);
      else recordScore(`conformance ${group}`, passed, failed);
    }
  }
  expect(unexpected(verdicts, known).slice(0, 20)).toEqual([]);
});

function chooseCases(): RecordedCase[] {
  const all = readCases();
  if (isWhole) return all;
  const group = all.filter((recorded) => recorded.group === asked);
  return group.length > 0 ? group : all.filter(({ id }) => id.includes(asked));
}

interface Replayed {
  readonly verdicts: readonly Verdict[];
  /** Groups some of whose cases this machine lacks something for. */
  readonly skippedGroups: ReadonlySet<string>;
}

async function replayCases(chosen: readonly RecordedCase[]): Promise<Replayed> {
  const others = await standInFor(chosen);
  const cases = chosen.filter((recorded) => hasWhatItNeeds(recorded, others));
  const skipped = chosen.filter((recorded) => !hasWhatItNeeds(recorded, others));
  if (skipped.length > 0) {
    console.log(`SKIPPED: ${skipped.length} recorded cases: this machine lacks python3, or moto and boto3`);
  }
  const prepared = cases.map((recorded) => prepare(recorded, ACCOUNT));
  const files = writeFunctions(
    prepared.flatMap(({ functions }) => functions),
    readFunctionBehaviours(),
  );
  const alone = prepared.filter(({ recorded }) => needsOwnAccount(recorded));
  const together = prepared.filter(({ recorded }) => !needsOwnAccount(recorded));
  const verdicts: Verdict[] = [];
  try {
    const replay = async (batch: readonly PreparedCase[], atOnce: number): Promise<Verdict[]> => {
      const server = await startStepwellInProcess({ account: ACCOUNT, files, awsEndpoint: others?.endpoint });
      const answers = await replayAll(batch, { server, others }, atOnce);
      await server.close();
      return answers;
    };
    for (const batch of [together, ...alone.map((one) => [one])]) {
      const answers = await replay(batch, AT_ONCE);
      // Cases run in real time, many at once: one that fails gets a second try, alone. A wrong answer is wrong again.
      const wrong = batch.filter((_, index) => (answers[index]?.complaints.length ?? 0) > 0);
      const again = wrong.length > 0 && wrong.length <= SECOND_TRIES_MAX ? await replay(wrong, 1) : [];
      const second = new Map(wrong.map((one, index) => [one, again[index]]));
      verdicts.push(...batch.map((one, index) => second.get(one) ?? answers[index]!));
    }
  } finally {
    await others?.close();
    files.remove();
  }
  return { verdicts, skippedGroups: new Set(skipped.map(({ group }) => group)) };
}

async function standInFor(cases: readonly RecordedCase[]): Promise<OtherServices | undefined> {
  return cases.some(needsOtherServices) ? await startOtherServices(ACCOUNT) : undefined;
}

let python: boolean | undefined;

function hasWhatItNeeds(recorded: RecordedCase, others: OtherServices | undefined): boolean {
  python ??= spawnSync("python3", ["--version"]).status === 0;
  return (python || !needsPython(recorded)) && (others !== undefined || !needsOtherServices(recorded));
}
