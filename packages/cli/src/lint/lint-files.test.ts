import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { type LintFilesOptions, lintFiles } from "./lint-files.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-lint-"));
afterAll(() => rmSync(directory, { recursive: true }));

let files = 0;
function file(text: string, ending = "json"): string {
  const path = join(directory, `${++files}.${ending}`);
  writeFileSync(path, text);
  return path;
}

async function lint(path: string, options: Partial<LintFilesOptions> = {}): Promise<{ code: number; text: string }> {
  let text = "";
  const write = (part: string): void => {
    text += part;
  };
  const all = {
    type: "STANDARD",
    format: "text",
    level: "warning",
    failOn: "error",
    off: [],
    fix: false,
    directory,
  } as const;
  const code = await lintFiles([path], { ...all, ...options, write });
  return { code, text };
}

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";
const WORK = `{
    "StartAt": "Work",
    "States": {
        "Work": { "Type": "Task", "Resource": "${LAMBDA}", "End": true }
    }
}
`;
const WAITS = `# asks a person
StartAt: Ask
States:
  Ask: { Type: Task, Resource: "arn:aws:states:us-east-1:123456789012:activity:a", Next: Work } # by hand
  Work:
    Type: Task
    Resource: ${LAMBDA}
    End: true
`;

test("findings have lines, in JSON and YAML; errors make the exit code 1, warnings when asked for", async () => {
  const work = file(WORK);
  const { code, text } = await lint(work);
  expect(text).toContain(`${work}:4:9: warning lambda-retry-missing: "Work" does not retry`);
  expect(text).toContain("1 file, 0 errors, 1 warning");
  expect(code).toBe(0);
  expect((await lint(work, { failOn: "warning" })).code).toBe(1);
  const waits = await lint(file(WAITS, "yaml"));
  expect(waits.text).toMatch(/\.yaml:4:3: error token-without-timeout: /);
  expect(waits.text).toMatch(/\.yaml:5:3: warning lambda-retry-missing: /);
  expect(waits.code).toBe(1);
  expect((await lint(file(WAITS, "yaml"), { off: ["token-without-timeout"] })).code).toBe(0);
  expect((await lint(file("{"))).code).toBe(2);
  expect((await lint(join(directory, "nowhere.json"))).code).toBe(2);
});

test("hints are shown when asked for", async () => {
  const all = `{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"${LAMBDA}","Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e","Next":"B"}],"End":true},"B":{"Type":"Pass","End":true}}}`;
  expect((await lint(file(all))).text).not.toContain("states-all-does-not-cover");
  const { text } = await lint(file(all), { level: "info" });
  expect(text).toContain("info states-all-does-not-cover");
  expect(text).toContain("1 file, 0 errors, 1 warning, 1 hint");
});

test("--fix writes what is safe and keeps indentation and comments; a second time it changes nothing", async () => {
  const work = file(WORK);
  expect((await lint(work, { fix: true, level: "info" })).text).toContain("0 warnings");
  const fixed = readFileSync(work, "utf8");
  expect(JSON.parse(fixed).States.Work.Retry[0].ErrorEquals).toContain("Lambda.TooManyRequestsException");
  expect(fixed).toContain('\n    "States": {\n        "Work"');
  await lint(work, { fix: true });
  expect(readFileSync(work, "utf8")).toBe(fixed);
  const waits = file(WAITS, "yaml");
  const left = await lint(waits, { fix: true });
  expect(left.text).toContain("1 error, 0 warnings");
  const yaml = readFileSync(waits, "utf8");
  expect(yaml).toContain("# asks a person\nStartAt: Ask");
  expect(yaml).toContain("# by hand");
  expect(yaml).toContain("    Retry:\n      - ErrorEquals:\n          - Lambda.ServiceException");
});

test("--fix adds to what stands there: comments, anchors and merges stay", async () => {
  const shared = file(
    `StartAt: A
States:
  A: &a
    Type: Task
    Resource: ${LAMBDA}
    Retry: &r
      - ErrorEquals: [X] # why
    Next: B
  B:
    <<: *a
    Next: C
  C: { Type: Task, Resource: "${LAMBDA}", Retry: *r, Next: D }
  D: { Type: Parallel, Branches: [{ StartAt: E, States: { E: { Type: Succeed } } }], Retry: *r, End: true }
`,
    "yaml",
  );
  expect((await lint(shared, { fix: true })).text).toContain("0 warnings");
  const yaml = readFileSync(shared, "utf8");
  expect(yaml).toContain("[ X ] # why\n      - ErrorEquals:\n          - Lambda.ServiceException");
  // Once in the list with the anchor, once where a merged list gets one of its own.
  expect(yaml.match(/Lambda.ServiceException/g)).toHaveLength(2);
  expect(yaml).toContain("Retry: *r");
});

test("a file that holds no definition is not passed over", async () => {
  expect(await lint(file("[]"))).toMatchObject({
    code: 2,
    text: expect.stringContaining("no state machine definition"),
  });
});

test("SARIF names rules, levels and places", async () => {
  const { text } = await lint(file(WAITS, "yaml"), { format: "sarif" });
  const [run] = JSON.parse(text).runs;
  expect(run.tool.driver.name).toBe("stepwell lint");
  expect(run.tool.driver.rules[0].shortDescription.text).toBe(
    "errors of Lambda that pass by themselves are not retried",
  );
  expect(run.results.map(({ ruleId, level }: { ruleId: string; level: string }) => [ruleId, level])).toEqual([
    ["token-without-timeout", "error"],
    ["lambda-retry-missing", "warning"],
  ]);
});
