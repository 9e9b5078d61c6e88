import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { CLIENTS } from "./flow-clients.ts";
import { KEY, startFlowServer } from "./flow-server.ts";
import { definitionOf, type GivenExample, givenExamples, runGivenCase } from "./given-cases.ts";

const EXAMPLES = givenExamples();

test.each(Object.entries(CLIENTS))("every given case, by the client %s", async (name, client) => {
  const server = await startFlowServer();
  const call = client(server.endpoint, KEY);
  const failures: string[] = [];
  let passed = 0;
  try {
    for (const { flow, file } of EXAMPLES) {
      await call("CreateFlow", { Name: flow, Definition: definitionOf(file), Description: file, Type: "FDL" });
    }
    const cases = EXAMPLES.flatMap((example) => example.cases.map((given, index) => ({ example, given, index })));
    const run = async ({ example, given, index }: (typeof cases)[number]): Promise<void> => {
      const complaints = await runGivenCase(call, example, given, `case${index}`);
      if (complaints.length === 0) passed += 1;
      else failures.push(...complaints.map((complaint) => `${example.file} #${index}: ${complaint}`));
    };
    // Those that count children run one after the other.
    for (const one of cases) await run(one);
    for (const line of failures) console.log(line);
    recordScore(`cloudflow ${name}`, passed, cases.length - passed);
    expect(failures).toEqual([]);
  } finally {
    await server.close();
  }
});

test("the examples are what the cases name", () => {
  const flows = new Set(EXAMPLES.map(({ flow }: GivenExample) => flow));
  for (const { needs = [] } of EXAMPLES) for (const needed of needs) expect(flows).toContain(needed);
});
