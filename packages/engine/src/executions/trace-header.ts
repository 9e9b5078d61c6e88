/** Later versions may go on after a further dash; the first has an end, and ff is none. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})(?:$|(?<!^00.{53})-)/;

/**
 * A W3C `traceparent` as the X-Ray header that executions keep (`traceHeader` of StartExecution); `undefined` when it is
 * none. W3C Trace Context, "traceparent Header"; AWS X-Ray, "Tracing header".
 */
export function traceHeaderOf(traceparent: string): string | undefined {
  const [, seconds, rest, parent, flags = ""] = TRACEPARENT.exec(traceparent) ?? [];
  // All zeros mean no trace, and no span.
  if (seconds === undefined || /^0+$/.test(`${seconds}${rest}`) || /^0+$/.test(`${parent}`)) return undefined;
  return `Root=1-${seconds}-${rest};Parent=${parent};Sampled=${Number.parseInt(flags, 16) & 1}`;
}
