/** The sample workflow's functions as its stepwell.yaml configures them, called as the workflow calls them. */
import { readFileSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FunctionRouter } from "@stepwell/connectors";
import { createTaskRouter, functionProblems } from "@stepwell/connectors";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadConfig } from "./load-config.ts";

const SAMPLE = fileURLToPath(new URL("../../../../examples/connect-users/", import.meta.url));
const GOOD_ROWS = new Set(["1", "2", "3", "4", "5", "6", "7", "8", "9", "20", "21", "22"]);

let directory = "";
let router: FunctionRouter;

async function start(env: Record<string, string> = {}, withPython = true): Promise<void> {
  const config = await loadConfig(join(SAMPLE, "stepwell.yaml"), { CONNECT_USERS_DIRECTORY: directory, ...env });
  const { functions, baseDirectory } = config;
  expect(functionProblems({ functions, baseDirectory })).toEqual([]);
  router = createTaskRouter({ functions, baseDirectory, env: withPython ? process.env : { PATH: "" } });
}

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "stepwell-connect-"));
});
afterEach(async () => {
  await router.close();
  await rm(directory, { recursive: true, force: true });
});

/** A call as the workflow makes it: `lambda:invoke` by ARN and $LATEST. */
async function invoke(name: string, payload: unknown): Promise<Record<string, unknown>> {
  const outcome = await invokeTask(name, payload);
  if (outcome.kind !== "succeeded") throw new Error(JSON.stringify(outcome));
  return JSON.parse(outcome.output).Payload;
}

function invokeTask(name: string, payload: unknown) {
  const resource = {
    kind: "service",
    arn: "arn:aws:states:::lambda:invoke",
    partition: "aws",
    service: "lambda",
    action: "invoke",
    pattern: "requestResponse",
    resource: "invoke",
  } as const;
  const FunctionName = `arn:aws:lambda:us-east-1:123456789012:function:${name}:$LATEST`;
  const request = {
    kind: "StartTask",
    taskId: 1,
    stateName: name,
    enteredEventId: 2,
    resource,
    input: JSON.stringify({ FunctionName, Payload: payload }),
    taskToken: "t",
    executionArn: "arn:aws:states:us-east-1:123456789012:execution:m:e",
    executionName: "e",
    stateMachineArn: "arn:aws:states:us-east-1:123456789012:stateMachine:m",
    roleArn: "arn:aws:iam::123456789012:role/r",
    startedAtMs: 0,
  } as const;
  return router.connectorFor(request)!.start(request, new AbortController().signal);
}

/** One iteration of the Map: the call, or the error caught beside the input. */
async function iterate(number: string, instanceId: string) {
  const outcome = await invokeTask("CreateUser20231124", { number, instanceId });
  if (outcome.kind === "failed") {
    return { number, instanceId, usercreate: { result: { Error: outcome.error, Cause: outcome.cause } } };
  }
  return { number, instanceId, usercreate: { result: JSON.parse(outcome.output) } };
}

async function newInstance(): Promise<string> {
  return (await invoke("CreateAmazonConnectInstance", {}))["instanceId"] as string;
}

describe("the sample's definition", () => {
  it("calls no function that stepwell.yaml does not have", async () => {
    await start();
    const definition = readFileSync(join(SAMPLE, "definition.asl.json"), "utf8");
    const called = [...definition.matchAll(/function:(\w+):\$LATEST/g)].map(([, name]) => name);
    const { functions } = await loadConfig(join(SAMPLE, "stepwell.yaml"), {});
    expect([...called].sort()).toEqual(Object.keys(functions).sort());
  });
});

