import { expect, test } from "vitest";
import { Drive } from "./drive.test-support.ts";

const LAMBDA = "arn:aws:lambda:us-east-1:123456789012:function:f";

test("a catcher whose expression fails shows it in an event of its own", () => {
  const drive = new Drive(
    {
      StartAt: "T",
      QueryLanguage: "JSONata",
      States: {
        T: {
          Type: "Task",
          Resource: LAMBDA,
          Catch: [{ ErrorEquals: ["States.ALL"], Output: "{% $missing %}", Next: "After" }],
          End: true,
        },
        After: { Type: "Pass", End: true },
      },
    },
    {},
    { answer: () => ({ error: "Boom" }) },
  ).run();
  expect(drive.chain.slice(4)).toEqual(["5 LambdaFunctionFailed<4", "6 EvaluationFailed<5", "7 ExecutionFailed<6"]);
  expect(drive.history[5]?.details).toMatchObject({
    state: "T",
    location: "Catch[0]/Output",
    error: "States.QueryEvaluationError",
  });
});

test("a function that tells megabytes fails with as much as AWS keeps", () => {
  const drive = new Drive(
    { StartAt: "T", States: { T: { Type: "Task", Resource: LAMBDA, End: true } } },
    {},
    { answer: () => ({ error: "Boom", cause: "x".repeat(1_000_000) }) },
  ).run();
  const told = drive.history.slice(-2).map(({ details }) => String(details?.["cause"]).length);
  expect(told).toEqual([32_768, 32_768]);
});
