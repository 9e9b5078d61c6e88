import { isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { StepAnswer } from "./recorded-case.ts";

const CALL_TIMEOUT_MS = 90_000;
// No server under test checks it; AWS's form, so that one that does parse it can.
const AUTHORIZATION =
  "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/states/aws4_request, SignedHeaders=host, Signature=0";

/** Makes one Step Functions call over HTTP. Rejects when no JSON answer comes within 90 seconds. */
export async function callStepFunctions(endpoint: string, operation: string, params: Json): Promise<StepAnswer> {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `AWSStepFunctions.${operation}`,
      authorization: AUTHORIZATION,
    },
    body: JSON.stringify(params),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  const body = text === "" ? {} : (JSON.parse(text) as Json);
  if (!isJsonObject(body)) throw new Error(`${operation} answered ${response.status} with ${text.slice(0, 300)}`);
  return asPythonSdkSays(operation, response.status, body);
}

// An error is {"Error": {"Code", "Message"}, "ResponseMetadata": …, and the other members of the body}.
function asPythonSdkSays(call: string, status: number, body: JsonObject): StepAnswer {
  const metadata = { ResponseMetadata: { HTTPStatusCode: status } };
  if (status < 400) return { call, body: { ...body, ...metadata } };
  const { __type: type, ...members } = body;
  const code = String(type ?? status).replace(/^.*#/, "");
  const message = String(members["message"] ?? members["Message"] ?? "");
  return { call, body: { Error: { Code: code, Message: message }, ...members, ...metadata }, error: { code, message } };
}
