/**
 * Values on their way into and out of the AWS SDK: JSON of workflows on one side, JavaScript values on the other, by the
 * service's model. Parameters have been renamed to the API's members before (service-models/parameters.ts).
 */
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "@stepwell/core";
import type { Shape, ShapeReference } from "../service-models/model-data.ts";
import { memberName, type Spelling, sdkMemberName } from "../service-models/names.ts";
import type { ServiceModel } from "../service-models/service-model.ts";
import { asText } from "./json-texts.ts";

/** How timestamps are written: the SDK for Java v1 had them as milliseconds, v2 as ISO texts; with v2 go its names. */
export type TimeStyle = "millis" | "iso";

/** Deeper than any API; a bound for models that contain themselves. */
const DEPTH_MAX = 100;

/** A timestamp that is none. */
export class ValueProblem extends Error {}

/** The SDK's input for an API's input as JSON: blobs are bytes of texts, timestamps dates; null members are left out. */
export function sdkInput(model: ServiceModel, reference: ShapeReference, value: Json, name = "", depth = 0): unknown {
  const shape = model.shape(reference);
  if (shape.document === true || depth > DEPTH_MAX) return value;
  const inner = (of: ShapeReference, item: Json, itemName: string) => sdkInput(model, of, item, itemName, depth + 1);
  if (shape.type === "structure" && isJsonObject(value)) {
    const members = shape.members ?? {};
    return fromEntries(value, (member, item) =>
      item === null || members[member] === undefined ? undefined : inner(members[member], item, member),
    );
  }
  if (shape.type === "list" && isJsonArray(value) && shape.member !== undefined) {
    const { member } = shape;
    return value.map((item) => inner(member, item, name));
  }
  if (shape.type === "map" && isJsonObject(value) && shape.value !== undefined) {
    const { value: of } = shape;
    return fromEntries(value, (key, item) => (item === null ? undefined : inner(of, item, key)));
  }
  if (shape.type === "blob") return Buffer.from(String(value));
  if (shape.type === "timestamp") return dateOf(value, name);
  return value;
}

/** Numbers this large are milliseconds, smaller ones seconds: the year 5138 in the one, March 1973 in the other. */
const MILLIS_MIN = 100_000_000_000;

function dateOf(value: Json, name: string): Date {
  const date = new Date(
    typeof value === "number" && Math.abs(value) < MILLIS_MIN ? value * 1000 : (value as string | number),
  );
  if (Number.isNaN(date.getTime())) {
    throw new ValueProblem(`The value of the field '${memberName(name)}' has an invalid format`);
  }
  return date;
}

/** An SDK's output, or JSON from the wire, as JSON for workflows: members capitalised, in alphabetical order, the body last. Streams must be bytes by now. */
export function jsonOutput(
  model: ServiceModel,
  reference: ShapeReference,
  value: unknown,
  times: TimeStyle,
  depth = 0,
): Json {
  const shape = model.shape(reference);
  if (value === null || value === undefined || depth > DEPTH_MAX) return null;
  const inner = (of: ShapeReference, item: unknown) => jsonOutput(model, of, item, times, depth + 1);
  if (shape.document === true) return value as Json;
  switch (shape.type) {
    case "structure":
      return structureJson(
        shape,
        value as Readonly<Record<string, unknown>>,
        times === "iso" ? sdkMemberName : memberName,
        inner,
      );
    case "list":
      return (value as readonly unknown[]).map((item) => inner(shape.member as ShapeReference, item));
    case "map":
      return fromEntries(value as Readonly<Record<string, unknown>>, (_key, item) =>
        item === undefined ? undefined : inner(shape.value as ShapeReference, item),
      ) as JsonObject;
    case "timestamp":
      return timeJson(value, times);
    case "blob":
      return value instanceof Uint8Array ? blobText(value) : String(value);
    case "string":
      return String(value);
    case "boolean":
      return Boolean(value);
    default:
      return Number.isFinite(Number(value)) ? Number(value) : String(value);
  }
}

function structureJson(
  shape: Shape,
  value: Readonly<Record<string, unknown>>,
  spelling: Spelling,
  inner: (of: ShapeReference, item: unknown) => Json,
): JsonObject {
  const body = shape.payload ?? "";
  const names = Object.keys(shape.members ?? {}).filter((name) => value[name] !== undefined && value[name] !== null);
  const ordered = names.filter((name) => name !== body).sort((a, b) => (spelling(a) < spelling(b) ? -1 : 1));
  if (names.includes(body)) ordered.push(body);
  return Object.fromEntries(
    ordered.map((name) => [spelling(name), inner(shape.members?.[name] as ShapeReference, value[name])]),
  );
}

