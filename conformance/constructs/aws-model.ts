/** The APIs of AWS's services as the models beside the connectors describe them, read here without the product's code. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";
import type { OperationData, ServiceData, Shape, ShapeReference } from "@stepwell/connectors";

export interface Api {
  /** `dynamodb`. */
  readonly service: string;
  readonly data: ServiceData;
}

export interface Operation extends OperationData {
  /** `GetItem`. */
  readonly name: string;
}

const DIRECTORY = join(import.meta.dirname, "../../packages/connectors/service-models");
const loaded = new Map<string, Api | undefined>();

/** Undefined when AWS has no such service. */
export function apiOf(service: string): Api | undefined {
  if (!loaded.has(service)) loaded.set(service, load(service));
  return loaded.get(service);
}

function load(service: string): Api | undefined {
  const index = JSON.parse(readFileSync(join(DIRECTORY, "index.json"), "utf8")) as Record<string, string>;
  if (!Object.hasOwn(index, service)) return undefined;
  const packed = readFileSync(join(DIRECTORY, `${service}.json.br`));
  return { service, data: JSON.parse(brotliDecompressSync(packed).toString()) as ServiceData };
}

/** By its name in any case: `getItem`, `GetItem`. */
export function operationOf(api: Api, action: string): Operation | undefined {
  const entries = Object.entries(api.data.operations);
  const found = entries.find(([name]) => name.toLowerCase() === action.toLowerCase());
  return found === undefined ? undefined : { name: found[0], ...found[1] };
}

export function shapeOf(api: Api, reference: ShapeReference): Shape {
  const shape = api.data.shapes[reference.shape];
  if (shape === undefined) throw new Error(`${api.service} must have the shape ${reference.shape}`);
  return shape;
}
