import { expect, test } from "vitest";
import { Metrics } from "./metrics.ts";

test("metrics are told in Prometheus's text format", async () => {
  const metrics = new Metrics();
  const count = metrics.counter("calls_total", "Calls.", ["operation"]);
  count(["a"]);
  count(["a"]);
  count(['b"\\\n'], 3);
  const observe = metrics.histogram("latency_seconds", "Latency.", ["operation"], [0.1, 1]);
  observe(["a"], 0.05);
  observe(["a"], 0.5);
  observe(["a"], 5);
  metrics.gauge("open", "Open.", [], () => [{ value: 4 }]);
  expect(await metrics.text()).toBe(
    [
      "# HELP calls_total Calls.",
      "# TYPE calls_total counter",
      'calls_total{operation="a"} 2',
      'calls_total{operation="b\\"\\\\\\n"} 3',
      "# HELP latency_seconds Latency.",
      "# TYPE latency_seconds histogram",
      'latency_seconds_bucket{operation="a",le="0.1"} 1',
      'latency_seconds_bucket{operation="a",le="1"} 2',
      'latency_seconds_bucket{operation="a",le="+Inf"} 3',
      'latency_seconds_sum{operation="a"} 5.55',
      'latency_seconds_count{operation="a"} 3',
      "# HELP open Open.",
      "# TYPE open gauge",
      "open 4",
      "",
    ].join("\n"),
  );
});

test("a label with values from outside does not grow without bound", async () => {
  const metrics = new Metrics();
  const count = metrics.counter("calls_total", "Calls.", ["who"]);
  for (let caller = 0; caller < 10_000; caller += 1) count([String(caller)]);
  expect((await metrics.text()).split("\n").length).toBeLessThan(2_010);
});

test("a name is used once", () => {
  const metrics = new Metrics();
  metrics.counter("calls_total", "Calls.");
  expect(() => metrics.counter("calls_total", "Calls.")).toThrow("calls_total");
});
