import {
  CreateStateMachineCommand,
  DescribeStateMachineCommand,
  ListActivitiesCommand,
  SFNClient,
  StartSyncExecutionCommand,
} from "@aws-sdk/client-sfn";
import { DEFAULT_IDENTITY } from "@stepwell/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { PASS, ROLE_ARN, type TestService, testService } from "../test-service.test-support.ts";
import { type AccessKey, createAuthenticator } from "./authentication.ts";

const ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:orders";
const EVERYTHING = [{ actions: ["*"], resources: ["*"] }];

let keys: Map<string, AccessKey>;
let now: () => number;
let service: TestService;
let endpoint: string;

function key(accessKeyId: string, change: Partial<AccessKey> = {}): AccessKey {
  const principalArn = `arn:aws:iam::123456789012:user/${accessKeyId}`;
  return { accessKeyId, secretAccessKey: `secret of ${accessKeyId}`, principalArn, allow: EVERYTHING, ...change };
}

beforeEach(async () => {
  now = () => Date.now();
  keys = new Map([["AKIAADMIN", key("AKIAADMIN")]]);
  const authenticator = createAuthenticator({
    findKey: (id) => keys.get(id),
    identity: DEFAULT_IDENTITY,
    clock: { now: () => now() },
  });
  service = testService({ authenticator });
  endpoint = await service.app.listen({ host: "127.0.0.1", port: 0 });
});
afterEach(() => service.app.close());

interface Signer {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  /** Changes what is sent after it was signed. */
  readonly tamper?: (request: { headers: Record<string, string>; body: string; query: object }) => void;
  readonly offsetMs?: number;
}

function client(signer: Signer = {}): SFNClient {
  const { accessKeyId = "AKIAADMIN", sessionToken } = signer;
  const secretAccessKey = signer.secretAccessKey ?? `secret of ${accessKeyId}`;
  const sfn = new SFNClient({
    endpoint,
    region: signer.region ?? "us-east-1",
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    systemClockOffset: signer.offsetMs ?? 0,
    maxAttempts: 1,
    disableHostPrefix: true,
  });
  if (signer.tamper !== undefined) {
    const { tamper } = signer;
    sfn.middlewareStack.add(
      (next) => (args) => {
        tamper(args.request as Parameters<typeof tamper>[0]);
        return next(args);
      },
      { step: "deserialize", priority: "low" },
    );
  }
  return sfn;
}

function replaceIn(headers: Record<string, string>, name: string, what: string | RegExp, by: string): void {
  headers[name] = (headers[name] ?? "").replace(what, by);
}

/** Another digit at this place from the end. */
function changeLast(headers: Record<string, string>, name: string, fromEnd: number): void {
  const value = headers[name] ?? "";
  const at = value.length - fromEnd;
  headers[name] = `${value.slice(0, at)}${value[at] === "0" ? "1" : "0"}${value.slice(at + 1)}`;
}

async function refusal(
  signer: Signer,
  command: ListActivitiesCommand = new ListActivitiesCommand({}),
): Promise<string> {
  try {
    await client(signer).send(command);
    return "accepted";
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  }
}

describe("a signed request", () => {
  test("of the AWS SDK is accepted", async () => {
    const sfn = client();
    await sfn.send(
      new CreateStateMachineCommand({ name: "orders", definition: PASS, roleArn: ROLE_ARN, type: "EXPRESS" }),
    );
    const sync = await sfn.send(new StartSyncExecutionCommand({ stateMachineArn: ARN, input: '{"é":"ü 😀"}' }));
    expect(sync.output).toBe('{"é":"ü 😀"}');
  });

  test("with a temporary key needs its token", async () => {
    keys.set("ASIATEMP", key("ASIATEMP", { sessionToken: "token" }));
    expect(await refusal({ accessKeyId: "ASIATEMP", sessionToken: "token" })).toBe("accepted");
    const unrecognized = "UnrecognizedClientException: The security token included in the request is invalid.";
    expect(await refusal({ accessKeyId: "ASIATEMP", sessionToken: "other" })).toBe(unrecognized);
    expect(await refusal({ accessKeyId: "ASIATEMP" })).toBe(unrecognized);
    expect(await refusal({ sessionToken: "unexpected" })).toBe(unrecognized);
  });

  test("of a key nobody knows is refused", async () => {
    expect(await refusal({ accessKeyId: "AKIANOBODY" })).toMatch(/^UnrecognizedClientException/);
  });

  test("with another secret is refused", async () => {
    expect(await refusal({ secretAccessKey: "wrong" })).toBe(
      "InvalidSignatureException: The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
    );
  });

  test.each<[string, NonNullable<Signer["tamper"]>]>([
    ["body", (request) => Object.assign(request, { body: "[]" })],
    ["operation", ({ headers }) => Object.assign(headers, { "x-amz-target": "AWSStepFunctions.ListStateMachines" })],
    ["query", (request) => Object.assign(request, { query: { a: "b" } })],
    ["time", ({ headers }) => changeLast(headers, "x-amz-date", 2)],
    ["signature", ({ headers }) => changeLast(headers, "authorization", 1)],
    ["signature's length", ({ headers }) => replaceIn(headers, "authorization", /.$/, "")],
    ["list of signed headers", ({ headers }) => replaceIn(headers, "authorization", "x-amz-target", "")],
  ])("whose %s was changed is refused", async (_what, tamper) => {
    expect(await refusal({ tamper })).toMatch(/^InvalidSignatureException/);
  });

  test("a header that was added and decides what is done must be signed", async () => {
    const tamper: Signer["tamper"] = (request) => {
      request.headers["x-amz-security-token"] = "";
    };
    expect(await refusal({ tamper })).toMatch(/^InvalidSignatureException/);
  });

  test("from another time is refused, in both directions", async () => {
    expect(await refusal({ offsetMs: -14 * 60_000 })).toBe("accepted");
    expect(await refusal({ offsetMs: 14 * 60_000 })).toBe("accepted");
    expect(await refusal({ offsetMs: -16 * 60_000 })).toMatch(
      /^InvalidSignatureException: Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 15 min\.\)$/,
    );
    expect(await refusal({ offsetMs: 16 * 60_000 })).toMatch(
      /^InvalidSignatureException: Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 15 min\.\)$/,
    );
  });

  test("for another region is refused", async () => {
    expect(await refusal({ region: "eu-west-1" })).toBe(
      "InvalidSignatureException: Credential should be scoped to a valid Region, not 'eu-west-1'.",
    );
  });
});

