import { Rejection } from "@stepwell/engine";
import { expect, test } from "vitest";
import { serviceTask } from "../testing/service-fixture.ts";
import { NestedExecutions } from "./nested-executions.ts";

const MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:inner";
const EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:inner";
const { signal } = new AbortController();

/** An API that knows these executions; what was asked of it. */
function apiOf(executions: Record<string, object>): { asked: string[]; nested: NestedExecutions } {
  const asked: string[] = [];
  const nested = new NestedExecutions(async (operation, input) => {
    const { executionArn } = input as { executionArn: string };
    asked.push(`${operation} ${executionArn}`);
    const found = executions[executionArn];
    if (found === undefined)
      throw new Rejection("ExecutionDoesNotExist", `Execution Does Not Exist: '${executionArn}'`);
    return found;
  });
  return { asked, nested };
}

const task = (parameters: object) =>
  serviceTask("states:startExecution.sync:2", { StateMachineArn: `${MACHINE}:live`, ...parameters });

test("an execution whose start was not answered is found by its name, and nothing is started", async () => {
  const request = task({ Input: { a: 1 } });
  const { asked, nested } = apiOf({});
  expect(await nested.recover(request, signal)).toEqual({ kind: "none" });
  const executionArn = asked[0]?.split(" ")[1] as string;
  expect(asked).toEqual([`DescribeExecution ${executionArn}`]);
  expect(executionArn).toMatch(new RegExp(`^${EXECUTION}:[0-9a-f-]{36}$`));
  const found = await apiOf({ [executionArn]: { status: "RUNNING" } }).nested.recover(request, signal);
  expect(found).toEqual({ kind: "found", handle: JSON.stringify({ executionArn }) });
});

test("an execution of the workflow's own name counts only when it may be the task's", async () => {
  const request = task({ Name: "mine", Input: { a: 1 } });
  const of = (described: object) => apiOf({ [`${EXECUTION}:mine`]: described }).nested.recover(request, signal);
  expect((await of({ status: "RUNNING", input: '{"a":1}' })).kind).toBe("found");
  expect((await of({ status: "RUNNING", input: '{"a":2}' })).kind).toBe("none");
  expect((await of({ status: "SUCCEEDED", input: '{"a":1}' })).kind).toBe("none");
});

test("an execution that is gone needs no stopping", async () => {
  const { nested } = apiOf({});
  await nested.cancel(task({}), JSON.stringify({ executionArn: `${EXECUTION}:gone` }));
});

test("a name that is no text keeps the task from being scheduled; its input may be anything", () => {
  const { nested } = apiOf({});
  expect(nested.parametersProblem(task({ Input: 5, Name: null }))).toBeUndefined();
  expect(nested.parametersProblem(task({ Name: 5 }))).toContain(
    "could not be used to start the Task: [The value of the field 'Name' has an invalid format]",
  );
});
