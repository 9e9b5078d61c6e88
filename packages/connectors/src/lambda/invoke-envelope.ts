import { compactJson, isJsonText } from "../json-text.ts";

export interface InvokeAnswer {
  readonly statusCode: 200 | 202 | 204;
  readonly requestId: string;
  readonly traceId: string;
  /** The bytes of the body as text; empty when the function was not waited for. */
  readonly payload: string;
  readonly executedVersion?: string;
  /** Base64, when it was asked for. */
  readonly logResult?: string;
  readonly now: Date;
}

/**
 * The result of `lambda:invoke` as JSON text, members in the order that AWS was recorded to write them (conformance,
 * services/test_invoke): the answer of the Invoke API with the payload parsed, and what the SDK knows of the HTTP exchange.
 */
export function invokeEnvelope(answer: InvokeAnswer): string {
  const { executedVersion, logResult, requestId, statusCode } = answer;
  const members = [
    ...(executedVersion === undefined ? [] : [`"ExecutedVersion":${JSON.stringify(executedVersion)}`]),
    ...(logResult === undefined ? [] : [`"LogResult":${JSON.stringify(logResult)}`]),
    `"Payload":${payloadJson(answer.payload)}`,
    `"SdkHttpMetadata":${JSON.stringify(httpMetadata(answer))}`,
    `"SdkResponseMetadata":${JSON.stringify({ RequestId: requestId })}`,
    `"StatusCode":${statusCode}`,
  ];
  return `{${members.join(",")}}`;
}

/** Recorded: JSON is put in as JSON, whatever its white space. What is no JSON can only be a text. */
export function payloadJson(payload: string): string {
  return isJsonText(payload) ? compactJson(payload) : JSON.stringify(payload);
}

function httpMetadata(answer: InvokeAnswer): object {
  const version = answer.executedVersion === undefined ? {} : { "X-Amz-Executed-Version": answer.executedVersion };
  const log = answer.logResult === undefined ? {} : { "X-Amz-Log-Result": answer.logResult };
  const headers: Record<string, string> = {
    ...log,
    ...version,
    "x-amzn-Remapped-Content-Length": "0",
    Connection: "keep-alive",
    "x-amzn-RequestId": answer.requestId,
    "Content-Length": String(Buffer.byteLength(answer.payload)),
    Date: answer.now.toUTCString(),
    "X-Amzn-Trace-Id": answer.traceId,
    "Content-Type": "application/json",
  };
  const inOrder = Object.keys(headers).sort((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return {
    AllHttpHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    HttpHeaders: Object.fromEntries(inOrder.map((name) => [name, headers[name]])),
    HttpStatusCode: answer.statusCode,
  };
}
