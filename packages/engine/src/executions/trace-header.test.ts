import { expect, test } from "vitest";
import { traceHeaderOf } from "./trace-header.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

test("a traceparent becomes an X-Ray header of the same trace, parent and sampling", () => {
  const header = (flags: number) => `Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=${SPAN};Sampled=${flags}`;
  expect(traceHeaderOf(`00-${TRACE}-${SPAN}-01`)).toBe(header(1));
  expect(traceHeaderOf(`00-${TRACE}-${SPAN}-00`)).toBe(header(0));
  expect(traceHeaderOf(`01-${TRACE}-${SPAN}-03-more`)).toBe(header(1));
});

test.each([
  "",
  "x",
  `00-${TRACE}-${SPAN}`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
])("%s is no traceparent", (text) => {
  expect(traceHeaderOf(text)).toBeUndefined();
});
