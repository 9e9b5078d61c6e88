import { CfnOutput, Duration, Stack, type StackProps } from "aws-cdk-lib";
import type { ITable } from "aws-cdk-lib/aws-dynamodb";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { Activity } from "aws-cdk-lib/aws-stepfunctions";
import type { Construct } from "constructs";

const PRICE = `
exports.handler = async ({ quantity }) => {
  if (!(quantity > 0)) {
    const error = new Error("the quantity must be more than 0, got " + quantity);
    error.name = "BadQuantity";
    throw error;
  }
  return { cents: quantity * Number(process.env.CENTS) };
};
`;

const GREET = `
def handler(event, context):
    return "Order " + str(event["id"]) + " goes to " + event["city"]
`;

/** Functions of both kinds in both languages, and an activity for people. */
export class FunctionsStack extends Stack {
  readonly price: LambdaFunction;
  readonly greet: LambdaFunction;
  readonly enrich: LambdaFunction;
  readonly score: LambdaFunction;
  readonly approval: Activity;

  constructor(scope: Construct, id: string, { table, ...props }: StackProps & { readonly table: ITable }) {
    super(scope, id, props);
    this.price = new LambdaFunction(this, "Price", {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromInline(PRICE),
      environment: { CENTS: "250" },
    });
    this.greet = new LambdaFunction(this, "Greet", {
      runtime: Runtime.PYTHON_3_13,
      handler: "index.handler",
      code: Code.fromInline(GREET),
      timeout: Duration.seconds(20),
    });
    this.enrich = new LambdaFunction(this, "Enrich", {
      runtime: Runtime.NODEJS_22_X,
      handler: "index.handler",
      code: Code.fromAsset("functions/enrich"),
      environment: { TABLE_NAME: table.tableName },
      timeout: Duration.seconds(20),
      memorySize: 256,
    });
    this.score = new LambdaFunction(this, "Score", {
      runtime: Runtime.PYTHON_3_13,
      handler: "app.handler",
      code: Code.fromAsset("functions/score"),
      timeout: Duration.seconds(20),
    });
    table.grantReadData(this.enrich);
    this.approval = new Activity(this, "Approval");
    new CfnOutput(this, "ApprovalActivity", { value: this.approval.activityArn });
  }
}
