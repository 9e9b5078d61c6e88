import { Rejection } from "@stepwell/engine";
import { expect, test } from "vitest";
import { serviceTask } from "../testing/service-fixture.ts";
import { StepFunctionsSdkCalls } from "./sdk-calls.ts";

const { signal } = new AbortController();
const MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:m";

/** Calls answered with `answer`; what was asked. */
function apiOf(answer: object): { asked: unknown[]; calls: StepFunctionsSdkCalls } {
  const asked: unknown[] = [];
  const calls = new StepFunctionsSdkCalls(async (operation, input) => {
    asked.push([operation, input]);
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { asked, calls };
}

test("parameters become the API's members, of the kind it wants", async () => {
  const { asked, calls } = apiOf({ executionArn: "e", startDate: 1_700_000_000 });
  const request = serviceTask("aws-sdk:sfn:startExecution", { StateMachineArn: MACHINE, Input: { a: 1 } });
  expect(calls.parametersProblem(request)).toBeUndefined();
  expect(await calls.start(request, signal)).toEqual({
    kind: "succeeded",
    output: '{"ExecutionArn":"e","StartDate":"2023-11-14T22:13:20Z"}',
  });
  const list = serviceTask("aws-sdk:sfn:listStateMachines", { MaxResults: "5" });
  await calls.start(list, signal);
  expect(asked).toEqual([
    ["StartExecution", { stateMachineArn: MACHINE, input: '{"a":1}' }],
    ["ListStateMachines", { maxResults: 5 }],
  ]);
});

test("keys of maps in an answer stay as they are", async () => {
  const { calls } = apiOf({ variableReferences: { stateName: ["x"] } });
  const request = serviceTask("aws-sdk:sfn:describeStateMachine", { StateMachineArn: MACHINE });
  expect(await calls.start(request, signal)).toMatchObject({ output: '{"VariableReferences":{"stateName":["x"]}}' });
});

test("a value of another kind keeps the task from being scheduled", () => {
  const request = serviceTask("aws-sdk:sfn:listStateMachines", { MaxResults: "many" });
  expect(apiOf({}).calls.parametersProblem(request)).toBe(
    `The Parameters '{"MaxResults":"many"}' could not be used to start the Task: [The value of the field 'MaxResults' has an invalid format]`,
  );
});

test("a refusal has the status that the API gives it", async () => {
  const { calls } = apiOf(new Rejection("ConflictException", "no"));
  const request = serviceTask("aws-sdk:sfn:publishStateMachineVersion", { StateMachineArn: MACHINE });
  expect(await calls.start(request, signal)).toMatchObject({
    error: "Sfn.ConflictException",
    cause: expect.stringMatching(/^no \(Service: Sfn, Status Code: 409, Request ID: .+\) \(SDK Attempt Count: 1\)$/),
  });
});
