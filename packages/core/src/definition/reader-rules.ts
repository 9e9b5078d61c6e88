/** What the fields of an ItemReader demand of each other, whatever its parameters will be. features.md A.12. */
import { getOwn } from "../data/own-property.ts";
import { isJsonArray, isJsonObject, type Json, type JsonObject } from "../json.ts";
import type { FieldSite } from "./field.ts";
import type { DefinitionPath } from "./findings.ts";

const DATA_TYPES = ["CSV", "JSON", "JSONL", "PARQUET"] as const;
const ATHENA_TYPES = ["CSV", "JSONL", "PARQUET"] as const;

/** RFC 6901, 3: another text would lead nowhere, or to the whole document. */
const JSON_POINTER = /^(?:\/(?:[^~]|~[01])*)?$/s;

export function checkReader(resource: string, reader: JsonObject, site: FieldSite): void {
  const isListing = resource.endsWith(":listObjectsV2");
  const written = getOwn(reader, "ReaderConfig");
  const config = isJsonObject(written) ? written : {};
  const place = { site, path: written === undefined ? site.path : [...site.path, "ReaderConfig"] };
  checkFormat(isListing, config, place);
  checkCsv(config, place);
  checkPointer(config, place);
  checkObjectParameters(reader, isListing ? ["Bucket"] : ["Bucket", "Key"], site);
}

interface Place {
  readonly site: FieldSite;
  readonly path: DefinitionPath;
}

/** What is read: objects, listings, or what they lead to. */
function checkFormat(isListing: boolean, config: JsonObject, place: Place): void {
  const manifestType = getOwn(config, "ManifestType");
  const flattens = getOwn(config, "Transformation") === "LOAD_AND_FLATTEN";
  const inputType = getOwn(config, "InputType");
  if (isListing && manifestType !== undefined) {
    refuse(place, "A ManifestType needs the Resource s3:getObject", "ManifestType");
  } else if (isListing && !flattens) {
    if (inputType === undefined) return;
    refuse(place, "An InputType of s3:listObjectsV2 needs the Transformation LOAD_AND_FLATTEN", "InputType");
  } else if (flattens && !isListing) {
    refuse(place, "LOAD_AND_FLATTEN needs the Resource s3:listObjectsV2", "Transformation");
  } else if (manifestType === "S3_INVENTORY") {
    if (inputType !== undefined && inputType !== "MANIFEST") {
      refuse(place, "An InputType cannot be given with the ManifestType S3_INVENTORY", "InputType");
    }
  } else if (manifestType === "ATHENA_DATA") checkInputType(ATHENA_TYPES, inputType, place);
  else checkInputType(isListing ? DATA_TYPES : [...DATA_TYPES, "MANIFEST"], inputType, place);
}

/** A value that no reader knows has been reported with the field. */
function checkInputType(possible: readonly string[], inputType: Json | undefined, place: Place): void {
  if (inputType === undefined) requireField(place, "InputType");
  else if (inputType === "MANIFEST" || inputType === "JSON") {
    if (possible.includes(inputType)) return;
    refuse(place, `The field 'InputType' should have one of these values: [${possible.join(", ")}]`, "InputType");
  }
}

function checkCsv(config: JsonObject, place: Place): void {
  if (getOwn(config, "InputType") !== "CSV") return;
  const location = getOwn(config, "CSVHeaderLocation");
  if (location === undefined) requireField(place, "CSVHeaderLocation");
  if (location !== "GIVEN") return;
  const headers = getOwn(config, "CSVHeaders");
  if (headers === undefined) requireField(place, "CSVHeaders");
  else if (isJsonArray(headers) && headers.length === 0) refuse(place, "Value cannot be empty", "CSVHeaders");
}

function checkPointer(config: JsonObject, place: Place): void {
  const pointer = getOwn(config, "ItemsPointer");
  if (typeof pointer !== "string" || JSON_POINTER.test(pointer)) return;
  refuse(place, "Value must be a valid JSON Pointer", "ItemsPointer");
}

/** The parameters of S3 actions: all of them texts. features.md A.12, A.14. */
const TEXT_PARAMETERS: readonly string[] = ["Bucket", "Key", "Prefix", "VersionId", "ExpectedBucketOwner"];

/** What an S3 action cannot do without, and what it cannot use, where its parameters are written as an object. */
export function checkObjectParameters(holder: JsonObject, names: readonly string[], site: FieldSite): void {
  const field = site.state.language === "JSONata" ? "Arguments" : "Parameters";
  const parameters = getOwn(holder, field);
  if (!isJsonObject(parameters)) return;
  for (const name of names) {
    if (Object.hasOwn(parameters, name) || (field === "Parameters" && Object.hasOwn(parameters, `${name}.$`))) continue;
    const message = `The field '${name}' is required but was missing`;
    site.context.findings.schemaError(message, [...site.path, field]);
  }
  for (const name of TEXT_PARAMETERS) {
    const value = getOwn(parameters, name);
    if (value === undefined || typeof value === "string") continue;
    site.context.findings.schemaError("Expected value of type String", [...site.path, field, name]);
  }
}

function requireField({ site, path }: Place, name: string): void {
  site.context.findings.schemaError(`These fields are required: [${name}]`, path);
}

function refuse({ site, path }: Place, message: string, field: string): void {
  site.context.findings.schemaError(message, [...path, field]);
}
