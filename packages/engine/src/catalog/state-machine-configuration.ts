import { Rejection } from "../rejection.ts";

export interface LoggingConfiguration {
  readonly level: "ALL" | "ERROR" | "FATAL" | "OFF";
  readonly includeExecutionData: boolean;
  readonly destinations?: readonly LogDestination[];
}

export interface LogDestination {
  readonly cloudWatchLogsLogGroup?: { readonly logGroupArn?: string };
}

export interface TracingConfiguration {
  readonly enabled: boolean;
}

export interface EncryptionConfiguration {
  readonly type: "AWS_OWNED_KEY" | "CUSTOMER_MANAGED_KMS_KEY";
  readonly kmsKeyId?: string;
  readonly kmsDataKeyReusePeriodSeconds?: number;
}

/** API reference, "EncryptionConfiguration": the default of kmsDataKeyReusePeriodSeconds. */
const DATA_KEY_REUSE_SECONDS = 300;

/** Fills in AWS's defaults, which DescribeStateMachine always shows. Rejects InvalidLoggingConfiguration. */
export function completeLogging(given: Partial<LoggingConfiguration> | undefined): LoggingConfiguration {
  const level = given?.level ?? "OFF";
  const destinations = given?.destinations;
  checkDestinations(level, destinations ?? []);
  return {
    level,
    includeExecutionData: given?.includeExecutionData ?? false,
    // An empty list comes back as an empty list (case test_incomplete_logging_configuration).
    ...(destinations === undefined ? {} : { destinations }),
  };
}

function checkDestinations(level: LoggingConfiguration["level"], destinations: readonly LogDestination[]): void {
  if (destinations.length > 1 || (level !== "OFF" && destinations.length !== 1)) {
    throw invalidLogging("Must specify exactly one Log Destination.");
  }
  for (const destination of destinations) {
    const arn = destination.cloudWatchLogsLogGroup?.logGroupArn;
    if (arn === undefined) throw invalidLogging("Must specify exactly one Log Destination.");
    if (!/^arn:[^:]+:logs:[^:]*:[^:]*:log-group:./.test(arn)) {
      throw invalidLogging(`Log Destination is not a valid Log Group ARN: ${arn}`);
    }
    // The wording is in hashicorp/terraform-provider-aws pull request 17683.
    if (!arn.endsWith(":*")) throw invalidLogging("Log Group ARN must be provided with '*' qualifier.");
  }
}

function invalidLogging(reason: string): Rejection {
  return new Rejection("InvalidLoggingConfiguration", `Invalid Logging Configuration: ${reason}`);
}

export function completeTracing(given: Partial<TracingConfiguration> | undefined): TracingConfiguration {
  return { enabled: given?.enabled ?? false };
}

/** Rejects InvalidEncryptionConfiguration. */
export function completeEncryption(given: EncryptionConfiguration | undefined): EncryptionConfiguration {
  if (given === undefined || given.type === "AWS_OWNED_KEY") {
    if (given?.kmsKeyId !== undefined || given?.kmsDataKeyReusePeriodSeconds !== undefined) {
      throw invalidEncryption("kmsKeyId and kmsDataKeyReusePeriodSeconds cannot be specified with AWS_OWNED_KEY.");
    }
    return { type: "AWS_OWNED_KEY" };
  }
  if (given.kmsKeyId === undefined) {
    throw invalidEncryption("kmsKeyId must be specified with CUSTOMER_MANAGED_KMS_KEY.");
  }
  return { ...given, kmsDataKeyReusePeriodSeconds: given.kmsDataKeyReusePeriodSeconds ?? DATA_KEY_REUSE_SECONDS };
}

function invalidEncryption(reason: string): Rejection {
  return new Rejection("InvalidEncryptionConfiguration", `Invalid Encryption Configuration: ${reason}`);
}
