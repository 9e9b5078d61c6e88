import type { JsonObject } from "@stepwell/core";
import type { ServiceAnswer } from "./aws-clients.ts";

/** How AWS's services spell the headers that Node has in small letters. Conformance, group services. */
const SPELLINGS: { readonly [header: string]: string } = {
  "content-length": "Content-Length",
  "content-type": "Content-Type",
  date: "Date",
  server: "Server",
  "x-amzn-requestid": "x-amzn-RequestId",
};

/**
 * What an optimised integration adds to a result of what the SDK knows of the HTTP exchange: in `AllHttpHeaders` every
 * value is a list, in `HttpHeaders` a text. Recorded behaviour, fact 30.
 */
export function sdkMetadata({ headers, statusCode, requestId }: ServiceAnswer): JsonObject {
  const spelled = Object.entries(headers).map(([name, value]) => [SPELLINGS[name] ?? name, value] as const);
  const inOrder = spelled.toSorted(([a], [b]) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
  return {
    SdkHttpMetadata: {
      AllHttpHeaders: Object.fromEntries(spelled.map(([name, value]) => [name, [value]])),
      HttpHeaders: Object.fromEntries(inOrder),
      HttpStatusCode: statusCode,
    },
    SdkResponseMetadata: { RequestId: requestId },
  };
}
