// What a CDK app would write, without a CDK: `stepwell run machine.ts` runs it, `stepwell validate machine.ts` checks it.
import { type Construct, type cdk, Duration, fn, Stack, sfn, tasks } from "@stepwell/authoring";

/** Tells somebody, twice if need be; used under a prefix of its own each time. */
class Notify extends sfn.StateMachineFragment {
  readonly startState: sfn.State;
  readonly endStates: readonly sfn.INextable[];

  constructor(scope: Construct, id: string, message: string) {
    super(scope, id);
    const send = new tasks.LambdaInvoke(this, "Send", {
      lambdaFunction: fn("notify"),
      payload: sfn.TaskInput.fromObject({ message, job: sfn.JsonPath.stringAt("$.job") }),
      resultPath: sfn.JsonPath.DISCARD,
    });
    send.addRetry({ errors: ["NotNow"], interval: Duration.seconds(1), maxAttempts: 2 });
    this.startState = send;
    this.endStates = [send];
  }
}

const stack: cdk.Stack = new Stack("JobPoller");

const submit = new tasks.LambdaInvoke(stack, "Submit", {
  lambdaFunction: fn("submit"),
  resultSelector: { id: sfn.JsonPath.stringAt("$.Payload.id"), seconds: sfn.JsonPath.numberAt("$.Payload.seconds") },
  resultPath: "$.submitted",
});
const halve = new tasks.EvaluateExpression(stack, "Half the time", {
  expression: "Math.ceil($.submitted.seconds / 2)",
  resultPath: "$.pause",
});
const wait = new sfn.Wait(stack, "Wait", { time: sfn.WaitTime.secondsPath("$.pause") });
const check = new tasks.LambdaInvoke(stack, "Check", {
  lambdaFunction: fn("check"),
  payload: sfn.TaskInput.fromObject({ id: sfn.JsonPath.stringAt("$.submitted.id") }),
  outputPath: "$.Payload",
});
const parts = new sfn.Map(stack, "Each part", { itemsPath: "$.parts", resultPath: "$.lengths", maxConcurrency: 2 });
parts.itemProcessor(
  new sfn.Pass(stack, "Measure", {
    parameters: { part: sfn.JsonPath.entirePayload, id: sfn.JsonPath.uuid() },
    outputPath: "$.part",
  }),
);
const done = new Notify(stack, "Notify", "it is done").prefixStates("done: ");
const failed = new Notify(stack, "Notify of failure", "it failed").prefixStates("failed: ");

const definition = submit
  .next(halve)
  .next(wait)
  .next(check)
  .next(
    new sfn.Choice(stack, "Done?")
      .when(sfn.Condition.stringEquals("$.status", "DONE"), parts.next(done))
      .when(
        sfn.Condition.stringEquals("$.status", "FAILED"),
        failed.next(new sfn.Fail(stack, "Failed", { error: "JobFailed", causePath: "$.job" })),
      )
      .otherwise(submit),
  );

export const machine = new sfn.StateMachine(stack, "Poller", {
  stateMachineName: "job-poller",
  comment: "Submits a job and asks until it is done",
  timeout: Duration.minutes(5),
  definitionBody: sfn.DefinitionBody.fromChainable(definition),
});
