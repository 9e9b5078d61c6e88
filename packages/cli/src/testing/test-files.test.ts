import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type TestOptions, testFiles } from "../commands/test.ts";
import { ConfigError } from "../config/config-error.ts";
import { UsageError } from "../usage-error.ts";
import { readTestFile } from "./read-test-file.ts";

const EXAMPLE = join(import.meta.dirname, "..", "..", "..", "..", "examples", "order-tests");
const directory = mkdtempSync(join(tmpdir(), "stepwell-tests-"));
afterAll(() => rmSync(directory, { recursive: true }));

const OPTIONS: TestOptions = { format: "text", coverage: false, chaos: false };

async function run(path: string, options: Partial<TestOptions> = {}): Promise<{ code: number; text: string }> {
  let text = "";
  const code = await testFiles([path], { ...OPTIONS, ...options }, (part) => {
    text += part;
  });
  return { code, text };
}

let files = 0;
function file(content: string, name = `${++files}.stepwell.test.yaml`): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

/** One task, called through a Map, whose failure is caught. */
const CALLS = JSON.stringify({
  StartAt: "Each",
  States: {
    Each: {
      Type: "Map",
      ItemProcessor: {
        StartAt: "Call",
        States: {
          Call: {
            Type: "Task",
            Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
            Catch: [
              { ErrorEquals: ["Known"], Next: "Known" },
              { ErrorEquals: ["States.ALL"], Next: "Other" },
            ],
            End: true,
          },
          Known: { Type: "Pass", Result: "known", End: true },
          Other: { Type: "Pass", Result: "other", End: true },
        },
      },
      End: true,
    },
  },
});
writeFileSync(join(directory, "calls.json"), CALLS);

