import type { MapRunReader } from "@stepwell/core";
import type { ObjectRef } from "@stepwell/engine";
import { readerFailed } from "./reader-failure.ts";

const SHOWN_MAX = 60;

/** Where a reader reads: `key` for getObject, `prefix` for listObjectsV2. Throws States.ItemReaderFailed. */
export function objectRefOf(reader: MapRunReader): ObjectRef {
  const versionId = optionalText(reader, "VersionId");
  return { ...bucketOf(reader), key: requiredText(reader, "Key"), ...(versionId === undefined ? {} : { versionId }) };
}

export function listingOf(reader: MapRunReader): { bucket: string; prefix?: string; expectedBucketOwner?: string } {
  const prefix = optionalText(reader, "Prefix");
  return { ...bucketOf(reader), ...(prefix === undefined ? {} : { prefix }) };
}

function bucketOf(reader: MapRunReader): { bucket: string; expectedBucketOwner?: string } {
  const expectedBucketOwner = optionalText(reader, "ExpectedBucketOwner");
  return {
    bucket: requiredText(reader, "Bucket"),
    ...(expectedBucketOwner === undefined ? {} : { expectedBucketOwner }),
  };
}

function requiredText(reader: MapRunReader, name: string): string {
  const value = optionalText(reader, name);
  if (value !== undefined && value !== "") return value;
  throw readerFailed(`The ItemReader's '${name}' must be a string with at least one character.`);
}

function optionalText({ parameters }: MapRunReader, name: string): string | undefined {
  const value = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (value === undefined || value === null || typeof value === "string") return value ?? undefined;
  const shown = JSON.stringify(value).slice(0, SHOWN_MAX);
  throw readerFailed(`The ItemReader's '${name}' must be a string, got ${shown}.`);
}
