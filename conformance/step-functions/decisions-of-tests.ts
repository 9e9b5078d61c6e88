/** STEPWELL_CONFORMANCE_QUICK_MS=0: every expression is evaluated by a thread. Without it there are none. */
export function decisionsOfTests(): { readonly decisions?: { readonly quickMs: number } } {
  const quickMs = process.env["STEPWELL_CONFORMANCE_QUICK_MS"];
  return quickMs === undefined ? {} : { decisions: { quickMs: Number(quickMs) } };
}