/** Numbers are seconds, as on the wire. Java's Instant leaves out a fraction of zero. */
function timeJson(value: unknown, times: TimeStyle): Json {
  const date = value instanceof Date ? value : new Date(typeof value === "number" ? value * 1000 : String(value));
  if (Number.isNaN(date.getTime())) return String(value);
  return times === "millis" ? date.getTime() : date.toISOString().replace(".000Z", "Z");
}

/** Bytes are a text where they are one; else base64, so that nothing is lost. */
function blobText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("base64");
  }
}

/**
 * Parameters of an aws-sdk integration that are no text where the API wants one become their JSON text, and texts become
 * numbers where it wants numbers (recorded: test_s3_put_object, test_sfn_start_execution_implicit_json_serialisation).
 * Names are those of workflows.
 */
export function withCoercedValues(model: ServiceModel, reference: ShapeReference, value: Json, depth = 0): Json {
  const shape = model.shape(reference);
  if (value === null || shape.document === true || depth > DEPTH_MAX) return value;
  switch (shape.type) {
    case "structure": {
      if (!isJsonObject(value)) return value;
      const members = new Map(Object.entries(shape.members ?? {}).map(([name, of]) => [sdkMemberName(name), of]));
      return fromEntries(value, (name, item) => {
        const of = members.get(name);
        return of === undefined ? item : withCoercedValues(model, of, item, depth + 1);
      }) as JsonObject;
    }
    case "list":
      return isJsonArray(value)
        ? value.map((item) => withCoercedValues(model, shape.member as ShapeReference, item, depth + 1))
        : value;
    case "map":
      return isJsonObject(value)
        ? (fromEntries(value, (_key, item) =>
            withCoercedValues(model, shape.value as ShapeReference, item, depth + 1),
          ) as JsonObject)
        : value;
    case "string":
      return asText(value);
    case "blob":
      // A body that is streamed is always JSON, a text in quotes too.
      return isStreamed(shape, reference) ? JSON.stringify(value) : asText(value);
    case "integer":
    case "long":
    case "float":
    case "double":
      return typeof value === "string" && value.trim() !== "" && Number.isFinite(Number(value)) ? Number(value) : value;
    default:
      return value;
  }
}

/**
 * Parameters of an optimised integration with their members in workflows' spelling: the API's own (`attempts`) is accepted
 * below the top, as AWS's examples for Batch have it.
 */
export function withCapitals(model: ServiceModel, reference: ShapeReference, value: Json, depth = 0): Json {
  const shape = model.shape(reference);
  if (shape.document === true || depth > DEPTH_MAX) return value;
  const inner = (of: ShapeReference | undefined, item: Json) =>
    of === undefined ? item : withCapitals(model, of, item, depth + 1);
  if (isJsonArray(value)) return shape.type === "list" ? value.map((item) => inner(shape.member, item)) : value;
  if (!isJsonObject(value)) return value;
  if (shape.type === "map") return fromEntries(value, (_key, item) => inner(shape.value, item)) as JsonObject;
  const known = new Map(Object.entries(shape.members ?? {}).map(([name, of]) => [memberName(name), of]));
  const spelled = Object.entries(value).map(([name, item]) => {
    const wanted = depth > 0 && !known.has(name) && known.has(memberName(name)) ? memberName(name) : name;
    return [wanted, inner(known.get(wanted), item)];
  });
  return Object.fromEntries(spelled);
}

function isStreamed(shape: Shape, reference: ShapeReference): boolean {
  return shape.streaming === true || reference.streaming === true;
}

/** The member of an input that is streamed: S3's `Body`. */
export function streamedMember(model: ServiceModel, reference: ShapeReference): string | undefined {
  const members = Object.entries(model.shape(reference).members ?? {});
  return members.find(([, of]) => isStreamed(model.shape(of), of))?.[0];
}

/** Through entries, so that a member called `__proto__` stays a member. Undefined values are left out. */
function fromEntries<From, To>(
  object: Readonly<Record<string, From>>,
  each: (name: string, item: From) => To | undefined,
): Record<string, To> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([name, item]) => {
      const made = each(name, item);
      return made === undefined ? [] : [[name, made]];
    }),
  );
}
