/** A full answer of an operation, made from its shape alone: every member, a list with one element, the first of an enum. */
import type { ShapeReference } from "@stepwell/connectors";
import type { Json, JsonObject } from "@stepwell/core";
import { type Api, type Operation, shapeOf } from "./aws-model.ts";

/** Deeper members are left out, unless they are required. */
const DEPTH_MAX = 4;
const REQUIRED_DEPTH_MAX = 12;
/** Seconds: 14 November 2023. */
const TIME = 1_700_000_000;

export function sampleOutput(api: Api, operation: Operation): JsonObject {
  if (operation.output === undefined) return {};
  return sample(api, operation.output, "", 0) as JsonObject;
}

function sample(api: Api, reference: ShapeReference, name: string, depth: number): Json {
  const shape = shapeOf(api, reference);
  if (shape.document === true) return {};
  switch (shape.type) {
    case "structure": {
      const members = Object.entries(shape.members ?? {}).filter(([member, of]) => {
        // Pages end, and streams of events are no answer to wait for.
        if (/^(next)?(token|marker)$/i.test(member) || shapeOf(api, of).eventstream === true) return false;
        if (shape.required?.includes(member)) return depth < REQUIRED_DEPTH_MAX;
        return depth < DEPTH_MAX;
      });
      const some = shape.union === true ? members.slice(0, 1) : members;
      // A call that succeeded has no failures.
      const good = some.filter(([member]) => !/^(failures|errors)$/i.test(member));
      return Object.fromEntries(good.map(([member, of]) => [member, sample(api, of, member, depth + 1)]));
    }
    case "list":
      return depth < DEPTH_MAX || (shape.min ?? 0) > 0 ? [sample(api, shape.member!, name, depth + 1)] : [];
    case "map":
      return depth < DEPTH_MAX ? { key: sample(api, shape.value!, name, depth + 1) } : {};
    case "timestamp":
      return TIME;
    case "boolean":
      return false;
    case "string":
      return shape.enum?.[0] ?? (reference.jsonvalue === true ? "{}" : `a-${name.toLowerCase()}`);
    case "blob":
      return '{"made":"by the model"}';
    default:
      return shape.min ?? 0;
  }
}
