/** Parameters of tasks: what AWS says when a state machine is created, and before a task is scheduled. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { composeStepwell, type Stepwell } from "./compose.ts";

let stepwell: Stepwell;

beforeEach(async () => {
  stepwell = await composeStepwell({ dataDir: ":memory:", aws: { env: { HOME: "/nonexistent" } } });
});

afterEach(async () => {
  await stepwell.close(0);
});

const SEND = "arn:aws:states:::sqs:sendMessage";

async function create(Resource: string, Parameters: object): Promise<string> {
  const definition = JSON.stringify({
    StartAt: "Send",
    States: { Send: { Type: "Task", Resource, Parameters, End: true } },
  });
  const roleArn = "arn:aws:iam::123456789012:role/r";
  const created = await stepwell.catalog.createStateMachine({ name: "M", definition, roleArn, type: "STANDARD" });
  return created.stateMachineArn;
}

test("a name that is missing or unknown refuses the state machine", async () => {
  const words =
    "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'QueueUrl' is required but was missing at " +
    "/States/Send/Parameters, SCHEMA_VALIDATION_FAILED: The field 'Message' is not supported by Step Functions at " +
    "/States/Send/Parameters'";
  await expect(create(SEND, { Message: "m", MessageBody: "m" })).rejects.toThrow(words);
});

test.each([
  [SEND, { "QueueUrl.$": "$.q", MessageBody: "m" }, '{"QueueUrl":5,"MessageBody":"m"}', "QueueUrl"],
  ["arn:aws:states:::lambda:invoke", { "FunctionName.$": "$.q" }, '{"FunctionName":5}', "FunctionName"],
  ["arn:aws:states:::aws-sdk:sqs:sendMessage", { "MessageAttributes.$": "$.q" }, "", "MessageAttributes"],
])(
  "a value of %s that is of another kind fails the state before anything is scheduled",
  async (resource, given, parameters, field) => {
    const more = resource.includes("aws-sdk") ? { QueueUrl: "q", MessageBody: "m" } : {};
    const stateMachineArn = await create(resource, { ...more, ...given });
    const { executionArn } = await stepwell.executions.start({ stateMachineArn, input: '{"q":5}' });
    let described = await stepwell.executions.describe(executionArn);
    for (let look = 0; look < 400 && described.status === "RUNNING"; look++) {
      await sleep(10);
      described = await stepwell.executions.describe(executionArn);
    }
    const shown = parameters === "" ? '{"QueueUrl":"q","MessageBody":"m","MessageAttributes":5}' : parameters;
    expect(described).toMatchObject({
      status: "FAILED",
      error: "States.Runtime",
      cause:
        "An error occurred while executing the state 'Send' (entered at the event id #2). The Parameters " +
        `'${shown}' could not be used to start the Task: [The value of the field '${field}' has an invalid format]`,
    });
    const { items } = await stepwell.executions.history(executionArn, { limit: 100, reverse: false });
    expect(items.map(({ type }) => type)).toEqual(["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]);
  },
);
