// What an `aws-sdk` integration needs: the action, and its resource where one parameter says it.
import { type Grant, grant, type Parameters } from "./grant.ts";
import { lambda } from "./integrations.ts";

/** Services whose actions begin with another name in IAM. Service Authorization Reference. */
const PREFIXES: { readonly [service: string]: string } = {
  apigatewaymanagementapi: "execute-api",
  applicationautoscaling: "application-autoscaling",
  bedrockagent: "bedrock",
  bedrockagentruntime: "bedrock",
  bedrockruntime: "bedrock",
  cloudcontrol: "cloudformation",
  cloudwatchlogs: "logs",
  cognitoidentity: "cognito-identity",
  cognitoidentityprovider: "cognito-idp",
  configservice: "config",
  costexplorer: "ce",
  databasemigration: "dms",
  directory: "ds",
  ecrpublic: "ecr-public",
  efs: "elasticfilesystem",
  elasticloadbalancingv2: "elasticloadbalancing",
  emr: "elasticmapreduce",
  emrcontainers: "emr-containers",
  emrserverless: "emr-serverless",
  eventbridge: "events",
  iotdataplane: "iot",
  lexruntimev2: "lex",
  location: "geo",
  marketplacecatalog: "aws-marketplace",
  mediapackagevod: "mediapackage-vod",
  mwaa: "airflow",
  opensearch: "es",
  personalizeruntime: "personalize",
  pinpoint: "mobiletargeting",
  pinpointemail: "ses",
  rdsdata: "rds-data",
  redshiftdata: "redshift-data",
  resourcegroups: "resource-groups",
  resourcegroupstaggingapi: "tag",
  sagemakerruntime: "sagemaker",
  sesv2: "ses",
  sfn: "states",
  ssoadmin: "sso",
  textract: "textract",
  timestreamquery: "timestream",
  timestreamwrite: "timestream",
  workspacesweb: "workspaces-web",
};

/** Actions of S3 that have another name in IAM. */
const S3_ACTIONS: { readonly [action: string]: string } = {
  listBuckets: "ListAllMyBuckets",
  listObjects: "ListBucket",
  listObjectsV2: "ListBucket",
  listObjectVersions: "ListBucketVersions",
  headBucket: "ListBucket",
  headObject: "GetObject",
  copyObject: "PutObject",
  deleteObjects: "DeleteObject",
  createMultipartUpload: "PutObject",
  uploadPart: "PutObject",
  completeMultipartUpload: "PutObject",
  selectObjectContent: "GetObject",
};

const OBJECT_ACTIONS = /^(Get|Put|Delete|Restore|Abort).*(Object|MultipartUpload)/;

/** Actions that have another name in IAM than in the API. Service Authorization Reference. */
const ACTIONS: { readonly [call: string]: string } = {
  "apigatewaymanagementapi:deleteConnection": "ManageConnections",
  "apigatewaymanagementapi:getConnection": "ManageConnections",
  "apigatewaymanagementapi:postToConnection": "ManageConnections",
  "bedrockruntime:converse": "InvokeModel",
  "bedrockruntime:converseStream": "InvokeModelWithResponseStream",
};

export function sdkGrants(service: string, action: string, given: Parameters): readonly Grant[] {
  const prefix = Object.hasOwn(PREFIXES, service) ? (PREFIXES[service] as string) : service;
  if (service === "s3") return [s3Grant(action, given), ...copiedFrom(action, given)];
  if (service === "lambda" && /^invoke/.test(action)) return [lambda(given, given.text("FunctionName") || undefined)];
  const tables = service === "dynamodb" ? tableGrants(action, given) : undefined;
  if (tables !== undefined) return tables;
  if (service === "scheduler" && action === "createSchedule") return schedule(given);
  if (service === "glue" && /Crawler$/.test(action)) {
    const actions = action === "startCrawler" ? ["glue:StartCrawler", "glue:GetCrawler"] : [`glue:${pascal(action)}`];
    return [
      grant(
        actions,
        given.named("Name", "glue", (name) => `crawler/${name}`),
      ),
    ];
  }
  const call = `${service}:${action}`;
  const name = Object.hasOwn(ACTIONS, call) ? (ACTIONS[call] as string) : pascal(action);
  return [grant(`${prefix}:${name}`, resourceOf(prefix, given))];
}

