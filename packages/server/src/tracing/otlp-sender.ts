import type { HrTime, SpanContext } from "@opentelemetry/api";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import type { EndedSpan, SpanSender } from "./execution-traces.ts";

interface Otlp {
  readonly exporter: SpanExporter;
  readonly readable: (span: EndedSpan) => ReadableSpan;
}

const SERVICE_NAME = "stepwell";
/** `ExportResultCode.SUCCESS`. */
const SUCCESS = 0;
const SAMPLED = 1;
const INTERNAL = 0;
const STATUS_UNSET = 0;
const STATUS_ERROR = 2;

/** True when the environment names an OTLP endpoint for traces. OpenTelemetry, "OTLP Exporter Configuration". */
export function wantsTraces(env: { readonly [name: string]: string | undefined }): boolean {
  if (env["OTEL_SDK_DISABLED"] === "true" || env["OTEL_TRACES_EXPORTER"] === "none") return false;
  return Boolean(env["OTEL_EXPORTER_OTLP_ENDPOINT"] || env["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"]);
}

/** Sends spans over OTLP/HTTP to where `OTEL_EXPORTER_OTLP_*` say, as `OTEL_SERVICE_NAME` (default stepwell). */
export function otlpSender(serviceName: string = process.env["OTEL_SERVICE_NAME"] ?? SERVICE_NAME): SpanSender {
  let otlp: Promise<Otlp> | undefined;
  return {
    async send(spans) {
      otlp ??= load(serviceName);
      const { exporter, readable } = await otlp;
      await new Promise<void>((resolve, reject) => {
        exporter.export(spans.map(readable), ({ code, error }) => {
          if (code === SUCCESS) resolve();
          else reject(error ?? new Error("the OTLP endpoint did not take the spans"));
        });
      });
    },
    async close() {
      await (await otlp)?.exporter.shutdown();
    },
  };
}

async function load(serviceName: string): Promise<Otlp> {
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-http");
  const { resourceFromAttributes } = await import("@opentelemetry/resources");
  const resource = resourceFromAttributes({ "service.name": serviceName });
  return { exporter: new OTLPTraceExporter(), readable: (span) => readableSpan(span, resource) };
}

function readableSpan(span: EndedSpan, resource: ReadableSpan["resource"]): ReadableSpan {
  const context = (spanId: string): SpanContext => ({ traceId: span.trace.traceId, spanId, traceFlags: SAMPLED });
  return {
    name: span.name,
    kind: INTERNAL,
    spanContext: () => context(span.spanId),
    ...(span.parentSpanId === undefined ? {} : { parentSpanContext: context(span.parentSpanId) }),
    startTime: hrTime(span.start),
    endTime: hrTime(span.end),
    duration: hrTime(span.end - span.start),
    status: span.error === undefined ? { code: STATUS_UNSET } : { code: STATUS_ERROR, message: span.error },
    attributes: { ...span.attributes },
    links: [],
    events: span.events.map(({ name, timestamp }) => ({ name, time: hrTime(timestamp) })),
    ended: true,
    resource,
    instrumentationScope: { name: "stepwell" },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function hrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}
