import type { ShapeReference } from "@stepwell/connectors";
import { type Api, shapeOf } from "./aws-model.ts";

export type MemberType = "string" | "number" | "boolean" | "timestamp" | "array" | "object" | "s3" | "digits";

const TYPES: Readonly<Record<string, MemberType>> = {
  structure: "object",
  map: "object",
  list: "array",
  boolean: "boolean",
  timestamp: "timestamp",
  integer: "number",
  long: "number",
  float: "number",
  double: "number",
};

/** Of a member of this name, wherever the API has one; a text where it has none, but for the input of another execution. */
export function memberType(api: Api | undefined, name: string): MemberType {
  if (/^S3Uri$/i.test(name)) return "s3";
  // What is a text on the wire and must say something else: DynamoDB's numbers, the details of events.
  if (name === "N" && api?.service === "dynamodb") return "digits";
  if (name === "Detail" && api?.service === "eventbridge") return "object";
  if (api === undefined) return name === "Input" ? "object" : "string";
  for (const shape of Object.values(api.data.shapes)) {
    const found = Object.entries(shape.members ?? {}).find(([member]) => member.toLowerCase() === name.toLowerCase());
    const of: ShapeReference | undefined = found?.[1];
    if (of !== undefined) return TYPES[shapeOf(api, of).type] ?? "string";
  }
  return "string";
}
