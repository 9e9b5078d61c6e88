import { describe, expect, test } from "vitest";
import { matchingHandler } from "./matching-handler.ts";
import { keyPath, keyStep, keysOf, provenance, valueAt, whyLost } from "./provenance.ts";

describe("a member of the payload", () => {
  test("is followed by its path, also where names have dots or are those of prototypes", () => {
    expect(keyPath("customer.mail")).toEqual(["customer", "mail"]);
    expect(keyPath("a\\.b.c")).toEqual(["a.b", "c"]);
    expect(valueAt({ items: [{ sku: 1 }] }, ["items", "0", "sku"])).toBe(1);
    expect(valueAt({}, ["__proto__", "toString"])).toBeUndefined();
    expect([...keysOf({ a: { b: { c: 1 } }, "x.y": 1 })]).toEqual(["a", "a.b", "x\\.y"]);
  });

  test("is born, kept, changed, lost, or not known", () => {
    const at = (input: object | undefined, output: object | undefined, left = true) =>
      keyStep({ input: input as never, output: output as never }, ["k"], left).fate;
    expect(at({}, { k: 1 })).toBe("born");
    expect(at({ k: 1 }, { k: 1 })).toBe("kept");
    expect(at({ k: 1 }, { k: 2 })).toBe("changed");
    expect(at({ k: 1 }, {})).toBe("lost");
    expect(at({}, {})).toBe("absent");
    expect(at({ k: 1 }, undefined, false)).toBe("here");
    expect(at({ k: 1 }, undefined)).toBe("unknown");
    expect(at(undefined, { k: 1 })).toBe("unknown");
  });

  test("has a story: where it was born, changed, last seen and lost", () => {
    const fates = ["kept", "changed", "lost", "absent", "born"] as const;
    const steps = fates.map((fate) => ({ fate }));
    expect(provenance(steps)).toEqual({ born: -1, lastSeen: 4, changed: [1], lost: [2] });
    expect(provenance(steps.slice(3))).toMatchObject({ born: 1, lastSeen: 1, lost: [] });
    expect(provenance([{ fate: "absent" }])).toEqual({ changed: [], lost: [] });
  });
});

describe("the reason of a loss", () => {
  const ask = (source: object, more: object = {}) =>
    whyLost({
      name: "Charge",
      source: source as Readonly<Record<string, unknown>>,
      language: "JSONPath",
      status: "SUCCEEDED",
      ...more,
    });
  const caught = { status: "CAUGHT", error: "CardDeclined", next: "Tell" } as const;

  test("is a Catch without ResultPath", () => {
    const Catch = [
      { ErrorEquals: ["Other"], Next: "Tell" },
      { ErrorEquals: ["States.ALL"], Next: "Tell" },
    ];
    expect(ask({ Type: "Task", Catch }, caught)).toBe("replaced by Catch 2 at Charge: ResultPath missing");
    expect(ask({ Type: "Task", Catch: [Catch[1]] }, caught)).toBe("replaced by Catch at Charge: ResultPath missing");
    expect(ask({ Type: "Task", QueryLanguage: "JSONata", Catch }, caught)).toContain("without Output");
  });

  test("is the result of work without ResultPath or Output", () => {
    expect(ask({ Type: "Task" })).toBe("replaced by the result of the task at Charge: ResultPath missing");
    expect(ask({ Type: "Map", ResultPath: "$" })).toContain('ResultPath is "$"');
    expect(ask({ Type: "Task" }, { language: "JSONata" })).toContain("Output missing");
    expect(ask({ Type: "Pass", Output: {} }, { language: "JSONata" })).toBe("the Output of Charge does not name it");
  });

  test("is a Pass that writes anew, or a path that takes a part", () => {
    expect(ask({ Type: "Pass", Result: 1 })).toBe("replaced by the Result of Charge: ResultPath missing");
    expect(ask({ Type: "Pass", Parameters: {} })).toBe("the Parameters of Charge do not name it, ResultPath missing");
    expect(ask({ Type: "Choice", OutputPath: "$.a" })).toBe('OutputPath "$.a" of Charge takes only that part');
    expect(ask({ Type: "Task", ResultPath: "$.a", OutputPath: "$.a" })).toContain("OutputPath");
    expect(ask({ Type: "Task", ResultPath: "$.k" })).toBe("overwritten at $.k by Charge");
  });
});

test("handlers match names and the wildcards that stand for them", () => {
  const list = (...names: string[]) => [{ ErrorEquals: names, Next: "X" }];
  expect(matchingHandler(list("States.TaskFailed"), "Oops")?.number).toBe(1);
  expect(matchingHandler(list("States.TaskFailed"), "States.Timeout")).toBeUndefined();
  expect(matchingHandler(list("States.HeartbeatTimeout"), "States.Timeout")).toBeUndefined();
  expect(matchingHandler(list("States.HeartbeatTimeout"), "States.Timeout", "X")?.number).toBe(1);
  expect(matchingHandler(list("States.ALL"), "States.Runtime")).toBeUndefined();
  expect(matchingHandler(list("Oops"), "Oops", "Y")).toBeUndefined();
  expect(matchingHandler(undefined, "Oops")).toBeUndefined();
});
