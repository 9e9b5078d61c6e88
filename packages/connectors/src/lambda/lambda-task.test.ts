import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import type { FunctionLogLine } from "../functions/function-log.ts";
import type { FunctionRouter } from "../task-router.ts";
import { createTaskRouter, supportsResource } from "../task-router.ts";
import { failureOf, functionTask, invokeTask, outputOf, perform, writeFiles } from "../testing/task-fixture.ts";

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}";
const files = writeFiles({
  "fn.mjs": `
    export const echo = async (event) => event;
    export const talk = async (event) => { console.log("said " + event); };
    export const fail = async (event) => { throw Object.assign(new Error("row \\u00e9"), { name: event.name ?? "Bad.Row" }); };
    export const context = async (_event, context) => [context.clientContext, context.invokedFunctionArn];
  `,
});
const env = { PATH: process.env["PATH"], HOME: files.directory };
const lines: FunctionLogLine[] = [];
const functions = Object.fromEntries(
  ["echo", "talk", "fail", "context"].map((name) => [name, { handler: `fn.mjs#${name}` }]),
);
const router = createTaskRouter({ baseDirectory: files.directory, functions, env, log: (line) => lines.push(line) });
afterAll(async () => {
  await router.close();
  files.remove();
});

const invoke = (parameters: object) => perform(router, invokeTask({ FunctionName: "echo", ...parameters }));

