/** `stepwell run` of flows of CloudFlow, as a user runs them. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "stepwell-run-flow-"));

afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(flow: string, ...args: readonly string[]): Promise<Ended> {
  writeFileSync(join(directory, "flow.yaml"), flow);
  const command = ["--conditions=stepwell-source", MAIN, "run", "flow.yaml", "--fast-forward", ...args];
  return new Promise((resolve) => {
    execFile(process.execPath, command, { cwd: directory }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

const CHOOSING = `
type: flow
steps:
  - { type: wait, name: rest, duration: 7200 }
  - type: choice
    name: choose
    choices: [{ condition: $.bad == true, goto: broken }]
    default:
      steps: [{ type: pass, name: fine, outputMappings: [{ target: seen, source: $input.n }] }]
      goto: done
  - { type: fail, name: broken, error: Broken, cause: told to }
  - { type: pass, name: done }
`;

describe("a flow", { timeout: 60_000 }, () => {
  it("gives its output, and names its steps as it goes", async () => {
    const { code, stdout, stderr } = await run(CHOOSING, "--input", '{"n":1}');
    expect({ code, output: JSON.parse(stdout) }).toEqual({ code: 0, output: { seen: 1 } });
    const steps = [...stderr.matchAll(/→ (.*)/g)].map(([, name]) => name);
    expect(steps).toEqual(["rest", "choose", "fine", "done"]);
  });

  it("fails with CloudFlow's name of the error", async () => {
    expect(await run(CHOOSING, "--input", '{"bad":true}')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("FAILED Broken: told to"),
    });
    const { stderr } = await run(
      "Type: StateMachine\nStartAt: A\nStates: [{ Type: Wait, Name: A, Seconds.$: $Input.s, End: true }]",
    );
    expect(stderr).toContain("FAILED FnF.RuntimeError");
  });

  it("that waits in vain is over after a year", async () => {
    const { code, stderr } = await run(
      "type: flow\nsteps: [{ type: pass, name: a }, { type: wait, name: w, duration: 172800 }, { type: choice, name: c, choices: [{ condition: true, goto: a }] }]",
      "--quiet",
    );
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining("TIMED_OUT") });
  });

  it("is refused with all that is wrong with it", async () => {
    const { code, stderr } = await run("type: flow\nsteps: [{ type: pas, name: a }, { type: wait, name: b }]");
    expect(code).toBe(2);
    expect(stderr).toContain("step 'a': type must be one of");
    expect(stderr).toContain("step 'b': exactly one of duration and timestamp");
  });
});
