import type { ItemReaderConfig } from "@stepwell/core";

type ReaderShape = Omit<ItemReaderConfig, "parameters" | "maxItems">;

const READABLE = ["CSV", "JSON", "JSONL", "PARQUET"] as const;
const SHOWN_MAX = 60;
const ATHENA_FORMATS = ["CSV", "JSONL", "PARQUET"] as const;

/** Why an ItemReader cannot be used, in a sentence; `undefined` when it can. features.md A.12. */
export function unsupportedReader(reader: ReaderShape): string | undefined {
  const action = reader.resource.split(":").at(-1);
  if (!/:s3:(?:getObject|listObjectsV2)$/.test(reader.resource)) {
    return `The ItemReader's Resource must be s3:getObject or s3:listObjectsV2, got '${reader.resource}'.`;
  }
  const problem = action === "getObject" ? objectProblem(reader) : listingProblem(reader);
  return problem ?? csvProblem(reader) ?? pointerProblem(reader);
}

function objectProblem({ inputType, manifestType, transformation }: ReaderShape): string | undefined {
  if (transformation === "LOAD_AND_FLATTEN") return "LOAD_AND_FLATTEN needs the Resource s3:listObjectsV2.";
  if (manifestType === "ATHENA_DATA") return athenaProblem(inputType);
  if (manifestType === "S3_INVENTORY") {
    const isFitting = inputType === undefined || inputType === "MANIFEST";
    return isFitting ? undefined : "An InputType cannot be given with the ManifestType S3_INVENTORY.";
  }
  return inputType === undefined ? "An ItemReader of s3:getObject needs an InputType." : undefined;
}

function athenaProblem(inputType: ReaderShape["inputType"]): string | undefined {
  if (inputType !== undefined && (ATHENA_FORMATS as readonly string[]).includes(inputType)) return undefined;
  return `The ManifestType ATHENA_DATA needs one of the InputTypes ${ATHENA_FORMATS.join(", ")}.`;
}

function listingProblem({ inputType, transformation, manifestType }: ReaderShape): string | undefined {
  if (manifestType !== undefined) return "A ManifestType needs the Resource s3:getObject.";
  const isReadable = inputType !== undefined && (READABLE as readonly string[]).includes(inputType);
  if (transformation === "LOAD_AND_FLATTEN") {
    return isReadable ? undefined : `LOAD_AND_FLATTEN needs one of the InputTypes ${READABLE.join(", ")}.`;
  }
  return inputType === undefined
    ? undefined
    : "An InputType of s3:listObjectsV2 needs the Transformation LOAD_AND_FLATTEN.";
}

function csvProblem({ inputType, csvHeaderLocation, csvHeaders }: ReaderShape): string | undefined {
  if (inputType !== "CSV" || csvHeaderLocation !== "GIVEN" || (csvHeaders?.length ?? 0) > 0) return undefined;
  return "The CSVHeaderLocation GIVEN needs CSVHeaders.";
}

/** RFC 6901, 3: another text would lead nowhere, or to the whole document. */
function pointerProblem({ itemsPointer }: ReaderShape): string | undefined {
  if (itemsPointer === undefined || /^(?:\/(?:[^~]|~[01])*)?$/s.test(itemsPointer)) return undefined;
  return `The ItemsPointer must be a JSON Pointer, such as /orders/items, got '${itemsPointer.slice(0, SHOWN_MAX)}'.`;
}