describe("lambda:invoke", () => {
  it("answers in the recorded envelope, members in the recorded order", async () => {
    const outcome = await invoke({ Payload: { b: 1, a: "é" } });
    expect(outcome.kind).toBe("succeeded");
    const { output } = outcome as { output: string };
    const headers = (open: string, close: string) =>
      `"X-Amz-Executed-Version":${open}"\\$LATEST"${close},"x-amzn-Remapped-Content-Length":${open}"0"${close},"Connection":${open}"keep-alive"${close},"x-amzn-RequestId":${open}"${UUID}"${close},"Content-Length":${open}"16"${close},"Date":${open}"[^"]* GMT"${close},"X-Amzn-Trace-Id":${open}"root=1-[0-9a-f]{8}-[0-9a-f]{24};sampled=0"${close},"Content-Type":${open}"application/json"${close}`;
    expect(output).toMatch(
      new RegExp(
        `^\\{"ExecutedVersion":"\\$LATEST","Payload":\\{"b":1,"a":"é"\\},"SdkHttpMetadata":\\{"AllHttpHeaders":\\{${headers("\\[", "\\]")}\\},"HttpHeaders":`,
      ),
    );
    const envelope = JSON.parse(output);
    expect(Object.keys(envelope)).toEqual([
      "ExecutedVersion",
      "Payload",
      "SdkHttpMetadata",
      "SdkResponseMetadata",
      "StatusCode",
    ]);
    expect(Object.keys(envelope.SdkHttpMetadata.HttpHeaders)).toEqual([
      "Connection",
      "Content-Length",
      "Content-Type",
      "Date",
      "X-Amz-Executed-Version",
      "x-amzn-Remapped-Content-Length",
      "x-amzn-RequestId",
      "X-Amzn-Trace-Id",
    ]);
    expect(envelope.SdkHttpMetadata.HttpStatusCode).toBe(200);
    expect(envelope.StatusCode).toBe(200);
    expect(envelope.SdkResponseMetadata.RequestId).toBe(envelope.SdkHttpMetadata.HttpHeaders["x-amzn-RequestId"]);
  });

  /** Recorded: services/test_invoke, test_invoke_json_values. */
  it.each([
    [null, {}],
    [undefined, {}],
    ["{}", {}],
    ["0.0", 0],
    ['"a text"', "a text"],
    [[1], [1]],
    [false, false],
    ["", {}],
  ])("Payload %j reaches the function as %j", async (payload, event) => {
    expect(await outputOf(invoke({ Payload: payload }))).toMatchObject({ Payload: event });
  });

  it("refuses a text that is not JSON as Lambda does", async () => {
    const { error, cause } = await failureOf(invoke({ Payload: "test data" }));
    expect(error).toBe("Lambda.InvalidRequestContentException");
    expect(cause).toMatch(
      /^Could not parse request body into json: Could not parse payload into json: Unrecognized token 'test': was expecting \(JSON String, Number, Array, Object or token 'null', 'true' or 'false'\)\n at \[Source: \(byte\[\]\)"test data"; line: 1, column: 6\] \(Service: AWSLambda; Status Code: 400; Error Code: InvalidRequestContentException; Request ID: .*; Proxy: null\)$/,
    );
  });

  it("gives a function's error: its type, and the payload without blanks", async () => {
    const { error, cause } = await failureOf(perform(router, invokeTask({ FunctionName: "fail", Payload: {} })));
    expect(error).toBe("Bad.Row");
    expect(cause).toMatch(/^\{"errorType":"Bad.Row","errorMessage":"row é","trace":\["/);
  });

  it("says so when a function's error has no type", async () => {
    const failure = await failureOf(perform(router, invokeTask({ FunctionName: "fail", Payload: { name: "" } })));
    expect(failure.error).toBe("Lambda.Unknown");
    expect(failure.cause).toMatch(
      /^The cause could not be determined because Lambda did not return an error type. Returned payload: \{"errorType":""/,
    );
  });

  it("parks after the call with .waitForTaskToken, and fails with the function", async () => {
    const submitted = await perform(router, invokeTask({ FunctionName: "echo", Payload: 1 }, "waitForTaskToken"));
    expect(submitted).toMatchObject({ kind: "submitted", output: expect.stringContaining('"Payload":1,') });
    expect((await perform(router, invokeTask({ FunctionName: "fail", Payload: {} }, "waitForTaskToken"))).kind).toBe(
      "failed",
    );
  });

  it("gives the log when it is asked for", async () => {
    const envelope = (await outputOf(
      perform(router, invokeTask({ FunctionName: "talk", Payload: "1", LogType: "Tail" })),
    )) as {
      LogResult: string;
    };
    expect(Object.keys(envelope).slice(0, 2)).toEqual(["ExecutedVersion", "LogResult"]);
    expect(Buffer.from(envelope.LogResult, "base64").toString()).toMatch(
      /^START RequestId: ([0-9a-f-]{36}) Version: \$LATEST\nsaid 1\nEND RequestId: \1\nREPORT RequestId: \1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\n$/,
    );
  });

  it("does not wait for an Event, and calls nothing for a DryRun", async () => {
    lines.length = 0;
    const event = await outputOf(
      perform(router, invokeTask({ FunctionName: "talk", Payload: '"later"', InvocationType: "Event" })),
    );
    expect(event).toMatchObject({ Payload: "", StatusCode: 202 });
    expect(event).not.toHaveProperty("ExecutedVersion");
    const dry = perform(router, invokeTask({ FunctionName: "talk", Payload: '"dry"', InvocationType: "DryRun" }));
    expect(await outputOf(dry)).toMatchObject({ Payload: "", StatusCode: 204 });
    await vi.waitFor(() => expect(lines.map(({ message }) => message)).toContain("said later"), 30_000);
    expect(lines.map(({ message }) => message)).not.toContain("said dry");
  });

  it("hands on the qualifier and the client context", async () => {
    const ClientContext = Buffer.from('{"custom":{"a":1}}').toString("base64");
    const parameters = { FunctionName: "function:context", Qualifier: "live", ClientContext };
    expect(await outputOf(perform(router, invokeTask(parameters)))).toMatchObject({
      Payload: [{ custom: { a: 1 } }, "arn:aws:lambda:us-east-1:123456789012:function:context:live"],
    });
  });

  it.each([
    [{}, "The field 'FunctionName' is required but was missing"],
    [{ FunctionName: 5 }, "The value of the field 'FunctionName' has an invalid format"],
    [{ FunctionName: "echo", Payloads: 1 }, "The field 'Payloads' is not supported by Step Functions"],
  ])("cannot be started with %j", async (parameters, rule) => {
    expect(await perform(router, invokeTask(parameters))).toEqual({
      kind: "failed",
      error: "States.Runtime",
      cause: `The Parameters '${JSON.stringify(parameters)}' could not be used to start the Task: [${rule}]`,
    });
  });

  it.each([
    [
      { InvocationType: "Later" },
      "1 validation error detected: Value 'Later' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun] (",
    ],
    [
      { FunctionName: "a b" },
      "1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ",
    ],
    [
      { FunctionName: "echo:1", Qualifier: "2" },
      "The derived qualifier from the function name does not match the specified qualifier. (",
    ],
    [{ ClientContext: "%%" }, "Client context must be a valid Base64-encoded JSON object. ("],
    [
      { Payload: { a: "a".repeat(6_291_456) } },
      "Request must be smaller than 6291456 bytes for the InvokeFunction operation (",
    ],
  ])("is refused by Lambda (%#)", async (parameters, words) => {
    const { error, cause } = await failureOf(invoke(parameters));
    expect(error).toMatch(/^Lambda\./);
    expect(cause.startsWith(words)).toBe(true);
  });
});

describe("a function that nobody serves", () => {
  const NOT_FOUND = new RegExp(
    `^Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:\\$LATEST \\(Service: AWSLambda; Status Code: 404; Error Code: ResourceNotFoundException; Request ID: ${UUID}; Proxy: null\\)`,
  );

  it("is not found, in AWS's words alone, and the log says how to map it", async () => {
    lines.length = 0;
    const { error, cause } = await failureOf(invoke({ FunctionName: "nobody" }));
    expect(error).toBe("Lambda.ResourceNotFoundException");
    expect(cause).toMatch(new RegExp(`${NOT_FOUND.source}$`));
    expect(lines).toMatchObject([
      {
        functionName: "nobody",
        stream: "platform",
        message: expect.stringContaining("nobody is not in stepwell.yaml"),
      },
    ]);
  });

  it("is not found, and while no function is mapped at all the cause says how to do that", async () => {
    const empty = createTaskRouter({ env });
    const { cause } = await failureOf(perform(empty, invokeTask({ FunctionName: "nobody" })));
    expect(cause).toMatch(NOT_FOUND);
    expect(cause).toContain("Function nobody is not in stepwell.yaml");
    await empty.close();
  });

  it("is not found in AWS's words alone where these are wanted", async () => {
    const strict = createTaskRouter({ env, explainUnmapped: false });
    const { cause } = await failureOf(perform(strict, invokeTask({ FunctionName: "nobody" })));
    expect(cause).toMatch(new RegExp(`${NOT_FOUND.source}$`));
    const bare = await failureOf(perform(strict, functionTask("nobody:7", {})));
    expect(bare.cause).toMatch(/^Function not found: arn:aws:lambda:us-east-1:123456789012:function:nobody:7 \(/);
    await strict.close();
  });
});

describe("a function on AWS", () => {
  let server: Server | undefined;
  let remote: FunctionRouter | undefined;
  afterEach(async () => {
    await remote?.close();
    server?.closeAllConnections();
    server?.close();
  });

  const ASSUMED = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>OF-THE-ROLE</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

  /** A stand-in for the Lambda API, and for STS where wanted. */
  async function lambdaAt(
    status: number,
    headers: Record<string, string>,
    body: string,
    more: (endpoint: string) => Record<string, string> = () => ({}),
  ) {
    const requests: { request: IncomingMessage; body: string }[] = [];
    server = createServer(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      requests.push({ request, body: text });
      if (text.startsWith("Action=AssumeRole&") && text.includes("other")) {
        response.writeHead(200, { "content-type": "text/xml" }).end(ASSUMED);
        return;
      }
      response
        .writeHead(status, { "content-type": "application/json", "x-amzn-requestid": "r-1", ...headers })
        .end(body);
    });
    await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
    const AWS_ENDPOINT_URL_LAMBDA = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    remote = createTaskRouter({ env: { ...env, AWS_ENDPOINT_URL_LAMBDA, ...more(AWS_ENDPOINT_URL_LAMBDA) } });
    return { remote, requests };
  }

  it("is invoked through the SDK at the endpoint that is set", async () => {
    const { remote, requests } = await lambdaAt(200, { "x-amz-executed-version": "7" }, '{"a": 1}');
    expect(
      await outputOf(perform(remote, invokeTask({ FunctionName: "far:7", Payload: { n: 1 }, LogType: "Tail" }))),
    ).toMatchObject({
      ExecutedVersion: "7",
      Payload: { a: 1 },
    });
    const { request, body } = requests[0]!;
    expect(`${request.method} ${request.url}`).toBe("POST /2015-03-31/functions/far/invocations?Qualifier=7");
    expect(request.headers).toMatchObject({ "x-amz-invocation-type": "RequestResponse", "x-amz-log-type": "Tail" });
    expect(body).toBe('{"n":1}');
  });

  it("gives its errors as a local one does", async () => {
    const { remote } = await lambdaAt(
      200,
      { "x-amz-function-error": "Unhandled" },
      '{"errorType": "E", "errorMessage": "m"}',
    );
    expect(await failureOf(perform(remote, functionTask("far", {})))).toEqual({
      error: "E",
      cause: '{"errorType": "E", "errorMessage": "m"}',
    });
  });

  it.each([
    [
      404,
      "ResourceNotFoundException",
      "Lambda.ResourceNotFoundException",
      '{"Message":"Function not found: x"}',
      "Function not found: x",
    ],
    [
      429,
      "TooManyRequestsException",
      "Lambda.TooManyRequestsException",
      '{"message":"Rate Exceeded."}',
      "Rate Exceeded.",
    ],
    [403, "AccessDeniedException", "Lambda.AWSLambdaException", '{"Message":"not authorized"}', "not authorized"],
  ])("that Lambda refuses with %i %s", async (status, code, error, body, message) => {
    const { remote, requests } = await lambdaAt(status, { "x-amzn-errortype": code }, body);
    expect(await failureOf(perform(remote, invokeTask({ FunctionName: "far" })))).toEqual({
      error,
      cause: `${message} (Service: AWSLambda; Status Code: ${status}; Error Code: ${code}; Request ID: r-1; Proxy: null)`,
    });
    // What was throttled did nothing: it is asked again a few times.
    expect(requests).toHaveLength(status === 429 ? 4 : 1);
  });

  it("that cannot be reached is Lambda.SdkClientException", async () => {
    remote = createTaskRouter({ env: { ...env, AWS_ENDPOINT_URL: "http://127.0.0.1:1" } });
    const { error, cause } = await failureOf(perform(remote, invokeTask({ FunctionName: "far" })));
    expect(error).toBe("Lambda.SdkClientException");
    expect(cause).toMatch(/^Unable to execute HTTP request: /);
  });

  it("is called as the role of the task's Credentials", async () => {
    const { remote, requests } = await lambdaAt(200, {}, "1", (endpoint) => ({ AWS_ENDPOINT_URL_STS: endpoint }));
    const credentialsRoleArn = "arn:aws:iam::210987654321:role/other";
    expect(await outputOf(perform(remote, functionTask("far", {}, { credentialsRoleArn })))).toBe(1);
    const [assumption, invocation] = requests;
    expect(new URLSearchParams(assumption?.body).get("RoleArn")).toBe(credentialsRoleArn);
    expect(invocation?.request.headers.authorization).toContain("Credential=OF-THE-ROLE/");
  });

  it("is not called when the role cannot be assumed", async () => {
    const { remote, requests } = await lambdaAt(403, {}, "{}", (endpoint) => ({ AWS_ENDPOINT_URL_STS: endpoint }));
    const credentialsRoleArn = "arn:aws:iam::210987654321:role/nobody";
    expect(await failureOf(perform(remote, functionTask("far", {}, { credentialsRoleArn })))).toEqual({
      error: "States.TaskFailed",
      cause: `The role arn:aws:iam::123456789012:role/r is not authorized to assume the task state's role, ${credentialsRoleArn}.`,
    });
    expect(requests).toHaveLength(1);
  });
});

describe("supportsResource", () => {
  const service = (name: string, action: string, pattern: "requestResponse" | "sync" | "waitForTaskToken") =>
    ({ kind: "service", arn: "", partition: "aws", service: name, action, pattern, resource: action }) as const;

  it.each([
    [{ kind: "lambda", arn: "arn:aws:lambda:us-east-1:123456789012:function:F" } as const, true],
    [service("lambda", "invoke", "requestResponse"), true],
    [service("lambda", "invoke", "waitForTaskToken"), true],
    [service("lambda", "invoke", "sync"), false],
    [service("sqs", "sendMessage", "requestResponse"), false],
    [service("aws-sdk:lambda", "listFunctions", "requestResponse"), false],
  ])("%j: %s", (resource, expected) => {
    expect(supportsResource(resource)).toBe(expected);
    expect(router.connectorFor({ resource, stateName: "S" }) !== undefined).toBe(expected);
  });
});

describe("functions that change while the router runs", () => {
  it("are added, replaced and removed", async () => {
    await router.setFunction("later", { handler: "fn.mjs#echo" });
    expect(await outputOf(perform(router, functionTask("later", 1)))).toBe(1);
    await router.setFunction("later", { handler: "fn.mjs#fail" });
    expect((await failureOf(perform(router, functionTask("later", {})))).error).toBe("Bad.Row");
    await router.removeFunction("later");
    expect((await failureOf(perform(router, functionTask("later", {})))).error).toBe(
      "Lambda.ResourceNotFoundException",
    );
    await expect(router.setFunction("a b", { handler: "fn.mjs" })).rejects.toThrow("functions.a b: must be");
  });
});
