/** AWS, "Call HTTPS APIs", "HTTP Task fields"; that Authorization is among them is observed, not written. */
const HTTP_TASK: ReadonlySet<string> = new Set([
  "a-im",
  "accept-charset",
  "accept-datetime",
  "accept-encoding",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-md5",
  "date",
  "expect",
  "forwarded",
  "from",
  "host",
  "http2-settings",
  "if-match",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "if-unmodified-since",
  "max-forwards",
  "origin",
  "pragma",
  "proxy-authorization",
  "referer",
  "server",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "via",
  "warning",
]);

/** AWS, "Create API Gateway REST APIs with Step Functions", "Request format". */
const API_GATEWAY: ReadonlySet<string> = new Set([
  "authorization",
  "connection",
  "content-md5",
  "expect",
  "host",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "transfer-encoding",
  "trailer",
  "upgrade",
  "via",
  "www-authenticate",
]);

const PREFIX = /^x-(forwarded|amz|amzn)/i;

/** The names that a task may not send, in small letters. */
export function forbiddenHeaders(names: readonly string[], of: "httpTask" | "apiGateway"): string[] {
  const list = of === "httpTask" ? HTTP_TASK : API_GATEWAY;
  return names.map((name) => name.toLowerCase()).filter((name) => list.has(name) || PREFIX.test(name));
}
