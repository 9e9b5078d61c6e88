/** The library writes what aws-cdk-lib writes, also for calls that nobody wrote by hand: see data/cdk-more/README.md. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { type CdkCase, readFixtures } from "./cdk-case.ts";
import { fixturesOf } from "./cdk-modules.ts";
import { emitFromText } from "./evaluate-case.ts";

const FILE = join(import.meta.dirname, "../data/cdk-more/calls.json");

test("every generated call writes what the CDK writes, or is refused as there", () => {
  const fixtures = fixturesOf(readFixtures());
  const calls = JSON.parse(readFileSync(FILE, "utf8")) as readonly CdkCase[];
  expect(calls.length).toBeGreaterThan(0);
  const complaints = calls.flatMap((call) => complaint(call, fixtures));
  recordScore("cdk constructs, generated", calls.length - complaints.length, complaints.length);
  expect(complaints).toEqual([]);
});

function complaint(call: CdkCase, fixtures: { readonly [name: string]: unknown }): string[] {
  const { asl, error } = call;
  try {
    const { definition } = emitFromText(call, fixtures);
    if (error !== undefined) return [`${call.props} was not refused (${error})`];
    if (isDeepStrictEqual(definition, asl)) return [];
    return [`${call.props}: expected ${JSON.stringify(asl)}\n  got ${JSON.stringify(definition)}`];
  } catch (thrown) {
    const refused = error !== undefined && (thrown as Error).name === "Misuse";
    return refused ? [] : [`${call.props} threw ${(thrown as Error).stack?.slice(0, 600)}`];
  }
}
