/**
 * Writes packages/connectors/service-models: what AWS's service APIs ask for and answer, from the models in botocore.
 *
 *   node scripts/build-service-models.mjs [botocore's data directory]
 *
 * Without an argument, the botocore that python3 imports is taken. One file a service, named by the service's token in
 * `arn:aws:states:::aws-sdk:<token>:<action>`, brotli-compressed JSON; and index.json. What Step Functions, or a client
 * made from a model, does not need (documentation, patterns, endpoint rules) is left out.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gunzipSync } from "node:zlib";

const OUT = join(import.meta.dirname, "../packages/connectors/service-models");

const METADATA = [
  "apiVersion",
  "awsQueryCompatible",
  "endpointPrefix",
  "globalEndpoint",
  "jsonVersion",
  "protocol",
  "protocols",
  "serviceId",
  "signingName",
  "targetPrefix",
  "xmlNamespace",
];
const OPERATION = ["authtype", "endpoint", "errors", "http", "httpChecksumRequired", "input", "output"];
const SHAPE = [
  "document",
  "enum",
  "error",
  "eventstream",
  "exception",
  "flattened",
  "key",
  "locationName",
  "max",
  "member",
  "members",
  "min",
  "payload",
  "required",
  "streaming",
  "timestampFormat",
  "type",
  "union",
  "value",
  "xmlNamespace",
];
const REFERENCE = [
  "flattened",
  "hostLabel",
  "idempotencyToken",
  "jsonvalue",
  "location",
  "locationName",
  "queryName",
  "shape",
  "streaming",
  "xmlAttribute",
  "xmlNamespace",
];

/**
 * Where Step Functions is known to hold mocked results against another value than the newest model's: `[service, shape,
 * member, value]`. Lambda: recorded, a MemorySize of 10241 "exceeds the maximum value".
 */
const OBSERVED = [["lambda", "MemorySize", "max", 10240]];

const models = readModels(process.argv[2] ?? botocoreData());
rmSync(OUT, { recursive: true, force: true });
mkdirSync(OUT, { recursive: true });
const index = {};
let bytes = 0;
for (const [directory, model] of models) {
  const prefix = exceptionPrefix(model.metadata.serviceId);
  const token = prefix.toLowerCase();
  // botocore has one service under two names: sms-voice and pinpoint-sms-voice.
  if (index[token] !== undefined) continue;
  index[token] = prefix;
  const text = JSON.stringify(trimModel(directory, model));
  const packed = brotliCompressSync(text, {
    params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: text.length },
  });
  bytes += packed.length;
  writeFileSync(join(OUT, `${token}.json.br`), packed);
}
const sorted = Object.fromEntries(Object.entries(index).sort(([a], [b]) => (a < b ? -1 : 1)));
writeFileSync(join(OUT, "index.json"), `${JSON.stringify(sorted, null, 1)}\n`);
writeFileSync(join(OUT, "NOTICE"), notice());
console.log(`${Object.keys(index).length} services, ${bytes} bytes`);

function botocoreData() {
  const program = "import botocore, os; print(os.path.join(os.path.dirname(botocore.__file__), 'data'))";
  return execFileSync("python3", ["-c", program], { encoding: "utf8" }).trim();
}

/** The newest API version of each service. */
function readModels(data) {
  const found = [];
  for (const directory of readdirSync(data).sort()) {
    const file = versionsOf(data, directory)
      .reverse()
      .flatMap((version) => ["service-2.json.gz", "service-2.json"].map((name) => join(data, directory, version, name)))
      .find(existsSync);
    if (file === undefined) continue;
    const read = readFileSync(file);
    found.push([directory, JSON.parse(file.endsWith(".gz") ? gunzipSync(read) : read)]);
  }
  return found;
}

function versionsOf(data, directory) {
  try {
    return readdirSync(join(data, directory))
      .filter((name) => /^\d{4}-\d{2}-\d{2}$/.test(name))
      .sort();
  } catch (error) {
    if (error.code === "ENOTDIR") return [];
    throw error;
  }
}

function trimModel(directory, { metadata, operations, shapes }) {
  const kept = mapValues(shapes, trimShape);
  for (const [service, shape, member, value] of OBSERVED) {
    if (service !== directory) continue;
    if (kept[shape]?.[member] === undefined) throw new Error(`${service} has no ${shape}.${member}`);
    kept[shape][member] = value;
  }
  return { metadata: pick(metadata, METADATA), operations: mapValues(operations, trimOperation), shapes: kept };
}

function trimOperation(operation) {
  const { input, output, errors, ...rest } = pick(operation, OPERATION);
  return {
    ...rest,
    ...(input === undefined ? {} : { input: pick(input, REFERENCE) }),
    ...(output === undefined ? {} : { output: pick(output, [...REFERENCE, "resultWrapper"]) }),
    ...(errors === undefined ? {} : { errors: errors.map((error) => error.shape) }),
  };
}

function trimShape(shape) {
  const kept = pick(shape, SHAPE);
  if (kept.members !== undefined) kept.members = mapValues(kept.members, (member) => pick(member, REFERENCE));
  for (const name of ["member", "key", "value"]) {
    if (kept[name] !== undefined) kept[name] = pick(kept[name], REFERENCE);
  }
  return kept;
}

function pick(object, names) {
  return Object.fromEntries(Object.entries(object).filter(([name]) => names.includes(name)));
}

function mapValues(object, change) {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value)]));
}

/** The name of the service's client in the AWS SDK for Java 2, by that SDK's rules for turning a service id into it. */
function exceptionPrefix(serviceId) {
  const words = serviceId
    .replace(/[^A-Za-z0-9]+/g, " ")
    .replace(/([^a-z]{2,})v([0-9]+)/g, "$1 v$2 ")
    .replace(/([^A-Z]{2,})V([0-9]+)/g, "$1 V$2 ")
    .split(/(?<=[a-z])(?=[A-Z][a-zA-Z0-9])/)
    .join(" ")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .replace(/([0-9])([a-zA-Z])/g, "$1 $2")
    .trim()
    .split(/ +/);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join("");
  return name
    .replace(/^Amazon/, "")
    .replace(/^Aws/, "")
    .replace(/Service$/, "");
}

function notice() {
  return `Service models of AWS, from botocore (https://github.com/boto/botocore).
Copyright 2012-2026 Amazon.com, Inc. or its affiliates. All Rights Reserved.
Licensed under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0).

Changed by scripts/build-service-models.mjs: documentation, patterns and other members that Stepwell does not need are
left out, single values are set to what AWS Step Functions is seen to use, and each model is compressed with brotli.
`;
}