describe("the sample's functions", () => {
  it("create the users of the good rows, all rows at once, and write a line for each", {
    timeout: 60_000,
  }, async () => {
    await start();
    expect(await invoke("DeleteAllInstance", {})).toEqual({ statusCode: 200, body: "Deleted 0 instances" });
    const instanceId = await newInstance();
    expect(await invoke("instanceexistcheck", { instanceId })).toMatchObject({
      result: "Fail",
      error: expect.any(String),
    });
    expect(await invoke("instanceexistcheck", { instanceId })).toEqual({ result: "Success" });
    const { csvcount } = await invoke("CountCSV", {});
    expect(csvcount).toEqual(Array.from({ length: 22 }, (_, index) => String(index + 1)));
    await invoke("csvfilecreate", {});
    const today = new Date().toISOString().slice(0, 10).replaceAll("-", "");
    const file = join(directory, `UserCreateResult_${today}.csv`);
    expect(await readFile(file, "utf8")).toBe("No.,CSVRowNumber,result,UserId,UserArn,errorMessage\n");

    const results = await Promise.all((csvcount as string[]).map((number) => iterate(number, instanceId)));
    const registered = await invoke("resultregister", results);
    expect(registered).toEqual({ statusCode: 200, file: `UserCreateResult_${today}.csv`, succeeded: 12, failed: 10 });
    const lines = (await readFile(file, "utf8")).trimEnd().split("\n").slice(1);
    expect(lines).toHaveLength(22);
    for (const [index, line] of lines.entries()) {
      const number = String(index + 1);
      const good = new RegExp(
        `^${number},${number},Success,[0-9a-f-]{36},arn:aws:connect:us-east-1:123456789012:instance/${instanceId}/agent/[0-9a-f-]{36},$`,
      );
      const bad = new RegExp(`^${number},${number},False,,,\\w+Exception: [^,"]+$`);
      expect(line).toMatch(GOOD_ROWS.has(number) ? good : bad);
    }
    const errors = lines.filter((line) => line.includes(",False,")).map((line) => line.split(",,,")[1]);
    expect(new Set(errors).size).toBe(10);
    expect(lines[16]).toBe("17,17,False,,,DuplicateResourceException: Username hanako.sato belongs to row 1");
    // What ran before is registered again as it is: tasks are done at least once.
    const text = await readFile(file, "utf8");
    expect(await iterate("1", instanceId)).toMatchObject({
      usercreate: { result: { Payload: (results[0]!.usercreate.result as { Payload: object }).Payload } },
    });
    await invoke("resultregister", results);
    expect(await readFile(file, "utf8")).toBe(text);
    expect(await invoke("DeleteAllInstance", {})).toEqual({ statusCode: 200, body: "Deleted 1 instances" });
  });

  it("decide by the file who owns a name, also when the later row comes first", async () => {
    await start();
    const instanceId = await newInstance();
    expect(await iterate("17", instanceId)).toMatchObject({
      usercreate: { result: { Error: "DuplicateResourceException" } },
    });
    expect(await iterate("1", instanceId)).toMatchObject({ usercreate: { result: { StatusCode: 200 } } });
  });

  it("let one process create a user, and give the others the same one", async () => {
    await start();
    const instanceId = await newInstance();
    const made = await Promise.all(
      Array.from({ length: 12 }, () => invoke("CreateUser20231124", { number: "2", instanceId })),
    );
    expect(new Set(made.map((user) => user["UserId"])).size).toBe(1);
  });

  it("refuse a name that another file's row has taken", async () => {
    const csv = join(directory, "csv");
    await mkdir(csv);
    await copyFile(join(SAMPLE, "TestFile_20231127.csv"), join(csv, "TestFile_1.csv"));
    await start({ CSV_DIRECTORY: csv });
    const instanceId = await newInstance();
    await invoke("CreateUser20231124", { number: "2", instanceId });
    await writeFile(
      join(csv, "TestFile_2.csv"),
      "No.,username,default_password,first_name,last_name\n1,ichiro.suzuki,Passw0rd!02,I,S\n",
    );
    expect(await iterate("1", instanceId)).toMatchObject({
      usercreate: {
        result: { Error: "DuplicateResourceException", Cause: expect.stringContaining("ichiro.suzuki is taken") },
      },
    });
  });

  it("check instances the same way without Python", async () => {
    await start({}, false);
    const instanceId = await newInstance();
    expect(await invoke("instanceexistcheck", { instanceId })).toMatchObject({ result: "Fail" });
    expect(await invoke("instanceexistcheck", { instanceId })).toEqual({ result: "Success" });
    const outside = await invokeTask("instanceexistcheck", { instanceId: "../../etc" });
    expect(outside).toMatchObject({ kind: "failed", error: "InvalidParameterException" });
  });
});
