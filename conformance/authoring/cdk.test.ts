/** The library writes what aws-cdk-lib writes, and refuses what that, or AWS, refuses. */
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { recordScore } from "../score.ts";
import { type CaseJson, type CdkCase, nameOf, readCases, readFixtures } from "./cdk-case.ts";
import { fixturesOf } from "./cdk-modules.ts";
import { type Emitted, emitFromText, emitFromTree, pairsOf } from "./evaluate-case.ts";

const REFUSED = "refused";

/** Where the CDK is wrong (`doNotImitate`): what is right, of the state or as changes to it, by what the case says. */
const RIGHT: ReadonlyMap<string, typeof REFUSED | { readonly [field: string]: CaseJson }> = new Map<
  string,
  typeof REFUSED | { readonly [field: string]: CaseJson }
>([
  [
    "AthenaStartQueryExecution.encryption-key",
    {
      Resource: "arn:aws:states:::athena:startQueryExecution",
      Parameters: {
        QueryString: "SELECT 1",
        ResultConfiguration: {
          EncryptionConfiguration: {
            EncryptionOption: "SSE_KMS",
            KmsKey: "arn:aws:kms:us-east-1:123456789012:key/Key",
          },
          OutputLocation: "s3://b/k/",
        },
      },
    },
  ],
  [
    "BedrockCreateModelCustomizationJob.run-job-minimal",
    { Resource: "arn:aws:states:::bedrock:createModelCustomizationJob.sync" },
  ],
  [
    "EmrAddStep.path-inside-array",
    {
      Resource: "arn:aws:states:::elasticmapreduce:addStep.sync",
      Parameters: {
        ClusterId: "ClusterId",
        Step: {
          Name: "StepName",
          ActionOnFailure: "CONTINUE",
          HadoopJarStep: { Jar: "Jar", "Args.$": "States.Array('Arg1', $.arg2)" },
        },
      },
    },
  ],
  [
    "ItemBatcher.items-and-input",
    { ItemBatcher: { MaxItemsPerBatch: 3, BatchInput: { factCheck: "December 2022", "name.$": "$.name" } } },
  ],
  ["JsonPath.arrayPartition-of-literal", REFUSED],
  ["JsonPath.inside-list", { Parameters: { "v.$": "States.Array('a', $.x)" } }],
  ["LambdaInvoke.dynamic-function-arn", { Parameters: { "FunctionName.$": "$.FunctionArn", Payload: "hello" } }],
  ["LambdaInvoke.dynamic-function-name", { Parameters: { "FunctionName.$": "$.MyFunctionName", "Payload.$": "$" } }],
  [
    "SnsPublish.explicit-string-array",
    {
      Parameters: {
        TopicArn: "arn:aws:sns:us-east-1:123456789012:Topic",
        Message: "m",
        MessageAttributes: { a: { DataType: "String.Array", StringValue: '["x","y"]' } },
      },
    },
  ],
  ["SnsPublish.object-attribute", REFUSED],
]);

test("every construct writes what the CDK writes", () => {
  const fixtures = fixturesOf(readFixtures());
  const cases = readCases();
  expect(cases.length).toBeGreaterThan(0);
  const complaints = cases.flatMap((given) => complaint(given, fixtures));
  recordScore("cdk constructs", cases.length - complaints.length, complaints.length);
  expect(complaints).toEqual([]);
});

function complaint(given: CdkCase, fixtures: { readonly [name: string]: unknown }): string[] {
  const fromText = judge(given, () => emitFromText(given, fixtures));
  const fromTree = given.call === undefined ? undefined : judge(given, () => emitFromTree(given, fixtures) as Emitted);
  const wrong = fromText ?? fromTree;
  return wrong === undefined ? [] : [`${nameOf(given)}: ${wrong}`];
}

/** What is wrong with what our library made of a case, or undefined. */
function judge(given: CdkCase, make: () => Emitted): string | undefined {
  const right = RIGHT.get(nameOf(given));
  const mustRefuse =
    right === undefined ? given.error !== undefined || given.serviceRejects !== undefined : right === REFUSED;
  let emitted: Emitted;
  try {
    emitted = make();
  } catch (error) {
    if (mustRefuse && isRefusal(error)) return undefined;
    return `threw ${(error as Error).stack?.slice(0, 600)}`;
  }
  if (mustRefuse) return `was not refused (${given.error ?? given.serviceRejects ?? given.doNotImitate})`;
  if (right !== undefined && right !== REFUSED) return differenceIn(onlyState(emitted, given), right, given.asl);
  const got = given.kind === "state" ? stateOf(emitted, given.stateName ?? "") : emitted.definition;
  if (!isDeepStrictEqual(got, given.asl)) return `expected ${JSON.stringify(given.asl)}\n  got ${JSON.stringify(got)}`;
  if (given.construct === "grants") return differenceOfGrants(emitted, given);
  return given.machine === undefined ? undefined : differenceIn(emitted.properties, given.machine, undefined);
}

/** What the machine's own role needs is measured with `stepwell policy`; here, what a caller was given. */
function differenceOfGrants({ granted }: Emitted, { iam = [] }: CdkCase): string | undefined {
  const expected = iam.flatMap(({ Action, Resource }) => pairsOf({ actions: Action, resources: Resource })).sort();
  return isDeepStrictEqual(granted, expected) ? undefined : `granted ${granted.join(", ")}, not ${expected.join(", ")}`;
}

// A refusal is the library's own word, never a crash of it.
function isRefusal(error: unknown): boolean {
  return (error as Error).name === "Misuse";
}

function stateOf({ definition }: Emitted, name: string): CaseJson | undefined {
  return (definition["States"] as { readonly [name: string]: CaseJson })[name];
}

function onlyState(emitted: Emitted, given: CdkCase): { readonly [field: string]: CaseJson } {
  const names = Object.keys(emitted.definition["States"] as object);
  return stateOf(emitted, given.stateName ?? names[0] ?? "") as { readonly [field: string]: CaseJson };
}

function differenceIn(
  got: { readonly [field: string]: CaseJson },
  right: { readonly [field: string]: CaseJson },
  rest: CaseJson | undefined,
): string | undefined {
  const expected = { ...(rest as object | undefined), ...right } as { readonly [field: string]: CaseJson };
  const wrong = Object.keys(expected).filter((field) => !isDeepStrictEqual(got[field], expected[field]));
  if (wrong.length === 0) return undefined;
  return wrong
    .map((field) => `${field}: expected ${JSON.stringify(expected[field])}, got ${JSON.stringify(got[field])}`)
    .join("; ");
}
