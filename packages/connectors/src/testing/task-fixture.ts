/** What the tests of this package share: functions written to a directory of their own, and tasks that call them. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TaskOutcome, TaskRequest, TaskRouter } from "@stepwell/engine";

/** A new directory with these files in it, and how to take it away again. Names that end in `!` become executable. */
export function writeFiles(files: Readonly<Record<string, string>>): { directory: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), "stepwell-functions-"));
  for (const [name, text] of Object.entries(files)) {
    const file = join(directory, name.replace(/!$/, ""));
    writeFileSync(file, text);
    if (name.endsWith("!")) chmodSync(file, 0o755);
  }
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

const EXECUTION = {
  executionArn: "arn:aws:states:us-east-1:123456789012:execution:Machine:run",
  executionName: "run",
  stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:Machine",
  roleArn: "arn:aws:iam::123456789012:role/r",
  startedAtMs: 0,
} as const;

const INVOKE_ARN = "arn:aws:states:::lambda:invoke";

/** A task whose Resource is the function's ARN. */
export function functionTask(name: string, event: unknown, members: Partial<TaskRequest> = {}): TaskRequest {
  const resource = { kind: "lambda", arn: `arn:aws:lambda:us-east-1:123456789012:function:${name}` } as const;
  return task({ resource, input: JSON.stringify(event), ...members });
}

/** A `lambda:invoke` task. */
export function invokeTask(
  parameters: unknown,
  pattern: "requestResponse" | "waitForTaskToken" = "requestResponse",
): TaskRequest {
  const suffix = pattern === "waitForTaskToken" ? ".waitForTaskToken" : "";
  const resource = {
    kind: "service",
    arn: INVOKE_ARN + suffix,
    partition: "aws",
    service: "lambda",
    action: "invoke",
    pattern,
    resource: `invoke${suffix}`,
  } as const;
  return task({ resource, input: JSON.stringify(parameters) });
}

function task(members: Pick<TaskRequest, "resource" | "input"> & Partial<TaskRequest>): TaskRequest {
  return {
    kind: "StartTask",
    taskId: 1,
    stateName: "Call",
    enteredEventId: 2,
    taskToken: "token",
    ...EXECUTION,
    ...members,
  };
}

/** Runs a task to its outcome. */
export function perform(
  router: TaskRouter,
  request: TaskRequest,
  signal: AbortSignal = new AbortController().signal,
): Promise<TaskOutcome> {
  const connector = router.connectorFor(request);
  if (connector === undefined) throw new Error(`Nobody performs ${request.resource.arn}`);
  return connector.start(request, signal);
}

/** The output of a task that must succeed, parsed. */
export async function outputOf(outcome: Promise<TaskOutcome>): Promise<unknown> {
  const result = await outcome;
  if (result.kind !== "succeeded") throw new Error(`The task must succeed, but: ${JSON.stringify(result)}`);
  return JSON.parse(result.output);
}

/** The error and cause of a task that must fail. */
export async function failureOf(outcome: Promise<TaskOutcome>): Promise<{ error: string; cause: string }> {
  const result = await outcome;
  if (result.kind !== "failed") throw new Error(`The task must fail, but: ${JSON.stringify(result)}`);
  return { error: result.error ?? "", cause: result.cause ?? "" };
}
