import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type FindingsFormat, type ValidateOptions, validateFiles } from "./validate-files.ts";

let directory = "";

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "stepwell-validate-"));
});

afterAll(async () => {
  await rm(directory, { recursive: true });
});

async function validate(
  files: { readonly [name: string]: string | undefined },
  format: FindingsFormat,
  more: Partial<ValidateOptions> = {},
): Promise<{ code: number; report: string }> {
  const paths: string[] = [];
  for (const [name, text] of Object.entries(files)) {
    const path = join(directory, name);
    if (text !== undefined) await writeFile(path, text);
    paths.push(path);
  }
  let report = "";
  const write = (text: string) => {
    report += text;
  };
  const code = await validateFiles(paths, { format, write, directory, ...more });
  return { code, report: report.replaceAll(`${directory}/`, "") };
}

const RIGHT = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}';

const WRONG_JSON = `{
\t"StartAt": "Pay",
\t"States": {
\t\t"Pay": {
\t\t\t"Type": "Task",
\t\t\t"Resource": "arn:aws:states:::dynamodb:query",
\t\t\t"Next": "Gone"
\t\t}
\t}
}
`;

const WRONG_YAML = `StartAt: Choose
States:
  Choose:
    Type: Choice
    Choices:
      - Variable: $.x
        StringEquals: 1
        Next: Done
      # the target is missing
      - { Variable: $.y, IsNull: true, Next: Gone }
  Done: &done
    Type: Succeed
`;

test("nothing to complain about is exit code 0", async () => {
  expect(await validate({ "right.json": RIGHT }, "text")).toEqual({
    code: 0,
    report: "1 file, 0 errors, 0 warnings\n",
  });
});

test("findings of JSON stand with line and column", async () => {
  const { code, report } = await validate({ "wrong.json": WRONG_JSON }, "text");
  expect(code).toBe(1);
  expect(report.split("\n")).toEqual([
    expect.stringMatching(
      /^wrong\.json:6:4: error SCHEMA_VALIDATION_FAILED: The resource provided .* \(at \/States\/Pay\/Resource\)$/,
    ),
    "wrong.json:7:4: error MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone (at /States/Pay/Next)",
    expect.stringMatching(/^wrong\.json:1:1: error MISSING_END_STATE: Workflow has no terminal state$/),
    "1 file, 3 errors, 0 warnings",
    "",
  ]);
});

test("findings of YAML stand with line and column", async () => {
  const { code, report } = await validate({ "wrong.asl.yaml": WRONG_YAML }, "text");
  expect(code).toBe(1);
  expect(report.split("\n").slice(0, 2)).toEqual([
    "wrong.asl.yaml:7:9: error SCHEMA_VALIDATION_FAILED: Expected value of type String (at /States/Choose/Choices[0]/StringEquals)",
    "wrong.asl.yaml:10:40: error MISSING_TRANSITION_TARGET: Missing 'Next' target: Gone (at /States/Choose/Choices[1]/Next)",
  ]);
});

test("aliases are followed and bounded", async () => {
  const aliased = "StartAt: A\nStates:\n  A: &p { Type: Pass, Next: B }\n  B: *p\n";
  const { report } = await validate({ "alias.yml": aliased }, "text");
  expect(report).toMatch(/^alias\.yml:1:1: error MISSING_END_STATE/);
  const level = (n: number) =>
    `l${n}: &l${n} [${Array(10)
      .fill(`*l${n - 1}`)
      .join(", ")}]\n`;
  const bomb = `l0: &l0 [x]\n${[1, 2, 3, 4, 5, 6, 7, 8].map(level).join("")}`;
  const bounded = await validate({ "bomb.yaml": bomb }, "text");
  expect(bounded.code).toBe(1);
  expect(bounded.report).toMatch(/INVALID_YAML: Excessive alias count/);
});

test("text that is no JSON or YAML is a finding at its place", async () => {
  const { code, report } = await validate({ "a.json": '{\n  "StartAt" 1\n}', "b.yaml": "a: [1\nb: 2\n" }, "text");
  expect(code).toBe(1);
  expect(report).toMatch(/^a\.json:2:14: error INVALID_JSON_DESCRIPTION: Unexpected character/);
  expect(report).toMatch(/\nb\.yaml:2:1: error INVALID_YAML: /);
});

test("deeply nested files give findings, not exceptions", async () => {
  const deep = "[".repeat(50_000);
  expect((await validate({ "deep.json": deep + "]".repeat(50_000), "deep.yaml": deep }, "text")).code).toBe(1);
});

test("a file that cannot be read is exit code 2, and the others are still checked", async () => {
  const { code, report } = await validate({ "no-such-file.json": undefined, "right.json": RIGHT }, "text");
  expect(code).toBe(2);
  expect(report).toMatch(/^no-such-file\.json: error: cannot be read: ENOENT/);
  expect(report).toMatch(/\n2 files, 0 errors, 0 warnings, 1 not readable\n$/);
});

test("JSON holds everything, by file", async () => {
  const { report } = await validate({ "right.json": RIGHT, "wrong.yaml": WRONG_YAML }, "json");
  expect(JSON.parse(report)).toMatchObject({
    files: [
      { file: "right.json", result: "OK", diagnostics: [] },
      {
        file: "wrong.yaml",
        result: "FAIL",
        diagnostics: [
          {
            severity: "ERROR",
            code: "SCHEMA_VALIDATION_FAILED",
            location: "/States/Choose/Choices[0]/StringEquals",
            pointer: "/States/Choose/Choices/0/StringEquals",
            line: 7,
            column: 9,
          },
          { code: "MISSING_TRANSITION_TARGET", line: 10 },
        ],
      },
    ],
  });
});

test("SARIF names rules, files and regions", async () => {
  const { code, report } = await validate({ "a b.json": WRONG_JSON }, "sarif");
  expect(code).toBe(1);
  const log = JSON.parse(report) as { version: string; runs: { results: { ruleId: string; ruleIndex: number }[] }[] };
  expect(log).toMatchObject({
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: "stepwell validate",
            rules: [
              { id: "MISSING_END_STATE" },
              { id: "MISSING_TRANSITION_TARGET" },
              { id: "SCHEMA_VALIDATION_FAILED" },
            ],
          },
        },
        invocations: [{ executionSuccessful: true }],
      },
    ],
  });
  expect(log.runs[0]?.results[1]).toEqual({
    ruleId: "MISSING_TRANSITION_TARGET",
    ruleIndex: 1,
    level: "error",
    message: { text: "Missing 'Next' target: Gone" },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: "a%20b.json" }, region: { startLine: 7, startColumn: 4 } },
        logicalLocations: [{ fullyQualifiedName: "/States/Pay/Next" }],
      },
    ],
  });
});

test("options of the parser are passed on", async () => {
  const task = RIGHT.replace('"Pass"', '"Task", "Resource": "docker://x"');
  expect((await validate({ "t.json": task }, "text")).code).toBe(1);
  expect((await validate({ "t.json": task }, "text", { lenientResources: true })).code).toBe(0);
});
