/**
 * Execution logs to CloudWatch Logs, or to what answers in its place. The SDK is loaded with the first entry. Streams are
 * created when they are first written to; groups are not: AWS does not create them either.
 */
import type { CloudWatchLogsClient, InputLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import type { AwsEndpoint } from "./aws-endpoint.ts";
import { clientSettings } from "./aws-endpoint.ts";
import type { LogRecord, LogSink } from "./log-sink.ts";

/** What AWS creates first in a log group it is to deliver to (recorded-behaviour.md 41). */
const VALIDATION_STREAM = "log_stream_created_by_aws_to_validate_log_delivery_subscriptions";

const CALLS_AT_ONCE = 8;
const STREAMS_REMEMBERED_MAX = 10_000;
const PREPARE_TIMEOUT_MS = 3_000;
/** PutLogEvents takes 1,048,576 bytes, and counts 26 for each event on top of its text. */
const CALL_BYTES_MAX = 1_000_000;
const EVENT_BYTES = 26;

interface Target {
  readonly logGroupName: string;
  readonly logStreamName: string;
  readonly region: string;
}

export class CloudWatchLogSink implements LogSink {
  readonly #endpoint: AwsEndpoint;
  readonly #clients = new Map<string, Promise<CloudWatchLogsClient>>();
  /** Streams that exist, in order of first use; bounded. */
  readonly #streams = new Set<string>();

  constructor(endpoint: AwsEndpoint) {
    this.#endpoint = endpoint;
  }

  async send(
    batch: readonly LogRecord[],
    refused: (count: number, reason: unknown) => void,
  ): Promise<readonly LogRecord[]> {
    const calls = [...byStream(batch).values()].flatMap(inCalls);
    const again = new Set<LogRecord>();
    let failure: unknown;
    const lane = async (): Promise<void> => {
      for (let call = calls.shift(); call !== undefined; call = calls.shift()) {
        try {
          await this.#put(call, refused);
        } catch (error) {
          if (isMissing(error)) refused(call.length, error);
          else {
            failure = error;
            for (const record of call) again.add(record);
          }
        }
      }
    };
    await Promise.all(Array.from({ length: CALLS_AT_ONCE }, lane));
    if (again.size === batch.length) throw failure;
    return batch.filter((record) => again.has(record));
  }

  async #put(call: readonly LogRecord[], refused: (count: number, reason: unknown) => void): Promise<void> {
    const [first] = call;
    if (first === undefined) return;
    const { region, ...stream } = targetOf(first.logGroupArn, first.logStream);
    const client = await this.#client(region);
    await this.#createStream(client, { region, ...stream });
    const { PutLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const logEvents: InputLogEvent[] = call.map(({ timestamp, message }) => ({ timestamp, message }));
    try {
      const { rejectedLogEventsInfo: rejected } = await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
      const tooOld = Math.max(rejected?.tooOldLogEventEndIndex ?? 0, rejected?.expiredLogEventEndIndex ?? 0);
      const tooNew = call.length - (rejected?.tooNewLogEventStartIndex ?? call.length);
      if (tooOld + tooNew > 0) refused(tooOld + tooNew, new Error("CloudWatch Logs found them too old or too new"));
    } catch (error) {
      // The group may have been deleted and created again since the stream was made.
      this.#streams.delete(keyOf({ region, ...stream }));
      throw error;
    }
  }

  async #createStream(client: CloudWatchLogsClient, target: Target, signal?: AbortSignal): Promise<void> {
    const key = keyOf(target);
    if (this.#streams.has(key)) return;
    const { logGroupName, logStreamName } = target;
    const { CreateLogStreamCommand } = await import("@aws-sdk/client-cloudwatch-logs");
    const options = signal === undefined ? {} : { abortSignal: signal };
    try {
      await client.send(new CreateLogStreamCommand({ logGroupName, logStreamName }), options);
    } catch (error) {
      if (!(error instanceof Error && error.name === "ResourceAlreadyExistsException")) throw error;
    }
    this.#streams.add(key);
    const [oldest] = this.#streams;
    if (this.#streams.size > STREAMS_REMEMBERED_MAX && oldest !== undefined) this.#streams.delete(oldest);
  }

  async prepare(logGroupArn: string): Promise<boolean> {
    const target = targetOf(logGroupArn, VALIDATION_STREAM);
    // Never from memory: the group may be gone.
    this.#streams.delete(keyOf(target));
    try {
      const client = await this.#client(target.region);
      await this.#createStream(client, target, AbortSignal.timeout(PREPARE_TIMEOUT_MS));
      return true;
    } catch (error) {
      return !isMissing(error);
    }
  }

  #client(region: string): Promise<CloudWatchLogsClient> {
    let client = this.#clients.get(region);
    if (client === undefined) {
      client = import("@aws-sdk/client-cloudwatch-logs").then(
        (sdk) => new sdk.CloudWatchLogsClient(clientSettings(this.#endpoint, region)),
      );
      this.#clients.set(region, client);
    }
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) (await client).destroy();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && error.name === "ResourceNotFoundException";
}

function keyOf({ region, logGroupName, logStreamName }: Target): string {
  return `${region}\n${logGroupName}\n${logStreamName}`;
}

/** `arn:aws:logs:<region>:<account>:log-group:<name>:*` */
function targetOf(logGroupArn: string, logStreamName: string): Target {
  const [, , , region = "", , , ...name] = logGroupArn.split(":");
  return { region, logGroupName: name.join(":").replace(/:\*$/, ""), logStreamName };
}

function byStream(batch: readonly LogRecord[]): Map<string, LogRecord[]> {
  return Map.groupBy(batch, ({ logGroupArn, logStream }) => `${logGroupArn}\n${logStream}`);
}

/** In pieces that one call takes. CloudWatch Logs wants them in order of time, and they are. */
function inCalls(records: readonly LogRecord[]): LogRecord[][] {
  const calls: LogRecord[][] = [];
  let bytes = CALL_BYTES_MAX;
  for (const record of records) {
    const size = Buffer.byteLength(record.message) + EVENT_BYTES;
    if (bytes + size > CALL_BYTES_MAX) {
      calls.push([]);
      bytes = 0;
    }
    bytes += size;
    calls.at(-1)?.push(record);
  }
  return calls;
}
