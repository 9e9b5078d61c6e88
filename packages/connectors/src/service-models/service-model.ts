import { readFileSync } from "node:fs";
import { brotliDecompressSync } from "node:zlib";
import type { OperationData, ServiceData, ServiceMetadata, Shape, ShapeReference } from "./model-data.ts";
import { actionName } from "./names.ts";

/** What the API of one AWS service asks for and answers. */
export interface ServiceModel {
  /** `dynamodb`: as in `arn:aws:states:::aws-sdk:dynamodb:getItem`. */
  readonly service: string;
  /** `DynamoDb`: what the names of its errors begin with in an aws-sdk integration. */
  readonly exceptionPrefix: string;
  readonly metadata: ServiceMetadata;
  /** The operation behind an action (`getItem`); `undefined` when the service has none. */
  operation(action: string): OperationModel | undefined;
  /** The actions of all operations, in the API's order. */
  actions(): Iterable<string>;
  shape(reference: ShapeReference): Shape;
  /** True when the API knows an error of this name (`ResourceNotFoundException`, `NoSuchKey`). */
  hasException(name: string): boolean;
}

export interface OperationModel extends OperationData {
  /** `GetItem`. */
  readonly name: string;
}

const DIRECTORY = new URL("../../service-models/", import.meta.url);

/** A model unpacked is up to some megabytes; a workflow calls few services. */
const CACHED_MAX = 24;

const cache = new Map<string, ServiceModel>();
let prefixes: ReadonlyMap<string, string> | undefined;

/** The services that have a model, by token, with the prefixes of their errors. */
export function servicePrefixes(): ReadonlyMap<string, string> {
  prefixes ??= new Map(Object.entries(JSON.parse(readFileSync(new URL("index.json", DIRECTORY), "utf8"))));
  return prefixes;
}

/**
 * The model of a service, by its token in aws-sdk integrations (`dynamodb`, `sfn`, `cloudwatchlogs`); `undefined` when
 * there is no such service. Unpacked at the first call (a few milliseconds) and kept while it is in use.
 */
export function serviceModel(service: string): ServiceModel | undefined {
  const known = cache.get(service);
  const model = known ?? load(service);
  if (model === undefined) return undefined;
  // The order of insertion is the order of use.
  cache.delete(service);
  cache.set(service, model);
  const [oldest] = cache.keys();
  if (cache.size > CACHED_MAX && oldest !== undefined) cache.delete(oldest);
  return model;
}

function load(service: string): ServiceModel | undefined {
  const exceptionPrefix = servicePrefixes().get(service);
  if (exceptionPrefix === undefined) return undefined;
  const packed = readFileSync(new URL(`${service}.json.br`, DIRECTORY));
  const data = JSON.parse(brotliDecompressSync(packed).toString("utf8")) as ServiceData;
  const operations = new Map(
    Object.entries(data.operations).map(([name, operation]) => [actionName(name), { name, ...operation }]),
  );
  return {
    service,
    exceptionPrefix,
    metadata: data.metadata,
    operation: (action) => operations.get(action),
    actions: () => operations.keys(),
    shape(reference) {
      const shape = data.shapes[reference.shape];
      if (shape === undefined) throw new Error(`the model of ${service} must have the shape ${reference.shape}`);
      return shape;
    },
    hasException: (name) => Object.hasOwn(data.shapes, name) && data.shapes[name]?.exception === true,
  };
}
