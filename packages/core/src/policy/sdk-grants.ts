// What an `aws-sdk` integration needs: the action, and its resource where one parameter says it.
import { type Grant, grant, type Parameters } from "./grant.ts";
import { iamAction, iamPrefix, pascal } from "./iam-names.ts";
import { lambda, modelArns, queueArn } from "./integrations.ts";

const OBJECT_ACTIONS = /^(?:Get|Put|Delete|Restore|Abort|List)(?!Bucket).*(?:Object|MultipartUpload)/;
/** Calls that only look, or take away: they pass no role on. */
const PASSES_NO_ROLE = /^(?:batchGet|delete|describe|get|list|lookup|search|stop|test)/;

export function sdkGrants(service: string, action: string, given: Parameters): readonly Grant[] {
  const prefix = iamPrefix(service);
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
      ...given.passRole("Role"),
    ];
  }
  if (service === "bedrockruntime" && given.has("ModelId")) {
    return [grant(`bedrock:${iamAction(service, action)}`, modelArns(given, "ModelId"))];
  }
  const actions = grant(`${prefix}:${iamAction(service, action)}`, resourceOf(prefix, given));
  return PASSES_NO_ROLE.test(action) ? [actions] : [actions, ...given.passedRoles()];
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

function resourceOf(prefix: string, given: Parameters): string | readonly string[] {
  switch (prefix) {
    case "dynamodb": {
      if (!given.has("TableName")) return "*";
      const table = given.named("TableName", "dynamodb", (name) => `table/${name}`);
      return given.has("IndexName") ? [table, `${table}/index/${given.text("IndexName") || "*"}`] : table;
    }
    case "sns":
      return given.has("TopicArn") ? given.named("TopicArn", "sns", (name) => name) : "*";
    case "sqs":
      return given.has("QueueUrl") ? queueArn(given) : "*";
    case "secretsmanager":
      return given.has("SecretId")
        ? given.named("SecretId", "secretsmanager", (name) => (name === "*" ? "secret:*" : `secret:${name}-??????`))
        : "*";
    case "ssm":
      return given.has("Name") ? given.named("Name", "ssm", (name) => `parameter/${name.replace(/^\//, "")}`) : "*";
    case "lambda":
      return given.has("FunctionName") ? given.named("FunctionName", "lambda", (name) => `function:${name}`) : "*";
    case "states":
      if (given.has("ExecutionArn")) return given.named("ExecutionArn", "states", (name) => `execution:${name}:*`);
      return given.has("StateMachineArn")
        ? given.named("StateMachineArn", "states", (name) => `stateMachine:${name}`)
        : "*";
    default:
      given.note("the policy allows the action on every resource: narrow it by hand where the service has resources");
      return "*";
  }
}

function s3Grant(action: string, given: Parameters): Grant {
  const name = iamAction("s3", action);
  if (!given.has("Bucket")) return grant(`s3:${name}`, "*");
  const { partition } = given.place;
  const named = given.text("Bucket") || "*";
  const bucket = named.startsWith("arn:") ? named : `arn:${partition}:s3:::${named}`;
  if (!OBJECT_ACTIONS.test(name)) return grant(`s3:${name}`, bucket);
  // The name with a version is another right, which an object without one does not need.
  const isOfVersion = given.has("VersionId") && /^(?:Get|Delete)Object/.test(name);
  const own = isOfVersion ? name.replace("Object", "ObjectVersion") : name;
  const tags = name === "PutObject" && given.has("Tagging") ? ["s3:PutObjectTagging"] : [];
  const acl =
    name === "PutObject" && given.names().some((each) => /^(?:ACL|Grant)/.test(each)) ? ["s3:PutObjectAcl"] : [];
  // Behind an access point, which has an ARN of its own, keys stand in its objects.
  const objects = /:accesspoint\//.test(bucket) ? `${bucket}/object` : bucket;
  return grant([`s3:${own}`, ...tags, ...acl], `${objects}/${given.text("Key") || "*"}`);
}

function schedule(given: Parameters): Grant[] {
  const group = given.text("GroupName");
  const name = given.text("Name");
  const resource = given.arn("scheduler", `schedule/${group === "" ? "default" : (group ?? "*")}/${name || "*"}`);
  const isAtRunTime = given.has("Target") && given.inside("Target").names().length === 0;
  if (isAtRunTime) given.note("Target, and with it the role of the schedule, comes at run time");
  const anyRole = grant("iam:PassRole", `arn:${given.place.partition}:iam::${given.place.accountId}:role/*`);
  return [grant("scheduler:CreateSchedule", resource), ...(isAtRunTime ? [anyRole] : given.passedRoles())];
}
