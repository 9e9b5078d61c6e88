/** What must be there before a construct's calls can succeed on moto: its queue, topic, table, bus or bucket. */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { OtherServices } from "../step-functions/target.ts";

type SetUp = (parameters: JsonObject, aws: OtherServices) => Promise<void>;

/** By `<service>:<action>` of resources that moto has. */
const SET_UPS: Readonly<Record<string, SetUp>> = {
  "sqs:sendMessage": async ({ QueueUrl }, aws) => {
    const name = String(QueueUrl).split("/").at(-1) ?? "";
    const fifo = name.endsWith(".fifo") ? { FifoQueue: "true" } : {};
    await aws.call("sqs", "CreateQueue", { QueueName: name, Attributes: fifo });
  },
  "sns:publish": async ({ TopicArn }, aws) => {
    const name = String(TopicArn).split(":").at(-1) ?? "";
    const fifo = name.endsWith(".fifo") ? { FifoTopic: "true" } : {};
    await aws.call("sns", "CreateTopic", { Name: name, Attributes: fifo });
  },
  "dynamodb:getItem": table,
  "dynamodb:putItem": table,
  "dynamodb:updateItem": table,
  "dynamodb:deleteItem": table,
  "events:putEvents": async ({ Entries }, aws) => {
    for (const entry of isJsonArray(Entries ?? null) ? (Entries as JsonObject[]) : []) {
      const bus = String(entry["EventBusName"] ?? "default").replace(/^.*event-bus\//, "");
      if (bus !== "default") await aws.call("events", "CreateEventBus", { Name: bus });
    }
  },
  "aws-sdk:s3:listBuckets": async () => undefined,
  "aws-sdk:s3:getObject": async ({ Bucket, Key }, aws) => {
    await aws.call("s3", "CreateBucket", { Bucket: Bucket! });
    await aws.call("s3", "PutObject", { Bucket: Bucket!, Key: Key!, Body: "content" });
  },
  "aws-sdk:scheduler:createSchedule": async ({ GroupName }, aws) => {
    if (GroupName !== undefined) await aws.call("scheduler", "CreateScheduleGroup", { Name: GroupName });
  },
  "athena:startQueryExecution": async ({ WorkGroup }, aws) => {
    if (WorkGroup !== undefined) await aws.call("athena", "CreateWorkGroup", { Name: WorkGroup });
  },
  "sagemaker:createModel": async () => undefined,
};

/** The table is keyed by what the call has, and is anew for each call. */
async function table(parameters: JsonObject, aws: OtherServices): Promise<void> {
  const { TableName = "" } = parameters;
  const keyed = [parameters["Key"], parameters["Item"]].find((value) => isJsonObject(value ?? null)) ?? {};
  const [[name, value] = ["id", { S: "" }]] = Object.entries(keyed);
  const type = Object.keys(isJsonObject(value) ? value : { S: "" })[0]!.replace(/\.\$$/, "");
  await aws.call("dynamodb", "DeleteTable", { TableName });
  await aws.call("dynamodb", "CreateTable", {
    TableName,
    KeySchema: [{ AttributeName: name, KeyType: "HASH" }],
    AttributeDefinitions: [{ AttributeName: name, AttributeType: type }],
    BillingMode: "PAY_PER_REQUEST",
  });
  if (isJsonObject(parameters["Key"] ?? null)) {
    await aws.call("dynamodb", "PutItem", { TableName, Item: plain(parameters["Key"] as JsonObject) });
  }
}

/** Values that are told by the input are what `fittingInput` gives. */
function plain(key: JsonObject): Json {
  return JSON.parse(
    JSON.stringify(key)
      .replaceAll('.$"', '"')
      .replaceAll(/"(\$\.\w+|\{%[^"]*%\})"/g, '"a-value"'),
  ) as Json;
}

export interface Task {
  readonly name: string;
  readonly parameters: JsonObject;
}

/** The tasks of a definition, when moto has all of them, and there are some. */
export function tasksOnMoto(definition: JsonObject): readonly Task[] | undefined {
  const states = Object.values(definition["States"] as JsonObject) as JsonObject[];
  const tasks = states.filter(({ Type }) => Type === "Task");
  const known = tasks.flatMap(({ Resource, Parameters, Arguments }) => {
    const [, name = "", pattern] = /^arn:aws:states:::((?:aws-sdk:)?[\w-]+:\w+)(\..+)?$/.exec(String(Resource)) ?? [];
    const parameters = Parameters ?? Arguments;
    if (pattern !== undefined || !Object.hasOwn(SET_UPS, name) || !isJsonObject(parameters)) return [];
    return [{ name, parameters }];
  });
  const isNested = states.some(({ Type }) => Type === "Map" || Type === "Parallel");
  return known.length > 0 && known.length === tasks.length && !isNested ? known : undefined;
}

export async function setUp(tasks: readonly Task[], input: Json, aws: OtherServices): Promise<void> {
  for (const { name, parameters } of tasks) await SET_UPS[name]?.(told(parameters, input), aws);
}

/** With the plain paths of the top level filled in. */
function told(parameters: JsonObject, input: Json): JsonObject {
  const entries = Object.entries(parameters).map(([name, value]) => {
    const [, member] = /^\$\.(\w+)$/.exec(String(value)) ?? [];
    if (!name.endsWith(".$") || member === undefined) return [name, value] as const;
    return [name.slice(0, -2), (isJsonObject(input) ? input[member] : undefined) ?? null] as const;
  });
  return Object.fromEntries(entries);
}
