import { expect, test } from "vitest";
import { aslCompletion } from "./asl-completion.ts";
import { yamlPlace } from "./asl-place.ts";
import { formatDefinition, readDefinition } from "./definition-source.ts";

const YAML = `StartAt: A
States:
  A:
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Next: Nowhere
`;

test("a finding of the core stands at its place in YAML as in JSON", () => {
  const { findings } = readDefinition(YAML, "yaml", false);
  const found = findings.find(({ code }) => code === "MISSING_TRANSITION_TARGET");
  expect(YAML.slice(found?.from, found?.to)).toBe("Nowhere");
  const json = formatDefinition(YAML, "json") as string;
  const same = readDefinition(json, "json", false).findings.find(({ code }) => code === "MISSING_TRANSITION_TARGET");
  expect(json.slice(same?.from, same?.to)).toContain("Nowhere");
});

test("text that cannot be read is one finding at its place", () => {
  expect(readDefinition("a: [", "yaml", false).findings).toMatchObject([{ code: "INVALID_YAML" }]);
  const broken = readDefinition('{\n  "StartAt": ,\n}', "json", false).findings;
  expect(broken[0]?.severity).toBe("ERROR");
});

test("either format is written as the other and back", () => {
  const json = formatDefinition(YAML, "json") as string;
  expect(JSON.parse(json)).toMatchObject({ StartAt: "A" });
  expect(formatDefinition(json, "yaml")).toContain("Next: Nowhere");
});

test("fields, targets and errors are completed where they belong", () => {
  const labels = (path: readonly string[], isKey: boolean, type?: string, word = "") =>
    aslCompletion({ path, isKey, type }, word, 0, ["A", "B"])?.options.map(({ label }) => label) ?? [];
  expect(labels(["States", "A"], true, "Wait")).toContain("Seconds");
  expect(labels(["States", "A"], true, "Wait")).not.toContain("Branches");
  expect(labels(["States", "A", "Next"], false)).toEqual(["A", "B"]);
  expect(labels(["States", "A", "Retry", "ErrorEquals"], false)).toContain("States.Timeout");
  expect(labels(["States", "A", "Retry"], true)).toContain("BackoffRate");
  expect(labels(["States", "A", "Parameters", "x.$"], false, "Pass", "St")).toContain("States.Format");
});

test("in YAML the place is read off the indentation, though the text is half written", () => {
  expect(yamlPlace(`${YAML}    Re`, `${YAML}    Re`)).toEqual({ path: ["States", "A"], type: "Task", isKey: true });
  const before = YAML.slice(0, YAML.indexOf("Nowhere"));
  expect(yamlPlace(before, YAML)).toMatchObject({ path: ["States", "A", "Next"], isKey: false });
});
