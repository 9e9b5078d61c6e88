import { expect, test } from "vitest";
import { completeEncryption, completeLogging, completeTracing } from "./state-machine-configuration.ts";

const LOG_GROUP = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vendedlogs/states/g:*";

function destination(logGroupArn: string): { cloudWatchLogsLogGroup: { logGroupArn: string } } {
  return { cloudWatchLogsLogGroup: { logGroupArn } };
}

test("AWS's defaults are filled in", () => {
  expect(completeLogging(undefined)).toEqual({ level: "OFF", includeExecutionData: false });
  expect(completeLogging({})).toEqual({ level: "OFF", includeExecutionData: false });
  expect(completeLogging({ destinations: [] })).toEqual({
    level: "OFF",
    includeExecutionData: false,
    destinations: [],
  });
  expect(completeTracing(undefined)).toEqual({ enabled: false });
  expect(completeEncryption(undefined)).toEqual({ type: "AWS_OWNED_KEY" });
  expect(completeEncryption({ type: "CUSTOMER_MANAGED_KMS_KEY", kmsKeyId: "k" })).toEqual({
    type: "CUSTOMER_MANAGED_KMS_KEY",
    kmsKeyId: "k",
    kmsDataKeyReusePeriodSeconds: 300,
  });
});

test.each([
  ["no destination for a level", { level: "FATAL" }, "Must specify exactly one Log Destination."],
  ["an empty list for a level", { level: "ALL", destinations: [] }, "Must specify exactly one Log Destination."],
  ["two destinations", { destinations: [destination(LOG_GROUP), destination(LOG_GROUP)] }, "Must specify exactly one"],
  ["an empty destination", { level: "ALL", destinations: [{}] }, "Must specify exactly one Log Destination."],
  [
    "a log group without :*",
    { level: "ALL", destinations: [destination(LOG_GROUP.slice(0, -2))] },
    "Log Group ARN must be provided with '*' qualifier.",
  ],
] as const)("%s is InvalidLoggingConfiguration", (_what, given, reason) => {
  expect(() => completeLogging(given)).toThrow(
    expect.objectContaining({
      name: "InvalidLoggingConfiguration",
      message: expect.stringContaining(`Invalid Logging Configuration: ${reason}`),
    }),
  );
});

test("key members and the key's type must fit together", () => {
  expect(() => completeEncryption({ type: "CUSTOMER_MANAGED_KMS_KEY" })).toThrow("Invalid Encryption Configuration");
  expect(() => completeEncryption({ type: "AWS_OWNED_KEY", kmsKeyId: "k" })).toThrow(
    "Invalid Encryption Configuration",
  );
});
