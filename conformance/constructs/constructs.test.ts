/**
 * Every construct of the AWS CDK runs with the ASL it emits (conformance/data/cdk): on the real engine and connectors,
 * against a local AWS that speaks each service's protocol by its model. What goes out is checked: service, operation,
 * parameters after data flow; jobs of `.sync` are polled to their end, fail, and are stopped; task tokens come back.
 *
 *   STEPWELL_CONSTRUCTS=<text>  only the cases with this text in their id
 */

import { composeStepwell, serve } from "stepwell";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { startOtherServices } from "../step-functions/stand-in.ts";
import { type ConstructCase, constructCases } from "./construct-case.ts";
import { targetOf } from "./expected-request.ts";
import { startRecordingAws } from "./recording-aws.ts";
import { type JobEnd, jobOf, runConstruct, runOnMoto, type World } from "./run-construct.ts";
import { tasksOnMoto } from "./stand-in-setup.ts";

/** What AWS refuses, or fails at run time, with what we say of it: these must not run. */
const REFUSED: ReadonlyMap<string, RegExp> = new Map([
  // The integration's parameters lack what its API requires.
  ["CallAwsService.additional-iam-statements", /The field 'Image' is required but was missing/],
  ["CustomState.retry-in-json-and-added", /The field 'QueueUrl' is required but was missing/],
  // Members that the API does not have; the CDK writes its own objects there.
  ["SageMakerCreateEndpointConfig.two-variants-kms", /The value of the field 'AcceleratorType' has an invalid format/],
  ["SageMakerCreateModel.all-options", /The field 'parameters' is not supported by Step Functions/i],
  // An action that no service has.
  ["CallAwsService.mapped-services", /aws-sdk:cloudwatchlogs:doThing is not recognized/],
  // Paths that nothing can satisfy: into a result, an output or a context that has no such member, or into a list.
  ["LambdaInvoke.result-selector", /'\$\.State\.Name' specified for the field 'stateName\.\$' could not be found/],
  ["Pass.paths", /Invalid path '\$\.out\.x'/],
  ["ResultWriterV2.flatten", /'\$\.prefix' specified for the field 'Prefix\.\$' could not be found/],
  ["JsonPath.context-getters", /'\$\$\.State\.RetryCount' .* could not be found/],
  // Years away (2030), and a Standard execution lasts one year at most.
  ["Wait.timestamp", /TIMED_OUT/],
  // A literal text is no array.
  ["JsonPath.arrayPartition-of-literal", /must be a valid JSONPath or a valid intrinsic function call/],
]);

/** What the services themselves refuse, on AWS as on moto: names and values that no expression uses, or that are missing. */
const REFUSED_BY_SERVICE: ReadonlySet<string> = new Set([
  "DynamoGetItem.all-options",
  "DynamoPutItem.all-options",
  // A Detail that is no JSON.
  "EventBridgePutEvents.default-bus",
  // A FIFO queue takes no delay for a single message.
  "SqsSendMessage.fifo-delay",
]);

const asked = process.env["STEPWELL_CONSTRUCTS"] ?? "";
const cases = constructCases().filter(({ id }) => id.includes(asked));
const closing: (() => Promise<void>)[] = [];
let world: World;

beforeAll(async () => {
  const aws = await startRecordingAws(servicesOf(cases));
  closing.push(() => aws.close());
  world = { aws, virtual: await stepwellAt(aws, "virtual"), real: await stepwellAt(aws, "real") };
});

afterAll(async () => {
  for (const close of closing.reverse()) await close();
});

/** Every service that a resource names, and those that the integrations need besides. */
function servicesOf(all: readonly ConstructCase[]): Set<string> {
  const resources = [...JSON.stringify(all).matchAll(/arn:aws:states:::[\w:.-]+/g)].map(([resource]) =>
    targetOf(resource),
  );
  const named = resources.flatMap((target) => (target === undefined ? [] : [target.api.service]));
  return new Set([...named, "lambda", "s3", "sts"]);
}

async function stepwellAt(aws: { readonly endpoint: string }, time: "virtual" | "real"): Promise<string> {
  const stepwell = await composeStepwell({
    dataDir: ":memory:",
    time,
    aws: { endpoints: { default: aws.endpoint }, env: { HOME: "/nonexistent" } },
    tasks: {
      "arn:aws:states:::http:*": { endpoint: aws.endpoint },
      "arn:aws:states:::eks:*": { endpoint: aws.endpoint },
    },
    onProblem: (problem, about) => console.log(`behind the scenes, ${about}: ${String(problem)}`),
  });
  const service = await serve(stepwell, { host: "127.0.0.1", port: 0 });
  closing.push(async () => {
    await service.close();
    await stepwell.close(1_000);
  });
  return service.url;
}

test("constructs run with the ASL they emit", { timeout: 560_000 }, async () => {
  const failed = await failuresOf(cases.map((construct) => [construct, "succeeded"]));
  report("constructs (cdk)", cases.length, failed);
});

test("jobs of constructs fail and are stopped", { timeout: 560_000 }, async () => {
  const runs = cases.flatMap((construct): [ConstructCase, JobEnd][] => {
    const job = jobOf(construct);
    return [
      ...(job?.failed === undefined ? [] : [[construct, "failed"] as [ConstructCase, JobEnd]]),
      ...(job?.cancel === undefined ? [] : [[construct, "cancelled"] as [ConstructCase, JobEnd]]),
    ];
  });
  report("constructs (cdk), jobs that fail or are stopped", runs.length, await failuresOf(runs));
});

test("constructs are taken by moto, where it has their APIs", { timeout: 120_000 }, async () => {
  const moto = await startOtherServices("123456789012");
  if (moto === undefined) {
    console.log("SKIPPED: constructs on moto: this machine lacks python3, or moto and boto3");
    return;
  }
  closing.push(() => moto.close());
  const endpoint = await stepwellAt(moto, "virtual");
  const taken = cases.filter(
    ({ id, definition }) => !REFUSED.has(id) && !REFUSED_BY_SERVICE.has(id) && tasksOnMoto(definition) !== undefined,
  );
  const failed: string[] = [];
  for (const construct of taken) {
    const complaints = await runOnMoto(construct, endpoint, moto);
    if (complaints.length > 0) failed.push(`${construct.id}: ${complaints.join("; ")}`);
  }
  report("constructs (cdk) on moto", taken.length, failed);
});

async function failuresOf(runs: readonly (readonly [ConstructCase, JobEnd])[]): Promise<string[]> {
  const failed: string[] = [];
  for (const [construct, end] of runs) {
    const complaints = await runConstruct(construct, world, end);
    if (isRefused(construct.id, complaints)) continue;
    if (REFUSED.has(construct.id)) failed.push(`${construct.id} must be refused: ${complaints.join("; ")}`);
    else if (complaints.length > 0) failed.push(`${construct.id}, ${end}: ${complaints.join("; ")}`);
  }
  return failed;
}

function isRefused(id: string, complaints: readonly string[]): boolean {
  const says = REFUSED.get(id);
  return says !== undefined && complaints.some((complaint) => says.test(complaint));
}

function report(suite: string, count: number, failed: readonly string[]): void {
  for (const line of failed) console.log(line);
  if (asked === "") recordScore(suite, count - failed.length, failed.length);
  expect(failed).toEqual([]);
}
