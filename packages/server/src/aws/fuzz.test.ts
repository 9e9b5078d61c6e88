import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PASS, ROLE_ARN, type TestService, testService } from "../test-service.test-support.ts";
import { API_MODEL, type OperationName } from "./generated/api-model.ts";

/** Good requests: what is changed comes near to what is accepted. */
const PREFIX = "arn:aws:states:us-east-1:123456789012";
const STATE_MACHINE = `${PREFIX}:stateMachine:orders`;
const EXECUTION = `${PREFIX}:execution:orders:first`;
const GOOD: { readonly [name in OperationName]?: object } = {
  CreateActivity: {
    name: "work",
    tags: [{ key: "k", value: "v" }],
    encryptionConfiguration: { type: "AWS_OWNED_KEY" },
  },
  CreateStateMachine: {
    name: "orders",
    definition: PASS,
    roleArn: ROLE_ARN,
    type: "STANDARD",
    loggingConfiguration: { level: "OFF", includeExecutionData: true, destinations: [] },
    tracingConfiguration: { enabled: true },
    publish: true,
    versionDescription: "d",
  },
  CreateStateMachineAlias: {
    name: "live",
    routingConfiguration: [{ stateMachineVersionArn: `${STATE_MACHINE}:1`, weight: 100 }],
  },
  UpdateStateMachine: { stateMachineArn: STATE_MACHINE, definition: PASS, roleArn: ROLE_ARN, publish: true },
  StartExecution: { stateMachineArn: STATE_MACHINE, name: "first", input: "{}" },
  StartSyncExecution: { stateMachineArn: STATE_MACHINE, input: "{}" },
  GetExecutionHistory: { executionArn: EXECUTION, maxResults: 3, reverseOrder: true },
  ListExecutions: { stateMachineArn: STATE_MACHINE, statusFilter: "RUNNING", maxResults: 1, nextToken: "t" },
  GetActivityTask: { activityArn: `${PREFIX}:activity:work`, workerName: "w" },
  SendTaskSuccess: { taskToken: "t", output: "1" },
  TagResource: { resourceArn: STATE_MACHINE, tags: [{ key: "k", value: "v" }] },
  UntagResource: { resourceArn: STATE_MACHINE, tagKeys: ["k"] },
  ValidateStateMachineDefinition: { definition: PASS, maxResults: 1, severity: "WARNING", type: "EXPRESS" },
  UpdateStateMachineAlias: { stateMachineAliasArn: `${STATE_MACHINE}:live`, description: "d" },
  DescribeStateMachineForExecution: { executionArn: EXECUTION },
};

const OPERATIONS = Object.keys(API_MODEL.inputs) as OperationName[];

let service: TestService;
beforeAll(async () => {
  service = testService({ config: { activityPollMs: 1 } });
  for (const operation of ["CreateStateMachine", "CreateActivity", "StartExecution"] as const) {
    await service.call(operation, GOOD[operation]);
  }
});
afterAll(() => service.app.close());

/** Values that are wrong somewhere, or right somewhere else. */
const anything = fc.oneof(
  fc.constantFrom(null, true, -1, 0, 1e300, 1.5, "", "x", "\u0000", "\ud800", STATE_MACHINE, `${STATE_MACHINE}/label`),
  fc.constantFrom(
    `${STATE_MACHINE}:1`,
    `${STATE_MACHINE}:live`,
    EXECUTION,
    "arn:",
    "arn:aws:states:::::",
    "a".repeat(5_000),
  ),
  fc.constantFrom<unknown>(
    [],
    {},
    [[]],
    [null],
    [{}],
    { type: "X" },
    [{ key: "k" }],
    JSON.parse('{"__proto__":{"a":1}}'),
  ),
  fc.string({ unit: "binary" }),
  fc.jsonValue({ maxDepth: 4 }),
);

/** A request with some of its members replaced, removed or added. */
const changedRequest = fc.constantFrom(...OPERATIONS).chain((operation) => {
  const shape = API_MODEL.shapes[API_MODEL.inputs[operation]];
  const members = [...Object.keys(shape?.members ?? {}), "constructor", "extra"];
  return fc
    .array(fc.tuple(fc.constantFrom(...members), fc.option(anything, { nil: undefined })), { maxLength: 4 })
    .map((changes) => ({
      operation,
      body: JSON.stringify({ ...GOOD[operation], ...Object.fromEntries(changes) }),
    }));
});

/** A body of which a part was overwritten: mostly no JSON any more. */
const damagedRequest = fc
  .tuple(changedRequest, fc.nat(), fc.string({ unit: "binary", maxLength: 4 }))
  .map(([{ operation, body }, at, noise]) => {
    const cut = at % (body.length + 1);
    return { operation, body: body.slice(0, cut) + noise + body.slice(cut + noise.length) };
  });

test("10,000 mutated requests never give a 5xx", async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(changedRequest, damagedRequest), async ({ operation, body }) => {
      const { status, headers, body: answer } = await service.call(operation, body);
      expect(status, `${operation} ${body}`).toBeLessThan(500);
      expect(headers["x-amzn-requestid"]).toBeDefined();
      if (status !== 200) expect(answer["__type"]).toMatch(/#\w+$/);
    }),
    { numRuns: 10_000 },
  );
  expect(Object.prototype).not.toHaveProperty("a");
}, 180_000);

test("200 damaged headers never give a 5xx", async () => {
  const text = fc.string({ unit: "grapheme-ascii", maxLength: 60 }).map((value) => value.replace(/[\r\n]/g, ""));
  await fc.assert(
    fc.asyncProperty(text, text, text, async (target, type, trace) => {
      const response = await service.app.inject({
        method: "POST",
        url: "/",
        headers: { "x-amz-target": target, "content-type": type, "x-amzn-trace-id": trace, host: "\u00e9" },
        payload: "{}",
      });
      expect(response.statusCode).toBeLessThan(500);
    }),
    { numRuns: 200 },
  );
});