describe("stepwell test", () => {
  test("runs the example's cases, and sees that they cover all of it", async () => {
    const coverageFile = join(directory, "coverage.json");
    const { code, text } = await run(EXAMPLE, { coverage: true, coverageFile, minCoverage: "100" });
    expect(text).toContain("6 passed, 0 failed");
    expect(text).toMatch(/order\.asl\.json\s+8\/8\s+8\/8\s+3\/3\s+2\/2/);
    expect(code).toBe(0);
    const [covered] = JSON.parse(readFileSync(coverageFile, "utf8")).files;
    expect(covered.items).toContainEqual({ kind: "state", name: "Done", pointer: "/States/Done", line: 53, count: 3 });
  });

  test("covers less with fewer cases, says what is missing, and fails below the minimum", async () => {
    const { code, text } = await run(EXAMPLE, { filter: "empty", coverage: true, minCoverage: "50" });
    expect(text).toMatch(/order\.asl\.json:\d+ {2}rule Check rule 0 → Approve/);
    expect(text).toMatch(/order\.asl\.json:\d+ {2}catcher Approve catches States.Timeout/);
    expect(code).toBe(1);
  });

  test("answers each call by its input or its turn, and counts catchers one by one", async () => {
    const path = file(`
      stateMachine: calls.json
      cases:
        - name: by input and by turn
          input: [1, 2, 3, 4]
          mocks:
            Call:
              - { when: 2, throw: { error: Known } }
              - { when: 4, throw: { error: Strange } }
              - { times: 2, return: fine }
          expect: { output: [fine, known, fine, other], visits: { Call: 4, Known: 1, Other: 1 } }
    `);
    const { code, text } = await run(path, { coverage: true });
    expect(text).toContain("1 passed, 0 failed");
    expect(text).toMatch(/calls\.json\s+4\/4\s+2\/2\s+0\/0\s+2\/2/);
    expect(code).toBe(0);
  });

  test("says in what a case differs", async () => {
    const path = file(`
      stateMachine: calls.json
      mocks: { Call: { return: { a: 1 } } }
      cases:
        - name: differs
          input: [1]
          expect:
            output: [{ a: 2 }]
            path: [Each, Each]
            visits: { Call: 2 }
            tasks: { Call: { times: 3, inputs: [7] } }
            seconds: 9
        - { name: fails instead, input: [1], expect: { error: E } }
        - { name: runs out of answers, input: [1, 2], mocks: { Call: [{ return: 1 }] }, expect: { output: [1, 1] } }
    `);
    const { code, text } = await run(path);
    expect(code).toBe(1);
    expect(text).toContain("output: /0/a is 1, expected 2");
    expect(text).toContain("path: at step 2 it ended, expected Each; taken: Each");
    expect(text).toContain("visits: Call was entered 1 times, expected 2");
    expect(text).toContain("tasks: Call was called 1 times, expected 3");
    expect(text).toContain("tasks: Call was never called with 7; its inputs: [1]");
    expect(text).toContain("seconds: 0 passed, expected 9 to 9");
    expect(text).toContain("status: is SUCCEEDED, expected FAILED");
    expect(text).toContain('output: /1 is "other", expected 1');
    expect(text).toMatch(/mocks: the mock of Call has no answer to its call 2, with the input [12]/);
    expect(text).toContain("0 passed, 3 failed");
  });

  test("reports an execution that nothing can end, and a definition that is refused", async () => {
    const waits = { Type: "Task", Resource: "arn:aws:states:us-east-1:123456789012:activity:a", End: true };
    writeFileSync(join(directory, "waits.json"), JSON.stringify({ StartAt: "A", States: { A: waits } }));
    const stuck = await run(file("stateMachine: waits.json\ncases: [{ name: stuck }]"));
    expect(stuck.text).toContain("Stepwell.NeverEnds: nothing can end its waiting: it waits in A (activity)");
    const served = await run(
      file("stateMachine: waits.json\ncases: [{ name: served, mocks: { A: { return: 1 } }, expect: { output: 1 } }]"),
    );
    expect(served.text).toContain("1 passed, 0 failed");
    const unmocked = await run(file("stateMachine: calls.json\ncases: [{ name: nobody, input: [1] }]"));
    expect(unmocked.text).toContain("mocks: Call has no mock, and no config says who serves it");
    writeFileSync(join(directory, "invalid.json"), '{"StartAt":"X","States":{}}');
    const invalid = await run(file("stateMachine: invalid.json\ncases: [{ name: invalid }]"));
    expect(invalid.text).toContain("InvalidDefinition");
  });

  test("takes TypeScript: mocks and expectations may be functions", async () => {
    const path = file(
      `export const tests = {
        stateMachine: "calls.json",
        mocks: { Call: (input: number, { number }: { number: number }) => {
          if (input === 2) throw Object.assign(new Error("no twos"), { name: "Known" });
          return { input, number };
        } },
        cases: [
          { name: "functions", input: [1, 2], expect: { output: (output: any) => output[1] === "known" || "must be known" } },
          { name: "refuses", input: [1], expect: { output: () => false } },
        ],
      };`,
      "functions.stepwell.test.ts",
    );
    const { text } = await run(path, { format: "json" });
    const [functions, refuses] = JSON.parse(text).cases;
    expect(functions.problems).toEqual([]);
    expect(refuses.problems).toEqual(['output: [{"input":1,"number":0}] was refused']);
  });

  test("machines that are started are covered by themselves, and may be Express", async () => {
    const start = (Resource: string, StateMachineArn: string, more: object) => ({
      Type: "Task",
      Resource: `arn:aws:states:::${Resource}`,
      Parameters: { StateMachineArn: `arn:aws:states:us-east-1:123456789012:stateMachine:${StateMachineArn}` },
      ...more,
    });
    const parent = {
      StartAt: "A",
      States: {
        A: start("states:startExecution.sync:2", "long", { ResultPath: "$.long", Next: "B" }),
        B: start("aws-sdk:sfn:startSyncExecution", "short", { ResultSelector: { "output.$": "$.Output" }, End: true }),
      },
    };
    // Its state is called as one of the parent.
    const child = { StartAt: "A", States: { A: { Type: "Pass", Result: 1, Next: "Z" }, Z: { Type: "Succeed" } } };
    writeFileSync(join(directory, "parent.json"), JSON.stringify(parent));
    writeFileSync(join(directory, "child.json"), JSON.stringify(child));
    const path = file(`stateMachine: parent.json
others: { long: child.json, short: { definition: child.json, type: EXPRESS } }
cases: [{ name: a, expect: { output: { output: "1" }, visits: { A: 3 } } }]`);
    const { text, code } = await run(path, { coverage: true });
    expect(text).toContain("1 passed");
    expect(text).toMatch(/parent\.json +2\/2 +1\/1/);
    expect(text).toMatch(/child\.json +2\/2 +1\/1/);
    expect(code).toBe(0);
  });

  test("chaos finds no fault in what differs from run to run", async () => {
    const random = {
      StartAt: "Id",
      States: {
        Id: { Type: "Pass", Parameters: { "id.$": "States.UUID()", "at.$": "$$.State.EnteredTime" }, End: true },
      },
    };
    writeFileSync(join(directory, "random.json"), JSON.stringify(random));
    const { text } = await run(file("stateMachine: random.json\ncases: [{ name: a }]"), { chaos: true });
    expect(text).toMatch(/✓ a .*\n +crashed after \d+ commit/);
  }, 240_000);

  test("a coverage file that cannot be written is said before anything is run", async () => {
    const path = file("stateMachine: calls.json\ncases: [{ name: a, input: [] }]");
    await expect(run(path, { coverageFile: join(directory, "no", "where.json") })).rejects.toThrow("--coverage-file");
  });

  test("writes JUnit's XML", async () => {
    const path = file('stateMachine: calls.json\ncases: [{ name: "a<b", input: [], expect: { output: 1 } }]');
    const { text } = await run(path, { format: "junit" });
    expect(text).toContain('tests="1" failures="1"');
    expect(text).toContain('name="a&lt;b"');
    expect(text).toContain("<failure message=");
  });

  test("finds test files by their names", async () => {
    const nested = join(directory, "nested", "node_modules");
    mkdirSync(nested, { recursive: true });
    file("stateMachine: ../calls.json\ncases: [{ name: found, input: [] }]", "nested/a.stepwell.test.yaml");
    file("not a test", "nested/other.yaml");
    file("not a test", "nested/node_modules/b.stepwell.test.yaml");
    expect((await run(join(directory, "nested"))).text).toContain("1 passed, 0 failed");
    await expect(run(join(directory, "nowhere"))).rejects.toThrow(UsageError);
    await expect(run(join(directory, "nested"), { filter: "none" })).rejects.toThrow(UsageError);
    await expect(run(EXAMPLE, { minCoverage: "many" })).rejects.toThrow(
      '--min-coverage: must be a number from 0 to 100, got "many"',
    );
  });
});