describe("a request without a good signature", () => {
  async function answer(headers: Record<string, string>, url = "/"): Promise<string> {
    const { statusCode, headers: answered } = await service.app.inject({
      method: "POST",
      url,
      headers: { "x-amz-target": "AWSStepFunctions.ListActivities", ...headers },
      payload: "{}",
    });
    expect(statusCode).toBe(400);
    return String(answered["x-amzn-errortype"]);
  }

  test("is refused before anything is done with it", async () => {
    expect(await answer({})).toBe("MissingAuthenticationTokenException");
    expect(await answer({ "x-amz-target": "nonsense" })).toBe("MissingAuthenticationTokenException");
  });

  test.each([
    "Basic dXNlcjpwYXNz",
    "AWS4-HMAC-SHA256",
    "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/states/aws4_request",
    "AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 Credential=a/b/c/d/e/f, SignedHeaders=host, Signature=00",
    "AWS4-HMAC-SHA256 ,,,=,=",
    `AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=${"h;".repeat(500)}, Signature=00`,
    "",
  ])("%s is incomplete", async (authorization) => {
    expect(await answer({ authorization, "x-amz-date": "20260101T000000Z" })).toMatch(
      /^(IncompleteSignature|MissingAuthenticationToken)Exception$/,
    );
  });

  test("a date that is none is refused", async () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=AKIAADMIN/20269999/us-east-1/states/aws4_request, SignedHeaders=host, Signature=00";
    expect(await answer({ authorization, "x-amz-date": "20269999T999999Z" })).toBe("InvalidSignatureException");
    expect(await answer({ authorization, "x-amz-date": "yesterday" })).toBe("IncompleteSignatureException");
    expect(await answer({ authorization })).toBe("IncompleteSignatureException");
  });

  test("a presigned query that lacks something is incomplete", async () => {
    expect(await answer({}, "/?X-Amz-Algorithm=AWS4-HMAC-SHA256")).toBe("IncompleteSignatureException");
    const query = "X-Amz-Credential=a/b/c/d/e&X-Amz-Date=20260101T000000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    expect(await answer({}, `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&${query}`)).toBe("IncompleteSignatureException");
    expect(await answer({}, `/?X-Amz-Algorithm=AWS4-HMAC-SHA256&${query}&X-Amz-Expires=604801`)).toBe(
      "IncompleteSignatureException",
    );
  });

  test("health and metrics need none", async () => {
    expect((await service.app.inject("/healthz")).statusCode).toBe(200);
    expect((await service.app.inject("/metrics")).statusCode).toBe(200);
  });
});

describe("a key", () => {
  test("may do what its rules allow, on what they allow", async () => {
    keys.set(
      "AKIAREADER",
      key("AKIAREADER", {
        allow: [
          { actions: ["states:Describe*"], resources: [`${ARN.slice(0, -6)}*`] },
          { actions: ["states:List*"], resources: ["*"] },
        ],
      }),
    );
    await client().send(new CreateStateMachineCommand({ name: "orders", definition: PASS, roleArn: ROLE_ARN }));
    const reader = client({ accessKeyId: "AKIAREADER" });
    expect((await reader.send(new DescribeStateMachineCommand({ stateMachineArn: ARN }))).name).toBe("orders");
    await reader.send(new ListActivitiesCommand({}));
    await expect(
      reader.send(new CreateStateMachineCommand({ name: "mine", definition: PASS, roleArn: ROLE_ARN })),
    ).rejects.toMatchObject({
      name: "AccessDeniedException",
      message:
        "User: arn:aws:iam::123456789012:user/AKIAREADER is not authorized to perform: states:CreateStateMachine on resource: arn:aws:states:us-east-1:123456789012:stateMachine:mine because no identity-based policy allows the states:CreateStateMachine action",
    });
  });

  test("that was taken away is refused at once", async () => {
    expect(await refusal({})).toBe("accepted");
    keys.clear();
    expect(await refusal({})).toMatch(/^UnrecognizedClientException/);
  });
});
