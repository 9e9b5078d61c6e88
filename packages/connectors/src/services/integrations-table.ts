/** The table of integrations in docs/supported.md, made from the tables that perform them. */
import { parseTaskResource } from "@stepwell/core";
import { servicePrefixes } from "../service-models/service-model.ts";
import { OPTIMIZED_INTEGRATIONS } from "./optimized-integrations.ts";

/** Performed by connectors of their own. */
const OTHERS = ["apigateway:invoke", "eks:call", "eks:runJob", "http:invoke", "lambda:invoke", "states:startExecution"];

const RECORDED = "answers recorded from AWS";
const MOTO = "moto's server, read back with the AWS SDK";
const LOCAL = "a local server of that API";
const MODEL = "the API's model only";

/** What each action is run against in our tests; where nothing is said, only its parameters are checked by a model. */
const TESTED: { readonly [action: string]: string } = {
  "apigateway:invoke": LOCAL,
  "athena:getQueryExecution": LOCAL,
  "athena:getQueryResults": LOCAL,
  "athena:startQueryExecution": MOTO,
  "athena:stopQueryExecution": LOCAL,
  "batch:submitJob": MOTO,
  "bedrock:createModelCustomizationJob": LOCAL,
  "bedrock:invokeModel": LOCAL,
  "codebuild:startBuild": MOTO,
  "codebuild:startBuildBatch": LOCAL,
  "databrew:startJobRun": LOCAL,
  "dynamodb:deleteItem": `${RECORDED}; ${MOTO}`,
  "dynamodb:getItem": `${RECORDED}; ${MOTO}`,
  "dynamodb:putItem": `${RECORDED}; ${MOTO}`,
  "dynamodb:updateItem": `${RECORDED}; ${MOTO}`,
  "ecs:runTask": MOTO,
  "eks:call": LOCAL,
  "eks:createCluster": MOTO,
  "eks:createNodegroup": LOCAL,
  "eks:deleteCluster": MOTO,
  "eks:runJob": LOCAL,
  "elasticmapreduce:addStep": MOTO,
  "elasticmapreduce:cancelStep": LOCAL,
  "elasticmapreduce:createCluster": MOTO,
  "elasticmapreduce:modifyInstanceFleetByName": LOCAL,
  "elasticmapreduce:modifyInstanceGroupByName": MOTO,
  "elasticmapreduce:setClusterTerminationProtection": MOTO,
  "elasticmapreduce:terminateCluster": MOTO,
  "emr-containers:createVirtualCluster": LOCAL,
  "emr-containers:deleteVirtualCluster": LOCAL,
  "emr-containers:startJobRun": LOCAL,
  "emr-serverless:deleteApplication": LOCAL,
  "emr-serverless:startApplication": LOCAL,
  "emr-serverless:startJobRun": LOCAL,
  "events:putEvents": `${RECORDED}; ${MOTO}`,
  "glue:startJobRun": MOTO,
  "http:invoke": LOCAL,
  "lambda:invoke": `${RECORDED}; local functions`,
  "mediaconvert:createJob": LOCAL,
  "sagemaker:createEndpoint": LOCAL,
  "sagemaker:createEndpointConfig": LOCAL,
  "sagemaker:createHyperParameterTuningJob": LOCAL,
  "sagemaker:createLabelingJob": LOCAL,
  "sagemaker:createModel": LOCAL,
  "sagemaker:createProcessingJob": LOCAL,
  "sagemaker:createTrainingJob": MOTO,
  "sagemaker:createTransformJob": LOCAL,
  "sagemaker:updateEndpoint": LOCAL,
  "sns:publish": `${RECORDED}; ${MOTO}`,
  "sqs:sendMessage": `${RECORDED}; ${MOTO}`,
  "states:startExecution": `${RECORDED}; Stepwell itself`,
};

const SUFFIXES = ["", ".sync", ".sync:2", ".waitForTaskToken"] as const;

/** In Markdown, a row for each action, in alphabetical order. */
export function integrationsTable(): string {
  const actions = [...Object.keys(OPTIMIZED_INTEGRATIONS), ...OTHERS].toSorted();
  const rows = actions.map((name) => {
    const [service = "", action = ""] = name.split(":");
    const patterns = SUFFIXES.filter((suffix) => parseTaskResource(`arn:aws:states:::${name}${suffix}`) !== undefined);
    const shown = patterns.map((suffix) => (suffix === "" ? "request-response" : `\`${suffix}\``)).join(", ");
    return [service, `\`${action}\``, shown, TESTED[name] ?? MODEL];
  });
  const sdk = `any of ${servicePrefixes().size} services`;
  rows.push(["aws-sdk", sdk, "request-response, `.waitForTaskToken`", `${RECORDED}; ${MOTO}`]);
  rows.push(["custom", "jobs of your own", "request-response, `.sync`", LOCAL]);
  return markdown([["service", "action", "patterns", "tested against"], ...rows]);
}

function markdown(rows: readonly (readonly string[])[]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...body.map(line)].join("\n");
}
