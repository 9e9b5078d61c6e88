import type { ExecutionDescription, Flow } from "@stepwell/engine";
import { describe, expect, it } from "vitest";
import type { ActionContext } from "../action.ts";
import { Parameters } from "../parameters.ts";
import { CALLBACK_ACTIONS } from "./callbacks.ts";
import { EXECUTION_ACTIONS } from "./executions.ts";
import { FLOW_ACTIONS } from "./flows.ts";

const FLOW: Partial<Flow> = {
  name: "f",
  createdAt: 0,
  modifiedAt: 0,
  revisionKey: "r",
  roleArn: "",
  stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:f",
  environment: { Variables: [{ Name: "A", Value: "b", Description: "what it is" }] },
};
const EXECUTION: Partial<ExecutionDescription> = { name: "e", status: "RUNNING", startDate: 0, revisionKey: "r" };

/** Of the services, only what these actions ask for. */
function contextOf(parameters: Readonly<Record<string, string>>): ActionContext {
  const services = {
    flows: {
      describe: async () => FLOW,
      create: async (content: Partial<Flow>) => ({ ...FLOW, ...content }),
    },
    executions: { describe: async () => EXECUTION },
    tag: () => undefined,
  };
  return { ...services, parameters: new Parameters(new Map(Object.entries(parameters))) } as unknown as ActionContext;
}

describe("CloudFlow's actions", () => {
  it("miss the error of a report that has an empty one", async () => {
    const report = CALLBACK_ACTIONS["ReportTaskFailed"]?.perform(contextOf({ TaskToken: "t", Error: "" }));
    await expect(report).rejects.toThrow("The HTTP query 'Error' must be specified.");
  });

  it("show an execution's variables as names and values", async () => {
    const shown = await EXECUTION_ACTIONS["DescribeExecution"]?.perform(
      contextOf({ FlowName: "f", ExecutionName: "e" }),
    );
    expect(shown).toMatchObject({ Environment: { Variables: [{ Name: "A", Value: "b" }] } });
  });

  it("keep of a flow's variables what is documented, and refuse what is no text", async () => {
    const create = (variable: object): Promise<object> | undefined =>
      FLOW_ACTIONS["CreateFlow"]?.perform(
        contextOf({
          Name: "f",
          Type: "FDL",
          Description: "",
          Definition: "{type: flow, version: v1, steps: [{type: pass, name: a}]}",
          Environment: JSON.stringify({ Variables: [{ Name: "A", Value: "b", ...variable }] }),
        }),
      );
    expect(await create({ Description: "d", More: 1 })).toMatchObject({
      Environment: { Variables: [{ Name: "A", Value: "b", Description: "d" }] },
    });
    await expect(create({ Description: 1 })).rejects.toThrow("Environment must be");
  });
});