describe("a test file", () => {
  const wrong = async (text: string): Promise<string> => {
    const error = await readTestFile(file(text)).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(ConfigError);
    return (error as Error).message;
  };

  test("that is wrong is refused with all that is, and where", async () => {
    const message = await wrong(
      "stateMachine: calls.json\ncolour: red\ncases:\n  - name: a\n    expects: 1\n  - mocks: { A: { throws: 1 }, B: [] }\n",
    );
    expect(message).toContain(":2:1: /colour: unknown key");
    expect(message).toContain(":5:5: /cases/0/expects: unknown key");
    expect(message).toContain("/cases/1: must be a map with at least a name: name is missing");
    expect(message).toContain("/cases/1/mocks/A/throws: unknown key");
    expect(message).toContain("/cases/1/mocks/B: must be a list");
  });

  test.each([
    ["- { name: a }\n  - { name: a }", "must be another name"],
    ["- { name: a, input: 1, inputFile: x.json }", "must not stand beside input"],
    ["- { name: a, inputFile: nowhere.json }", "must be a file with JSON"],
    ["- { name: a, expect: { status: SUCCEEDED, error: E } }", "SUCCEEDED has no error"],
    ["- { name: a, expect: { error: E, output: 1 } }", "FAILED has no output"],
    ["- { name: a, expect: { cause: '/(/' } }", "must be a regular expression"],
  ])("%s is refused", async (cases, why) => {
    expect(await wrong(`stateMachine: calls.json\ncases:\n  ${cases}\n`)).toContain(why);
  });
});
