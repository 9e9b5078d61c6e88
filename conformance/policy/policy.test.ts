import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type JsonObject, policyOf } from "@stepwell/core";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";

// Holds the policies that are made from definitions against the statements that the CDK grants for the same states. Ours
// may be narrower: an action on less than the CDK's resource counts as the same.

interface CdkCase {
  readonly asl?: JsonObject;
  readonly kind?: string;
  readonly stateName?: string;
  readonly iam?: readonly Statement[];
  readonly iamWrong?: string;
  readonly machine?: {
    readonly StateMachineName?: string;
    readonly LoggingConfiguration?: object;
    readonly TracingConfiguration?: object;
    readonly EncryptionConfiguration?: { readonly KmsKeyId?: string };
  };
}

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: JsonObject;
}

/** Where ours is not the CDK's, and why; by the beginning of the case's name. */
const DIFFERENT: { readonly [name: string]: string } = {
  "AthenaStartQueryExecution.format-run-job": "a .sync query that is aborted is stopped, which the CDK does not allow",
  "BatchSubmitJob.": "AWS asks for DescribeJobs and TerminateJob with .sync, which the CDK leaves out",
  "CallApiGatewayRestApiEndpoint.other-region": "the API is in the region that its address says",
  "CallAwsService.additional-iam-statements": "what the caller added is not in the definition",
  "CallAwsService.mapped-services": "IAM's prefixes instead of the service's names (constructs.md: the CDK knows six)",
  "CodeBuildStartBuild.": "a request that does not wait needs no StopBuild and no BatchGet…",
  "CustomState.": "the CDK grants nothing for a custom state",
  "DistributedMap.jsonata-reader": "the bucket comes at run time: the CDK grants nothing",
  "EcsRunTask.": "the definition names neither revision nor roles; a request that does not wait needs no StopTask",
  "EmrAddStep.all-options": "a request that does not wait needs no CancelSteps and no DescribeStep",
  "EmrAddStep.execution-role": "the role of the step is passed on, which the CDK does not allow",
  "HttpInvoke.": "the end of the secret's name is not in the definition",
  "LambdaInvoke.credentials-path": "the other role calls the function",
  "S3CsvItemReader.dynamic": "the bucket comes at run time: the CDK grants nothing",
  "S3JsonItemReader.bucket-name-path": "the bucket comes at run time: the CDK grants nothing",
  SageMakerCreate:
    "AddTags where there are tags; a request that does not wait needs no Describe and Stop; the model's role is not said",
  "SqsSendMessage.encrypted": "the queue's key is not in the definition",
  "StateMachine.from-string-substitutions": "the CDK grants nothing for a definition that is a text",
};

const CASES = join(import.meta.dirname, "..", "data", "cdk");

function readCase(name: string): CdkCase {
  return JSON.parse(readFileSync(join(CASES, name), "utf8")) as CdkCase;
}

/** `action resource condition`, each on its own. */
function grantsOf(statements: readonly Statement[]): string[][] {
  return statements.flatMap(({ Action: actions, Resource: resources, Condition: condition }) =>
    [actions]
      .flat()
      .flatMap((action) =>
        [resources].flat().map((resource) => [action.toLowerCase(), resource, JSON.stringify(condition ?? {})]),
      ),
  );
}

function covers(pattern: string, resource: string): boolean {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join(".*")}$`, "i").test(resource);
}

test("policies beside the CDK's", () => {
  const failures: string[] = [];
  let passed = 0;
  for (const name of readdirSync(CASES).filter(
    (file) => file.endsWith(".json") && !/^(fixtures|grants)\./.test(file),
  )) {
    const { asl, kind, stateName = "S", iam, iamWrong, machine = {} } = readCase(name);
    if (asl === undefined || iam === undefined || iamWrong !== undefined) continue;
    const definition = kind === "state" ? { StartAt: stateName, States: { [stateName]: asl } } : asl;
    const place = {
      partition: "aws",
      region: "us-east-1",
      accountId: "123456789012",
      name: machine.StateMachineName ?? "SM",
    };
    const kmsKeyArn = machine.EncryptionConfiguration?.KmsKeyId;
    const { document } = policyOf(definition, place, {
      logging: machine.LoggingConfiguration !== undefined,
      tracing: machine.TracingConfiguration !== undefined,
      ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    });
    const ours = grantsOf(document.Statement);
    const theirs = grantsOf(iam);
    const missing = theirs.filter(
      ([action, resource = ""]) =>
        !ours.some(([own, on = ""]) => own === action && (covers(resource, on) || covers(on, resource))),
    );
    const extra = ours.filter(
      ([own, on = ""]) => !theirs.some(([action, resource = ""]) => own === action && covers(resource, on)),
    );
    if (missing.length === 0 && extra.length === 0) passed += 1;
    else failures.push(`${name}: missing ${JSON.stringify(missing)}, extra ${JSON.stringify(extra)}`);
  }
  recordScore("policies beside the CDK's", passed, failures.length);
  expect(failures.filter((failure) => !Object.keys(DIFFERENT).some((name) => failure.startsWith(name)))).toEqual([]);
});
