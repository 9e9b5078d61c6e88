import { CfnOutput, Duration, Stack } from "aws-cdk-lib";
import { Asset } from "aws-cdk-lib/aws-s3-assets";
import {
  Chain,
  Choice,
  Condition,
  CsvHeaders,
  DefinitionBody,
  DistributedMap,
  Fail,
  IntegrationPattern,
  JsonPath,
  Parallel,
  Pass,
  ResultWriterV2,
  S3CsvItemReader,
  StateMachine,
  StateMachineType,
  Succeed,
  TaskInput,
  Wait,
  WaitTime,
} from "aws-cdk-lib/aws-stepfunctions";
import {
  DynamoAttributeValue,
  DynamoGetItem,
  DynamoPutItem,
  LambdaInvoke,
  SnsPublish,
  SqsSendMessage,
  StepFunctionsInvokeActivity,
  StepFunctionsStartExecution,
} from "aws-cdk-lib/aws-stepfunctions-tasks";
import type { Construct } from "constructs";
import type { FunctionsStack } from "./functions-stack.ts";
import type { StorageStack } from "./storage-stack.ts";

interface WorkflowsProps {
  readonly storage: StorageStack;
  readonly functions: FunctionsStack;
}

/** Workflows that use what the other two stacks hold. */
export class WorkflowsStack extends Stack {
  constructor(scope: Construct, id: string, { storage, functions }: WorkflowsProps) {
    super(scope, id);
    // What apps of `cdk init` have: values of other stacks come by Fn::GetStackOutput instead of exports.
    this.node.setContext("@aws-cdk/core:defaultCrossStackReferences", "weak");
    const order = this.#order(storage, functions);
    const summary = new StateMachine(this, "Summary", {
      definitionBody: DefinitionBody.fromFile("summary.asl.json"),
      definitionSubstitutions: { Limit: "100" },
      stateMachineType: StateMachineType.EXPRESS,
    });
    const machines = {
      Order: order,
      Approve: this.#approve(functions),
      Import: this.#import(storage, functions, order),
      Summary: summary,
    };
    for (const [name, machine] of Object.entries(machines))
      new CfnOutput(this, `${name}Arn`, { value: machine.stateMachineArn });
  }

  /** Prices, scores and enriches an order, stores it, tells of it, and ships it. */
  #order({ table, queue, topic }: StorageStack, functions: FunctionsStack): StateMachine {
    const price = new LambdaInvoke(this, "Ask the price", {
      lambdaFunction: functions.price,
      resultSelector: { "cents.$": "$.Payload.cents" },
      resultPath: "$.price",
    }).addCatch(new Fail(this, "Not an order", { error: "BadOrder", causePath: "$.error.Cause" }), {
      errors: ["BadQuantity"],
      resultPath: "$.error",
    });
    const look = new Parallel(this, "Look at it", { resultPath: "$.found" }).branch(
      new LambdaInvoke(this, "Score", { lambdaFunction: functions.score, payloadResponseOnly: true }),
      new LambdaInvoke(this, "Enrich", { lambdaFunction: functions.enrich, payloadResponseOnly: true }),
    );
    const store = new DynamoPutItem(this, "Store", {
      table,
      item: {
        id: DynamoAttributeValue.fromString(JsonPath.stringAt("$.id")),
        city: DynamoAttributeValue.fromString(JsonPath.stringAt("$.found[1].city")),
        cents: DynamoAttributeValue.numberFromString(JsonPath.format("{}", JsonPath.stringAt("$.price.cents"))),
      },
      resultPath: JsonPath.DISCARD,
    });
    const load = new DynamoGetItem(this, "Load", {
      table,
      key: { id: DynamoAttributeValue.fromString(JsonPath.stringAt("$.id")) },
      resultSelector: { "city.$": "$.Item.city.S", "cents.$": "$.Item.cents.N" },
      resultPath: "$.stored",
    });
    const greet = new LambdaInvoke(this, "Greet", {
      lambdaFunction: functions.greet,
      payload: TaskInput.fromObject({ id: JsonPath.stringAt("$.id"), city: JsonPath.stringAt("$.stored.city") }),
      resultSelector: { "text.$": "$.Payload" },
      resultPath: "$.greeting",
    });
    const ship = new SqsSendMessage(this, "Ship", {
      queue,
      messageBody: TaskInput.fromObject({ id: JsonPath.stringAt("$.id"), text: JsonPath.stringAt("$.greeting.text") }),
      resultPath: JsonPath.DISCARD,
    });
    const tell = new SnsPublish(this, "Tell", {
      topic,
      message: TaskInput.fromJsonPathAt("$.greeting.text"),
      resultPath: JsonPath.DISCARD,
    });
    const risky = new Choice(this, "Risky?")
      .when(
        Condition.stringEquals("$.found[0].risk", "high"),
        new Wait(this, "Think about it", { time: WaitTime.duration(Duration.seconds(1)) }).next(tell),
      )
      .otherwise(ship.next(tell));
    tell.next(new Succeed(this, "Done", { outputPath: "$['id','price','found','stored','greeting']" }));
    return new StateMachine(this, "Order", {
      definitionBody: DefinitionBody.fromChainable(
        Chain.start(price).next(look).next(store).next(load).next(greet).next(risky),
      ),
      timeout: Duration.minutes(10),
    });
  }

  /** A person decides; the machine waits at an activity. */
  #approve({ approval }: FunctionsStack): StateMachine {
    const ask = new StepFunctionsInvokeActivity(this, "Ask", { activity: approval, resultPath: "$.answer" });
    const decide = new Choice(this, "Approved?")
      .when(Condition.booleanEquals("$.answer.approved", true), new Succeed(this, "Approved"))
      .otherwise(new Fail(this, "Rejected", { error: "Rejected", cause: "somebody said no" }));
    return new StateMachine(this, "Approve", { definitionBody: DefinitionBody.fromChainable(ask.next(decide)) });
  }

  /** Each line of a CSV file becomes an execution of the order machine; what came of them is written to the bucket. */
  #import({ bucket }: StorageStack, functions: FunctionsStack, order: StateMachine): StateMachine {
    const orders = new Asset(this, "OrdersFile", { path: "orders.csv" });
    const prepare = new Pass(this, "Prepare", {
      parameters: {
        "id.$": "$.id",
        "zip.$": "$.zip",
        "quantity.$": "States.StringToJson($.quantity)",
      },
    });
    const place = new StepFunctionsStartExecution(this, "Place", {
      stateMachine: order,
      integrationPattern: IntegrationPattern.RUN_JOB,
      input: TaskInput.fromJsonPathAt("$"),
      resultSelector: { "id.$": "$.Output.id", "greeting.$": "$.Output.greeting.text" },
    });
    const map = new DistributedMap(this, "Each order", {
      label: "orders",
      maxConcurrency: 3,
      itemReader: new S3CsvItemReader({
        bucket: orders.bucket,
        key: orders.s3ObjectKey,
        csvHeaders: CsvHeaders.useFirstRow(),
      }),
      resultWriterV2: new ResultWriterV2({ bucket, prefix: "imports" }),
    }).itemProcessor(prepare.next(place));
    const machine = new StateMachine(this, "Import", { definitionBody: DefinitionBody.fromChainable(map) });
    functions.approval.grant(machine, "states:DescribeActivity");
    return machine;
  }
}
