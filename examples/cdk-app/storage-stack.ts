import { CfnOutput, RemovalPolicy, Stack } from "aws-cdk-lib";
import { AttributeType, BillingMode, Table } from "aws-cdk-lib/aws-dynamodb";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Topic } from "aws-cdk-lib/aws-sns";
import { SqsSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** What holds data: a table, a bucket, a queue, and a topic that fills the queue. */
export class StorageStack extends Stack {
  readonly table: Table;
  readonly bucket: Bucket;
  readonly queue: Queue;
  readonly topic: Topic;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.table = new Table(this, "Orders", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.bucket = new Bucket(this, "Results", { removalPolicy: RemovalPolicy.RETAIN });
    this.queue = new Queue(this, "Shipments");
    this.topic = new Topic(this, "News");
    this.topic.addSubscription(new SqsSubscription(this.queue, { rawMessageDelivery: true }));
    new CfnOutput(this, "QueueUrl", { value: this.queue.queueUrl });
    new CfnOutput(this, "BucketName", { value: this.bucket.bucketName });
    new CfnOutput(this, "TableName", { value: this.table.tableName });
  }
}
