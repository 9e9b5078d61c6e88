import { expect, test } from "vitest";
import { change, event } from "./delivery/committed-change.test-support.ts";
import { executionMetrics } from "./execution-metrics.ts";
import { Metrics } from "./metrics.ts";

const MACHINE = 'state_machine_arn="arn:aws:states:us-east-1:123456789012:stateMachine:orders"';

test("starts, ends and events are counted as they are committed", async () => {
  const metrics = new Metrics();
  const told = executionMetrics(metrics);
  told(change({ started: true, history: [event(1, "ExecutionStarted"), event(2, "WaitStateEntered")] }));
  told(change({ history: [event(3, "ExecutionTimedOut")], end: { status: "TIMED_OUT", stopDate: 1_000_030 } }));
  told(change({ history: [event(4, "ExecutionRedriven")], redriven: true, redriveCount: 1 }));
  told(change({ history: [], redriveCount: 1, end: { status: "SUCCEEDED", stopDate: 2_000_000, output: "1" } }));
  const text = await metrics.text();
  for (const line of [
    `stepwell_executions_started_total{${MACHINE}} 1`,
    `stepwell_executions_timed_out_total{${MACHINE}} 1`,
    `stepwell_executions_redriven_total{${MACHINE}} 1`,
    `stepwell_redriven_executions_succeeded_total{${MACHINE}} 1`,
    // The redriven one has no sample.
    `stepwell_execution_time_milliseconds_sum{${MACHINE}} 30`,
    `stepwell_execution_time_milliseconds_count{${MACHINE}} 1`,
    'stepwell_history_events_total{type="WaitStateEntered"} 1',
  ]) {
    expect(text).toContain(line);
  }
  expect(text).not.toContain("stepwell_executions_failed_total{");
});

test("tasks are counted and timed by their resource", async () => {
  const metrics = new Metrics();
  const told = executionMetrics(metrics);
  const at = (
    id: number,
    type: string,
    previousEventId: number,
    timestamp: number,
    details?: Record<string, string>,
  ) => ({
    ...event(id, type, details, previousEventId),
    timestamp,
  });
  told(
    change({
      history: [
        at(2, "LambdaFunctionScheduled", 1, 100, { resource: "arn:fn" }),
        at(3, "TaskScheduled", 1, 100, { resource: "sendMessage", resourceType: "sqs" }),
        at(4, "LambdaFunctionStarted", 2, 110),
        at(5, "TaskStarted", 3, 100),
        at(6, "TaskSubmitted", 5, 101),
      ],
    }),
  );
  told(change({ history: [at(7, "TaskTimedOut", 6, 200), at(8, "LambdaFunctionFailed", 4, 150)] }));
  told(change({ executionArn: "other", history: [at(9, "ActivitySucceeded", 8, 10)] }));
  const text = await metrics.text();
  for (const line of [
    'stepwell_lambda_functions_failed_total{lambda_function_arn="arn:fn"} 1',
    'stepwell_lambda_function_schedule_time_milliseconds_sum{lambda_function_arn="arn:fn"} 10',
    'stepwell_lambda_function_run_time_milliseconds_sum{lambda_function_arn="arn:fn"} 40',
    'stepwell_lambda_function_time_milliseconds_sum{lambda_function_arn="arn:fn"} 50',
    'stepwell_service_integrations_timed_out_total{service_integration_resource_arn="arn:aws:states:::sqs:sendMessage"} 1',
    'stepwell_service_integration_time_milliseconds_sum{service_integration_resource_arn="arn:aws:states:::sqs:sendMessage"} 100',
    'stepwell_activities_succeeded_total{activity_arn="unknown"} 1',
  ]) {
    expect(text).toContain(line);
  }
});

test("an activity that times out before its time has missed a heartbeat", async () => {
  const metrics = new Metrics();
  const told = executionMetrics(metrics);
  const timedOutAfter = (first: number, seconds: number, limits: Record<string, number>): void => {
    const history = [
      event(first, "ActivityScheduled", { resource: "arn:act", ...limits }, 1),
      event(first + 1, "ActivityStarted", {}, first),
      event(first + 2, "ActivityTimedOut", {}, first + 1),
    ];
    const times = [0, 1_000, 1_000 + seconds * 1_000];
    told(change({ history: history.map((each, index) => ({ ...each, timestamp: times[index] as number })) }));
  };
  timedOutAfter(2, 5, { heartbeatInSeconds: 5 });
  timedOutAfter(5, 5, { heartbeatInSeconds: 5, timeoutInSeconds: 60 });
  timedOutAfter(8, 60, { heartbeatInSeconds: 50, timeoutInSeconds: 60 });
  timedOutAfter(11, 60, { timeoutInSeconds: 60 });
  const text = await metrics.text();
  expect(text).toContain('stepwell_activities_heartbeat_timed_out_total{activity_arn="arn:act"} 2');
  expect(text).toContain('stepwell_activities_timed_out_total{activity_arn="arn:act"} 2');
});

test("a history whose types are known is not asked for", async () => {
  const metrics = new Metrics();
  const told = executionMetrics(metrics);
  const known = ["ExecutionStarted", "PassStateEntered", "PassStateExited", "ExecutionSucceeded"];
  const child = {
    ...change({ started: true, historyTypes: known, end: { status: "SUCCEEDED", stopDate: 1_000_000, output: "1" } }),
    get history(): never {
      throw new Error("nobody has made it");
    },
  };
  for (let i = 0; i < 3; i++) told(child);
  const text = await metrics.text();
  for (const type of known) expect(text).toContain(`stepwell_history_events_total{type="${type}"} 3`);
  expect(text).toContain(`stepwell_executions_succeeded_total{${MACHINE}} 3`);
});
