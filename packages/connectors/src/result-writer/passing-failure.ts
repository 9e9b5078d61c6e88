import type { ObjectStoreError } from "@stepwell/engine";

/** S3's codes that come with other statuses than 5xx. RequestTimeout: it did not get the body in time. */
const CODES: ReadonlySet<string> = new Set(["SlowDown", "RequestTimeout", "NoSuchUpload", "InternalError"]);

/** Of the network, or of a machine that has too much to do. A full disk, or a host without an address, is there to stay. */
const CAUSES: ReadonlySet<string> = new Set([
  "EAGAIN",
  "EAI_AGAIN",
  "EBUSY",
  "ECONNABORTED",
  "ECONNREFUSED",
  "ECONNRESET",
  "EHOSTUNREACH",
  "EMFILE",
  "ENETDOWN",
  "ENETUNREACH",
  "ENFILE",
  "EPIPE",
  "ETIMEDOUT",
  "InternalError",
  "ServiceUnavailable",
  "SlowDown",
  "TimeoutError",
]);

/**
 * Whether the same may well succeed in some minutes. Narrower than `isTransient`, which also holds where no store is
 * configured, or no credentials are found.
 */
export function isPassing({ code, statusCode, cause }: ObjectStoreError): boolean {
  if (CODES.has(code)) return true;
  if (statusCode !== undefined) return statusCode === 429 || (statusCode >= 500 && statusCode !== 501);
  // An answer that ends with an error after all, or none.
  const { code: errno, name } = (cause ?? {}) as { readonly code?: unknown; readonly name?: unknown };
  return CAUSES.has(String(errno)) || CAUSES.has(String(name));
}
