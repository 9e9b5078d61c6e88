import { createHash, createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { checkTime, parseSignature, verifySignature } from "./signature.ts";

const SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const SIGNED_AT = Date.UTC(2026, 10, 22, 6, 15, 0);
const MINUTE_MS = 60_000;

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** A presigned URL, made as the IAM user guide describes it and not with the code under test. */
function presign(body: string, expires: number): { method: string; url: string; headers: object; body: Buffer } {
  const scope = "20261122/us-east-1/states/aws4_request";
  const query = [
    "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    `X-Amz-Credential=AKIDEXAMPLE%2F${scope.replaceAll("/", "%2F")}`,
    "X-Amz-Date=20261122T061500Z",
    `X-Amz-Expires=${expires}`,
    "X-Amz-SignedHeaders=host%3Bx-amz-target",
    "a%20b=c%2Ad",
  ].join("&");
  const headers = { host: "localhost:8083", "x-amz-target": "AWSStepFunctions.ListActivities" };
  const canonical = `POST\n/\n${query}\nhost:localhost:8083\nx-amz-target:AWSStepFunctions.ListActivities\n\nhost;x-amz-target\n${sha256(body)}`;
  const stringToSign = `AWS4-HMAC-SHA256\n20261122T061500Z\n${scope}\n${sha256(canonical)}`;
  const key = scope.split("/").reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${SECRET}`);
  const signature = hmac(key, stringToSign).toString("hex");
  // Order and spelling of the query do not count: `+` is a space too.
  const shuffled = query.replace("a%20b=c%2Ad", "").replace("X-Amz-Algorithm", "a+b=c*d&X-Amz-Algorithm");
  return { method: "POST", url: `/?${shuffled}X-Amz-Signature=${signature}`, headers, body: Buffer.from(body) };
}

test("a presigned request is verified, whatever the order of its query", () => {
  const request = presign("{}", 300);
  const signature = parseSignature({ ...request, headers: { ...request.headers } });
  expect(signature).toMatchObject({ form: "query", accessKeyId: "AKIDEXAMPLE", expiresSeconds: 300 });
  expect(() => verifySignature({ ...request, headers: { ...request.headers } }, signature, SECRET)).not.toThrow();
  const other = { ...request, headers: { ...request.headers }, body: Buffer.from("{} ") };
  expect(() => verifySignature(other, signature, SECRET)).toThrow("does not match");
});

test("a presigned request is good until it expires", () => {
  const request = presign("{}", 3_600);
  const signature = parseSignature({ ...request, headers: { ...request.headers } });
  expect(() => checkTime(signature, SIGNED_AT + 60 * MINUTE_MS)).not.toThrow();
  expect(() => checkTime(signature, SIGNED_AT + 60 * MINUTE_MS + 1)).toThrow("Signature expired");
  expect(() => checkTime(signature, SIGNED_AT - 15 * MINUTE_MS)).not.toThrow();
  expect(() => checkTime(signature, SIGNED_AT - 15 * MINUTE_MS - 1)).toThrow("Signature not yet current");
});
