import { expect, test } from "vitest";
import { readCases } from "./cases.ts";
import { expandJson, expandText, freshNames, type TemplateValues, UnknownTemplate } from "./template.ts";

const values: TemplateValues = {
  account: "123456789012",
  now: "2026-01-31T12:00:00",
  fresh: freshNames("123456789012"),
  answer: (step) => (step === 4 ? { executionArn: "arn:a:b/c:d:e", list: [{ arn: "x" }], __proto__: null } : undefined),
};

test("members and elements of a step's answer, and parts of them", () => {
  expect(expandText("<{{s4.executionArn}}> {{s4.list[0].arn}}", values)).toBe("<arn:a:b/c:d:e> x");
  expect(expandText("{{s4.executionArn|last}} {{s4.executionArn|penultimate}}", values)).toBe("e d");
});

test("the same uid is the same id within a run, 8 hexadecimal digits", () => {
  const [first, again, other] = ["{{uid1}}", "{{uid1}}", "{{uid2}}"].map((text) => expandText(text, values));
  expect(first).toMatch(/^[0-9a-f]{8}$/);
  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test("a template in a member's name, the account, a role and the time", () => {
  expect(expandJson({ "{{account}}": ["{{role}}", "{{now}}Z"] }, values)).toEqual({
    "123456789012": [expect.stringMatching(/^arn:aws:iam::123456789012:role\/sfn_role_/), "2026-01-31T12:00:00Z"],
  });
});

test("an unanswered step, a missing member and an unknown name are refused", () => {
  for (const template of ["{{s5.executionArn}}", "{{s4.no}}", "{{s4.list}}", "{{constructor}}", "{{s4.constructor}}"]) {
    expect(() => expandText(template, values), template).toThrow(UnknownTemplate);
  }
});

test("every template of every case is of a known kind", () => {
  const any: TemplateValues = { ...values, answer: () => undefined };
  for (const recorded of readCases()) {
    for (const [template] of JSON.stringify(recorded).matchAll(/\{\{[a-z][^{}]*\}\}/g)) {
      try {
        expandText(template, any);
      } catch (error) {
        expect(String(error), recorded.id).toMatch(/the answer has no such text/);
      }
    }
  }
});
