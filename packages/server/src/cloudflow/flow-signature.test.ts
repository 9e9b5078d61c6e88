import { createHash, createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { looksLikeFlowRequest, type RawRequest, readFlowRequest } from "./flow-request.ts";
import { flowSignatureOf, percentEncode, rpcStringToSign } from "./flow-signature.ts";

const EMPTY = Buffer.alloc(0);
const FORM = { "content-type": "application/x-www-form-urlencoded" };

function request(over: Partial<RawRequest>): RawRequest {
  return { method: "GET", url: "/", headers: {}, body: EMPTY, ...over };
}

describe("reading a request", () => {
  test("query, form and JSON body are one; action and version may be headers", () => {
    const form = readFlowRequest(
      request({ method: "POST", url: "/?a=1", headers: FORM, body: Buffer.from("b=x%2By+z") }),
    );
    expect([...form.parameters]).toEqual([
      ["a", "1"],
      ["b", "x+y z"],
    ]);
    const headers = { "content-type": "application/json; charset=utf-8", "x-acs-action": "A", "x-acs-version": "V" };
    const json = readFlowRequest(
      request({ method: "POST", headers, body: Buffer.from('{"Limit":5,"Input":{"a":1}}') }),
    );
    expect(json).toMatchObject({ action: "A", version: "V", mediaType: "application/json", style: "acs3" });
    expect(json.parameters.get("Input")).toEqual({ a: 1 });
    const list = readFlowRequest(request({ headers, body: Buffer.from("[1]") }));
    expect(list.problem?.message).toContain("must be a JSON object");
  });

  test("parameters called __proto__ are parameters", () => {
    const { parameters } = readFlowRequest(request({ url: "/?__proto__=1&Action=X" }));
    expect(parameters.get("__proto__")).toBe("1");
  });

  test.each([
    [{ url: "/?Action=ListFlows" }, true],
    [{ url: "/", headers: { "x-acs-action": "ListFlows" } }, true],
    [{ url: "/", headers: FORM, body: Buffer.from("AccessKeyId=a&Action=ListFlows") }, true],
    [{ url: "/?Action=ListFlows", headers: { "x-amz-target": "AWSStepFunctions.ListStateMachines" } }, false],
    [{ url: "/", headers: { "content-type": "application/x-amz-json-1.0" }, body: Buffer.from("{}") }, false],
    [{ url: "/?X-Amz-Signature=1" }, false],
  ])("%j", (over, is) => {
    expect(looksLikeFlowRequest({ url: "/", headers: {}, body: EMPTY, ...over })).toBe(is);
  });
});

describe("signature 1.0", () => {
  test("names are sorted, values are encoded anew, the signature itself is left out", () => {
    const read = readFlowRequest(
      request({
        method: "POST",
        url: "/?Zed=1&Signature=x",
        headers: FORM,
        body: Buffer.from("Input=a+b%2B'(*)~é&A="),
      }),
    );
    expect(rpcStringToSign(read)).toBe("POST&%2F&A%3D%26Input%3Da%2520b%252B%2527%2528%252A%2529~%25C3%25A9%26Zed%3D1");
    expect(percentEncode("a b*'()!~/é")).toBe("a%20b%2A%27%28%29%21~%2F%C3%A9");
  });

  test("is verified with the secret and an ampersand", () => {
    const unsigned = "AccessKeyId=id&Action=ListFlows&SignatureNonce=n&Timestamp=2026-11-22T03%3A24%3A18Z";
    const toSign = `GET&%2F&${percentEncode(unsigned)}`;
    const signature = createHmac("sha1", "secret&").update(toSign).digest("base64");
    const read = readFlowRequest(request({ url: `/?${unsigned}&Signature=${percentEncode(signature)}` }));
    const found = flowSignatureOf(read);
    expect(found).toMatchObject({ accessKeyId: "id", nonce: "n", timestamp: "2026-11-22T03:24:18Z" });
    expect(() => found.verify("secret")).not.toThrow();
    expect(() => found.verify("other")).toThrow("does not match");
  });
});

test("ACS3: the canonical request in bytes", () => {
  const hash = createHash("sha256").update("").digest("hex");
  const headers = {
    host: "h",
    "x-acs-action": "DescribeExecution",
    "x-acs-content-sha256": hash,
    "x-acs-date": "2026-11-22T03:24:18Z",
    "x-acs-signature-nonce": "n",
    "x-acs-version": "2019-03-15",
  };
  const names = Object.keys(headers).join(";");
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`);
  const canonical = `GET\n/\nExecutionName=e%20x&FlowName=f\n${lines.join("")}\n${names}\n${hash}`;
  const toSign = `ACS3-HMAC-SHA256\n${createHash("sha256").update(canonical).digest("hex")}`;
  const signature = createHmac("sha256", "secret").update(toSign).digest("hex");
  const authorization = `ACS3-HMAC-SHA256 Credential=id,SignedHeaders=${names},Signature=${signature}`;
  const read = readFlowRequest(
    request({ url: "/?FlowName=f&ExecutionName=e%20x", headers: { ...headers, authorization } }),
  );
  expect(() => flowSignatureOf(read).verify("secret")).not.toThrow();
  expect(() => flowSignatureOf({ ...read, body: Buffer.from("x") }).verify("secret")).toThrow("does not match");
});
