import fc from "fast-check";
import { expect, test } from "vitest";
import { parseStateMachine } from "../definition/parse-state-machine.ts";
import type { StateMachine } from "../definition/state-machine.ts";
import { Drive } from "./drive.test-support.ts";
import { STRICT_LIMITS } from "./limits.ts";
import { passThrough } from "./pass-through.ts";

const INPUT = { name: "Ada", n: [1, 2.5, null] };
const TEXT = JSON.stringify(INPUT);

function machineOf(definition: object): StateMachine {
  const parsed = parseStateMachine(JSON.stringify(definition), { type: "EXPRESS" });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.machine;
}

/** States one behind the other. */
function chain(states: readonly object[]): object {
  const last = states.length - 1;
  const named = states.map((state, i) => {
    const isSucceed = "Type" in state && state.Type === "Succeed";
    return [
      `S${i}`,
      { Type: "Pass", ...state, ...(i < last ? { Next: `S${i + 1}` } : isSucceed ? {} : { End: true }) },
    ];
  });
  return { StartAt: "S0", States: Object.fromEntries(named) };
}

const UNCHANGED = [{}, { Comment: "nothing" }, { ResultPath: null }, { QueryLanguage: "JSONata" }] as const;
const CHANGING = [
  { Result: 1 },
  { Parameters: { a: 1 } },
  { InputPath: "$.name" },
  { OutputPath: "$.n" },
  { ResultPath: "$.again" },
  { Assign: { x: 1 } },
  { QueryLanguage: "JSONata", Output: "{% 1 %}" },
] as const;

test("a machine that passes through does what a transition does", () => {
  const states = fc.array(fc.constantFrom(...UNCHANGED, ...CHANGING), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(states, fc.boolean(), (passes, succeeds) => {
      const definition = chain(succeeds ? [...passes, { Type: "Succeed" }] : passes);
      const found = passThrough(machineOf(definition), TEXT, STRICT_LIMITS);
      if (found === undefined) return;
      const drive = new Drive(definition, INPUT, { type: "EXPRESS" });
      expect(drive.ended).toMatchObject({ status: "SUCCEEDED", output: TEXT });
      expect(found.historyTypes).toEqual(drive.history.map(({ type }) => type));
    }),
  );
});

test.each(UNCHANGED)("a Pass with %j hands its input on", (state) => {
  expect(passThrough(machineOf(chain([state])), TEXT, STRICT_LIMITS)).toBeDefined();
});

test.each(CHANGING)("a Pass with %j needs a transition", (state) => {
  expect(passThrough(machineOf(chain([{}, state])), TEXT, STRICT_LIMITS)).toBeUndefined();
});

test("what fails or goes on for ever needs a transition", () => {
  const one = machineOf(chain([{}]));
  expect(passThrough(one, TEXT, { ...STRICT_LIMITS, payloadBytesMax: TEXT.length - 1 })).toBeUndefined();
  expect(
    passThrough(machineOf(chain([{}, {}])), TEXT, { ...STRICT_LIMITS, statesPerTransitionMax: 1 }),
  ).toBeUndefined();
  const loop = {
    StartAt: "A",
    States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", Next: "A" }, C: { Type: "Succeed" } },
  };
  const parsed = parseStateMachine(JSON.stringify(loop), { type: "EXPRESS" });
  if (parsed.ok) expect(passThrough(parsed.machine, TEXT, STRICT_LIMITS)).toBeUndefined();
  expect(
    passThrough(machineOf({ StartAt: "F", States: { F: { Type: "Fail" } } }), TEXT, STRICT_LIMITS),
  ).toBeUndefined();
});
