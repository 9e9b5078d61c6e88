import { ObjectStoreError } from "@stepwell/engine";
import { describe, expect, test } from "vitest";
import { fromSdk } from "./s3-errors.ts";

const PLACE = { bucket: "b", key: "k" };

function sdkError(name: string, message: string, $metadata: Record<string, unknown>): Error {
  return Object.assign(new Error(message), { name, $metadata });
}

describe("errors of the SDK", () => {
  test("keep S3's code, words and ids", () => {
    const metadata = { httpStatusCode: 403, requestId: "R1", extendedRequestId: "X1" };
    const error = fromSdk(sdkError("AccessDenied", "Access Denied", metadata), PLACE);
    expect(error).toMatchObject({
      code: "AccessDenied",
      message: "Access Denied",
      statusCode: 403,
      requestId: "R1",
      extendedRequestId: "X1",
      bucket: "b",
      key: "k",
      isTransient: false,
    });
  });

  test.each([
    ["NotFound", 404, "NoSuchKey", "The specified key does not exist."],
    ["403", 403, "AccessDenied", "Access Denied"],
    ["UnknownError", 412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"],
  ])("answers to HEAD, which have no body, are known by their status: %s", (name, httpStatusCode, code, message) => {
    expect(fromSdk(sdkError(name, "UnknownError", { httpStatusCode }), PLACE)).toMatchObject({ code, message });
  });

  test("a busy store and one that does not answer are worth another attempt", () => {
    expect(
      fromSdk(sdkError("SlowDown", "Please reduce your request rate.", { httpStatusCode: 503 }), PLACE).isTransient,
    ).toBe(true);
    expect(
      fromSdk(sdkError("InternalError", "We encountered an internal error.", { httpStatusCode: 500 }), PLACE)
        .isTransient,
    ).toBe(true);
    const refused = Object.assign(new Error(""), { code: "ECONNREFUSED" });
    expect(fromSdk(refused, PLACE)).toMatchObject({
      code: "Unavailable",
      isTransient: true,
      message: "Unable to execute HTTP request: ECONNREFUSED",
    });
    // A connection lost in the middle of a body: the answer had begun well.
    expect(fromSdk(sdkError("Error", "aborted", { httpStatusCode: 200 }), PLACE)).toMatchObject({
      code: "Unavailable",
    });
  });

  test("what is a store's error already stays as it is", () => {
    const error = new ObjectStoreError("NoSuchBucket", "x", PLACE);
    expect(fromSdk(error, PLACE)).toBe(error);
  });
});