/** Who copies an object must be allowed to read it. */
function copiedFrom(action: string, given: Parameters): readonly Grant[] {
  if (action !== "copyObject" && action !== "uploadPartCopy") return [];
  const { partition } = given.place;
  const [, bucket = "*", key = "*"] = /^\/?([^/?]+)\/([^?]+)/.exec(given.text("CopySource") ?? "") ?? [];
  return [grant("s3:GetObject", `arn:${partition}:s3:::${bucket}/${key}`)];
}

/** Calls of DynamoDB on several tables, or by a statement, which IAM knows by what they do. */
function tableGrants(action: string, given: Parameters): readonly Grant[] | undefined {
  if (action === "batchGetItem" || action === "batchWriteItem") {
    const names = given.inside("RequestItems").names();
    const tables = (names.length === 0 ? ["*"] : names).map((name) => tableArn(given, name));
    return [grant(`dynamodb:${pascal(action)}`, tables)];
  }
  if (action === "transactGetItems" || action === "transactWriteItems") {
    const found = given
      .list("TransactItems")
      .flatMap((item) =>
        Object.entries(TRANSACTED).flatMap(([member, name]) =>
          item.has(member)
            ? [grant(`dynamodb:${name}`, tableArn(given, item.inside(member).text("TableName") || "*"))]
            : [],
        ),
      );
    if (found.length > 0) return found;
    const all = action === "transactGetItems" ? ["GetItem"] : Object.values(TRANSACTED).filter((n) => n !== "GetItem");
    return [
      grant(
        all.map((name) => `dynamodb:${name}`),
        tableArn(given, "*"),
      ),
    ];
  }
  if (action !== "executeStatement") return undefined;
  const [, verb = ""] = /^\s*(select|insert|update|delete)\b/i.exec(given.text("Statement") ?? "") ?? [];
  const verbs = verb === "" ? ["Select", "Insert", "Update", "Delete"] : [pascal(verb.toLowerCase())];
  return [
    grant(
      verbs.map((each) => `dynamodb:PartiQL${each}`),
      tableArn(given, "*"),
    ),
  ];
}

const TRANSACTED: { readonly [member: string]: string } = {
  ConditionCheck: "ConditionCheckItem",
  Delete: "DeleteItem",
  Get: "GetItem",
  Put: "PutItem",
  Update: "UpdateItem",
};

function tableArn(given: Parameters, name: string): string {
  return name.startsWith("arn:") ? name : given.arn("dynamodb", `table/${name}`);
}

function pascal(action: string): string {
  return action.charAt(0).toUpperCase() + action.slice(1);
}

function resourceOf(prefix: string, given: Parameters): string {
  switch (prefix) {
    case "dynamodb":
      return given.has("TableName") ? given.named("TableName", "dynamodb", (name) => `table/${name}`) : "*";
    case "sns":
      return given.has("TopicArn") ? given.named("TopicArn", "sns", (name) => name) : "*";
    case "secretsmanager":
      return given.has("SecretId")
        ? given.named("SecretId", "secretsmanager", (name) => (name === "*" ? "secret:*" : `secret:${name}-??????`))
        : "*";
    case "ssm":
      return given.has("Name") ? given.named("Name", "ssm", (name) => `parameter/${name.replace(/^\//, "")}`) : "*";
    case "lambda":
      return given.has("FunctionName") ? given.named("FunctionName", "lambda", (name) => `function:${name}`) : "*";
    case "states":
      return given.has("StateMachineArn")
        ? given.named("StateMachineArn", "states", (name) => `stateMachine:${name}`)
        : "*";
    default:
      given.note("the policy allows the action on every resource: narrow it by hand where the service has resources");
      return "*";
  }
}

function s3Grant(action: string, given: Parameters): Grant {
  const name = Object.hasOwn(S3_ACTIONS, action) ? (S3_ACTIONS[action] as string) : pascal(action);
  if (!given.has("Bucket")) return grant(`s3:${name}`, "*");
  const { partition } = given.place;
  const bucket = `arn:${partition}:s3:::${given.text("Bucket") || "*"}`;
  if (!OBJECT_ACTIONS.test(name)) return grant(`s3:${name}`, bucket);
  return grant(`s3:${name}`, `${bucket}/${given.text("Key") || "*"}`);
}

function schedule(given: Parameters): Grant[] {
  const group = given.text("GroupName");
  const name = given.text("Name");
  const resource = given.arn("scheduler", `schedule/${group === "" ? "default" : (group ?? "*")}/${name || "*"}`);
  return [grant("scheduler:CreateSchedule", resource), ...given.inside("Target").passRole("RoleArn")];
}
