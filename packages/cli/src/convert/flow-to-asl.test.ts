import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { composeStepwell, type Stepwell } from "../compose.ts";
import { UsageError } from "../usage-error.ts";
import type { ConvertOptions } from "./converter.ts";
import { flowToAsl } from "./flow-to-asl.ts";

const DATA = join(import.meta.dirname, "../../../../conformance/data/cloudflow");
const FILES = ["new-1-ticket-triage", "new-2-report-builder", "new-3-remote-approval", "old-1-refund-decision"];
const ALL = [...FILES, "old-2-picking-list", "old-3-supplier-child", "old-3-supplier"];

async function convert(text: string): Promise<{ asl: string; warnings: string[] }> {
  const warnings: string[] = [];
  const options: ConvertOptions = { parameters: new Map(), stacks: [], warn: (message) => void warnings.push(message) };
  const source = { path: "flow.yaml", text, value: parse(text) as unknown };
  expect(flowToAsl.accepts(source)).toBe(true);
  const [file] = await flowToAsl.convert(source, options);
  return { asl: file?.text ?? "", warnings };
}

const example = (name: string): string => readFileSync(join(DATA, `${name}.yaml`), "utf8");

describe("a flow as ASL", () => {
  test.each(ALL)("%s is a definition that AWS takes", async (name) => {
    const { asl, warnings } = await convert(example(name));
    expect(warnings).toEqual([]);
    expect(asl).not.toContain("$fnf");
    expect(asl).not.toContain("arn:acs:");
  });

  test("what is different stands in comments", async () => {
    const { asl } = await convert(example("new-3-remote-approval"));
    const { States } = JSON.parse(asl);
    expect(States.Ask.Comment).toContain("cannot wait for a callback with HTTP");
    const { asl: report } = await convert(example("new-2-report-builder"));
    expect(JSON.parse(report).States.Remember.Comment).toContain("$Global belongs to the whole execution");
  });

  test("a branch's change of $Global is left out where ASL would refuse it, and said", async () => {
    const change = (name: string, next: string): string =>
      `{ Type: Pass, Name: ${name}, GlobalConstructor: { n.$: $Input.n }, ${next} }`;
    const { asl, warnings } = await convert(`
Type: StateMachine
StartAt: A
States:
  - ${change("A", "Next: P")}
  - { Type: Parallel, Name: P, Branches: [{ StartAt: B, States: [${change("B", "End: true")}] }], End: true }
`);
    expect(warnings).toEqual([]);
    const { A, P } = JSON.parse(asl).States;
    expect(A.Assign).toBeDefined();
    expect(P.Branches[0].States.B.Assign).toBeUndefined();
    expect(P.Branches[0].States.B.Comment).toContain("does not let a branch or an iteration assign");
  });

  test("a distributed Map is AWS's", async () => {
    const { asl, warnings } = await convert(`
Type: StateMachine
StartAt: M
States:
  - Type: Map
    Name: M
    ItemsPath: $Input.items
    ProcessorConfig: { ExecutionMode: Express }
    ItemBatcher: { MaxItemsPerBatch: 5, BatchInput: { k.$: $Input.k } }
    MaxItems: 7
    ToleratedFailedPercentage: 5
    Processor: { StartAt: S, States: [{ Type: Succeed, Name: S }] }
    End: true
`);
    expect(warnings).toEqual([]);
    const { M } = JSON.parse(asl).States;
    expect(M.ItemProcessor.ProcessorConfig).toEqual({ Mode: "DISTRIBUTED", ExecutionType: "EXPRESS" });
    expect(M).toMatchObject({ ToleratedFailurePercentage: 5, Items: "{% [($states.input.items)[[0..6]]] %}" });
    expect(M.Comment).toContain("10,000 items");
  });

  test("a flow that is wrong is refused with its steps", async () => {
    const wrong = "type: flow\nsteps: [{ type: jump, name: hop }]";
    await expect(convert(wrong)).rejects.toThrow(UsageError);
    await expect(convert(wrong)).rejects.toThrow(/step 'hop': type must be one of/);
  });

  describe("gives what the flow gives", () => {
    let stepwell: Stepwell;
    beforeAll(async () => {
      stepwell = await composeStepwell({ dataDir: ":memory:", time: "virtual" });
    });
    afterAll(() => stepwell.close(0));

    const cases = JSON.parse(readFileSync(join(DATA, "cases.json"), "utf8")).examples.flatMap(
      ({ file, cases }: { file: string; cases: readonly Record<string, unknown>[] }) =>
        cases.map((given, index) => [`${file} ${index}`, file, given] as const),
    ) as readonly (readonly [string, string, { input: object; output?: object; reports?: unknown; error?: string }])[];
    // Not those that need a server, another flow, or null for what is not there.
    const alone = cases.filter(([name]) =>
      /^(new-[12]|old-2|old-3-supplier-child|old-1-refund-decision.yaml [12])/.test(name),
    );

    test.each(alone)("%s", async (name, file, { input, output, error }) => {
      const { asl } = await convert(example(file.replace(".yaml", "")));
      const { stateMachineArn } = await stepwell.catalog.createStateMachine({
        name: name.replace(/\W/g, "_"),
        type: "EXPRESS",
        definition: asl,
        roleArn: "arn:aws:iam::123456789012:role/r",
      });
      const ended = await stepwell.executions.startSync({ stateMachineArn, input: JSON.stringify(input) });
      if (output !== undefined) expect(JSON.parse(ended.output ?? "null")).toEqual(output);
      else expect(ended.error).toBe(error);
    });
  });
});
