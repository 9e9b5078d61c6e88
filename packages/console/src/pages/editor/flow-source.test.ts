import { describe, expect, test } from "vitest";
import { readFlow } from "./flow-source.ts";

const STEPS = "type: flow\nsteps:\n  - type: pass\n    name: a\n  - type: wait\n    name: w\n    duration: 5\n";

describe("the text of a flow", () => {
  test("becomes the machine that runs", () => {
    const { machine, findings } = readFlow(STEPS, false);
    expect(findings).toEqual([]);
    expect(Object.keys(JSON.parse(machine ?? "").States)).toEqual(expect.arrayContaining(["a", "w"]));
  });

  test("a finding stands where the text is wrong, with the step's name", () => {
    const text = STEPS.replace("duration: 5", "duration: -5");
    const { machine, findings } = readFlow(text, false);
    expect(machine).toBeUndefined();
    const [finding] = findings;
    expect(finding?.message).toMatch(/^w: duration must be/);
    expect(text.slice(finding?.from, finding?.to)).toBe("-5");
  });

  test("YAML that does not parse is one finding", () => {
    expect(readFlow("steps: [", false).findings).toMatchObject([{ code: "INVALID_YAML", severity: "ERROR" }]);
  });

  test("Express flows have their own bounds", () => {
    const text = "Type: StateMachine\nStartAt: W\nStates: [{Type: Wait, Name: W, Seconds: 30, End: true}]\n";
    expect(readFlow(text, false).findings).toEqual([]);
    expect(readFlow(text, true).findings[0]?.message).toContain("from 1 to 20");
  });
});
