import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parse } from "yaml";
import type { ConvertSource } from "./converter.ts";
import { CONVERTERS } from "./index.ts";
import { readConvertSource } from "./read-source.ts";

const directory = mkdtempSync(join(tmpdir(), "stepwell-convert-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function convert(source: ConvertSource, to: string): Promise<{ name: string; text: string }[]> {
  const converter = CONVERTERS.find((candidate) => candidate.to === to && candidate.accepts(source));
  if (converter === undefined) throw new Error("nobody accepts it");
  return [...(await converter.convert(source, { parameters: new Map(), stacks: [], warn: () => undefined }))];
}

const DEFINITION = {
  Comment: "yes: no",
  StartAt: "A",
  States: {
    A: { Type: "Wait", Timestamp: "2024-01-01T00:00:00Z", Next: "Off" },
    Off: { Type: "Pass", Result: ["on", "0o7", "1e3", null, 1.5, true, "a\nb", "null", { "": {} }], End: true },
  },
};

it("a definition is the same in YAML and back in JSON, words that YAML 1.1 takes for others included", async () => {
  const [yaml] = await convert({ path: "x/flow.asl.json", text: "", value: DEFINITION }, "yaml");
  expect(yaml?.name).toBe("flow.asl.yaml");
  expect(parse(yaml?.text ?? "")).toEqual(DEFINITION);
  expect(yaml?.text).toMatch(/"Off":|'Off':|"on"|- 'on'/);
  const [json] = await convert({ path: "flow.asl.yaml", text: "", value: parse(yaml?.text ?? "") }, "json");
  expect(json).toEqual({ name: "flow.asl.json", text: `${JSON.stringify(DEFINITION, null, 2)}\n` });
});

it("a template becomes its definitions, resolved", async () => {
  const path = join(directory, "shop.yaml");
  const text = `
Resources:
  Topic: { Type: AWS::SNS::Topic }
  Flow:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      DefinitionString: !Sub '{"StartAt":"A","States":{"A":{"Type":"Pass","Result":"\${Topic}","End":true}}}'
`;
  writeFileSync(path, text);
  const [file, ...others] = await convert({ path, text, value: parse(text, { logLevel: "silent" }) }, "asl");
  expect(others).toEqual([]);
  expect(file?.name).toBe("shop-Flow.asl.json");
  expect(JSON.parse(file?.text ?? "")).toMatchObject({
    States: { A: { Result: "arn:aws:sns:us-east-1:123456789012:shop-Topic" } },
  });
});

it("a template with problems is not converted", async () => {
  const path = join(directory, "bad.yaml");
  const text = "Resources: { X: { Type: AWS::Foo::Bar } }";
  writeFileSync(path, text);
  await expect(convert({ path, text, value: parse(text) }, "asl")).rejects.toThrow("AWS::Foo::Bar is not supported");
});

it("a definition with JSONPath becomes one with JSONata, or is refused with every place that has no equal", async () => {
  const pass = (more: object) => ({ StartAt: "A", States: { A: { Type: "Pass", ...more, End: true } } });
  const [converted] = await convert(
    { path: "flow.asl.json", text: "", value: pass({ Parameters: { "id.$": "$.order.id" }, ResultPath: "$.seen" }) },
    "jsonata",
  );
  expect(JSON.parse(converted?.text ?? "")).toEqual({
    QueryLanguage: "JSONata",
    ...pass({ Output: '{% $merge([$states.input, {"seen": {"id": $states.input.order.id}}]) %}' }),
  });
  const refused = pass({ InputPath: "$..a", ResultPath: "$.list[0]" });
  await expect(convert({ path: "f.json", text: "", value: refused }, "jsonata")).rejects.toThrow(
    /f\.json: \/States\/A\/InputPath: the path \$\.\.a may match several things[\s\S]*f\.json: \/States\/A\/OutputPath: the ResultPath/,
  );
});

it("what is broken is not read as far as it goes", async () => {
  const broken = join(directory, "broken.json");
  writeFileSync(broken, '{"StartAt":"A","States":{"A":{"Type":"Succeed","Comment":"cut');
  expect(await readConvertSource(broken)).toMatchObject({ problem: expect.stringContaining("Unterminated") });
  const merged = join(directory, "merged.yaml");
  writeFileSync(
    merged,
    "StartAt: A\nStates:\n  A: &a { Type: Pass, Next: B }\n  B: { <<: *a, Next: C }\n  C: { Type: Succeed }\n",
  );
  expect(await readConvertSource(merged)).toMatchObject({ value: { States: { B: { Type: "Pass", Next: "C" } } } });
});
