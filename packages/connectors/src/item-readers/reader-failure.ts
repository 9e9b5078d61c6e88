/** How reading fails: always States.ItemReaderFailed, with a cause that names the file and, where there is one, the row. */
import { DamagedData, StatesErrorSignal } from "@stepwell/core/rows";
import type { ObjectStoreError } from "@stepwell/engine";

export { DamagedData };

const SHOWN_MAX = 500;

export function readerFailed(cause: string): StatesErrorSignal {
  return new StatesErrorSignal("States.ItemReaderFailed", cause);
}

/** `position` is `s3://bucket/key` or `s3://bucket/key, row 7`. */
export function damaged(position: string, error: DamagedData): StatesErrorSignal {
  const place = error.place === undefined ? position : `${position}, ${error.place}`;
  return readerFailed(`${place}: ${error.message.slice(0, SHOWN_MAX)}`);
}

/** A store's refusal in the words of the AWS SDK for Java v1, which optimised integrations use (fact 22). */
export function storeFailure(error: ObjectStoreError): string {
  const place = `s3://${error.bucket}${error.key === undefined ? "" : `/${error.key}`}`;
  if (error.code === "PreconditionFailed") return `${place}: The object was changed while its items were read`;
  if (error.statusCode === undefined) return `${place}: ${error.message}`;
  const details = [
    "Service: Amazon S3",
    `Status Code: ${error.statusCode}`,
    `Error Code: ${error.code}`,
    `Request ID: ${error.requestId ?? null}`,
    `S3 Extended Request ID: ${error.extendedRequestId ?? null}`,
    "Proxy: null",
  ];
  return `${place}: ${error.message} (${details.join("; ")})`;
}
