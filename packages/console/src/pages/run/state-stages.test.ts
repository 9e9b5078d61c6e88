import { expect, test } from "vitest";
import { computeStages } from "./state-stages.ts";

const definition = JSON.stringify({
  StartAt: "Call",
  States: {
    Call: {
      Type: "Task",
      Resource: "arn:aws:lambda:us-east-1:123456789012:function:f",
      InputPath: "$.order",
      Parameters: { "id.$": "$.id", "run.$": "$$.Execution.Name" },
      ResultSelector: { "ok.$": "$.status" },
      ResultPath: "$.call",
      Next: "How?",
    },
    "How?": { Type: "Choice", Choices: [{ Variable: "$.x", IsPresent: true, Next: "End" }], Default: "Wait" },
    Wait: { Type: "Wait", Seconds: 5, Next: "End" },
    End: { Type: "Succeed" },
  },
});

const common = {
  definition,
  executionArn: "arn:aws:states:us-east-1:123456789012:execution:m:run-1",
  executionInput: "{}",
  enteredAt: 0,
  place: { region: "us-east-1", accountId: "123456789012" },
};

test("a task's data flow is shown stage by stage, with the recorded result in the place of its work", () => {
  const answer = computeStages({
    ...common,
    stateName: "Call",
    input: '{"order":{"id":7}}',
    result: '{"status":"paid","more":1}',
    output: '{"order":{"id":7},"call":{"ok":"paid"}}',
  });
  expect(answer.problem).toBeUndefined();
  expect(answer.stages.map(({ id, value }) => [id, value])).toEqual([
    ["afterInputPath", { id: 7 }],
    ["afterParameters", { id: 7, run: "run-1" }],
    ["result", { status: "paid", more: 1 }],
    ["afterResultSelector", { ok: "paid" }],
    ["afterResultPath", { order: { id: 7 }, call: { ok: "paid" } }],
    ["output", { order: { id: 7 }, call: { ok: "paid" } }],
  ]);
  expect(answer.stages.at(-1)?.isSame).toBe(true);
  expect(answer.differs).toBe(false);
});

test("an output that is not what is computed again is said to differ, and the recorded one is shown", () => {
  const answer = computeStages({
    ...common,
    stateName: "Call",
    input: '{"order":{"id":7}}',
    result: "{}",
    output: "1",
  });
  expect(answer.stages.at(-1)).toMatchObject({ id: "output", value: 1 });
});

test("a choice says where it leads", () => {
  expect(computeStages({ ...common, stateName: "How?", input: '{"x":1}' }).nextState).toBe("End");
  expect(computeStages({ ...common, stateName: "How?", input: "{}" }).nextState).toBe("Wait");
});

test("work that has not ended, and a state that is not there, have no stages", () => {
  expect(computeStages({ ...common, stateName: "Call", input: "{}" }).problem).toMatch(/not ended/);
  expect(computeStages({ ...common, stateName: "Gone", input: "{}" }).problem).toMatch(/does not hold/);
});
