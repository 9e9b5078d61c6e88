/** Whatever is sent, CloudFlow's API answers in CloudFlow's shape, and never with a fault of its own. */
import fc from "fast-check";
import { composeStepwell, type Service, type Stepwell, serveCloudFlow } from "stepwell";
import { afterAll, beforeAll, expect, test } from "vitest";

const ACTIONS = [
  ...["CreateFlow", "UpdateFlow", "DeleteFlow", "DescribeFlow", "ListFlows", "StartExecution", "StartSyncExecution"],
  ...[
    "StopExecution",
    "DescribeExecution",
    "GetExecutionHistory",
    "ListExecutions",
    "ReportTaskSucceeded",
    "ReportTaskFailed",
  ],
  ...["CreateSchedule", "UpdateSchedule", "DeleteSchedule", "DescribeSchedule", "ListSchedules", "PublishFlowVersion"],
  ...[
    "ListFlowVersions",
    "DeleteFlowVersion",
    "CreateFlowAlias",
    "UpdateFlowAlias",
    "DescribeFlowAlias",
    "ListFlowAliases",
  ],
  ...["DeleteFlowAlias", "DescribeMapRun", "UpdateMapRun", "DescribeRegions", "Dance", "__proto__", "constructor", ""],
];
const NAMES = [
  ...[
    "Name",
    "FlowName",
    "ExecutionName",
    "Definition",
    "Description",
    "Type",
    "Input",
    "Output",
    "Limit",
    "NextToken",
  ],
  ...["Status", "Qualifier", "TaskToken", "Error", "Cause", "CronExpression", "Payload", "Enable", "ScheduleName"],
  ...[
    "RoutingConfigurations",
    "RoutingConfigurations.1.Version",
    "FlowVersion",
    "Environment",
    "ExecutionMode",
    "MapRunName",
  ],
  ...["StartedTimeBegin", "RequestId", "CallbackFnFTaskToken", "ExecutionNamePrefix", "WaitTimeSeconds", "__proto__"],
];
const PASS = "type: flow\nsteps: [{ type: pass, name: p }]";
const VALUES = [
  "f",
  "e",
  "",
  "FDL",
  PASS,
  "Type: StateMachine",
  "{}",
  '{"a":1}',
  "[1]",
  "null",
  "1",
  "0",
  "-1",
  "true",
  "x y",
];
const MORE = [
  "Standard",
  "Express",
  "Running",
  "0 * * * * *",
  '[{"Version":"1","Weight":30}]',
  "a".repeat(300),
  "é\u0000",
  "$LATEST",
];

const value = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...VALUES, ...MORE) },
  { weight: 1, arbitrary: fc.string() },
);
const parameters = fc.dictionary(fc.constantFrom(...NAMES), value, { maxKeys: 7 });

let stepwell: Stepwell;
let service: Service;

beforeAll(async () => {
  stepwell = await composeStepwell({ dataDir: ":memory:", onProblem: () => undefined });
  service = await serveCloudFlow(stepwell, { host: "127.0.0.1", port: 0 });
});

afterAll(async () => {
  await service.close();
  await stepwell.close(0);
});

async function send(action: string, given: Record<string, string>, shape: string): Promise<Response> {
  const text = new URLSearchParams(given).toString();
  const url = new URL(service.url);
  if (shape === "query") return fetch(`${url}?Action=${encodeURIComponent(action)}&Version=2019-03-15&${text}`);
  const headers = { "x-acs-action": encodeURIComponent(action), "x-acs-version": "2019-03-15" };
  const isJson = shape === "json";
  const type = isJson ? "application/json" : "application/x-www-form-urlencoded";
  const body = isJson ? JSON.stringify(given) : text;
  return fetch(url, { method: "POST", headers: { ...headers, "content-type": type }, body });
}

test("2,000 requests", async () => {
  const property = fc.asyncProperty(
    fc.constantFrom(...ACTIONS),
    parameters,
    fc.constantFrom("query", "form", "json"),
    async (action, given, shape) => {
      // A long poll would only wait.
      const { WaitTimeSeconds: _wait, ...rest } = given;
      const response = await send(action, rest, shape);
      const body = (await response.json()) as Record<string, unknown>;
      expect(typeof body["RequestId"]).toBe("string");
      expect(response.status).toBeLessThan(500);
      if (response.status === 200) expect(body["Code"]).toBeUndefined();
      else
        expect({ code: typeof body["Code"], message: typeof body["Message"] }).toEqual({
          code: "string",
          message: "string",
        });
    },
  );
  await fc.assert(property, { numRuns: 2_000 });
});
