/** The items in what an ItemReader has read, given as one text. features.md A.12. */
import { CsvItems } from "../csv/csv-items.ts";
import { DamagedData } from "../csv/damaged-data.ts";
import { getOwn } from "../data/own-property.ts";
import { StatesErrorSignal } from "../errors/states-error.ts";
import type { MapRunReader } from "../execution/map-run-plan.ts";
import { isJsonArray, isJsonObject, type Json } from "../json.ts";

/** Throws States.ItemReaderFailed. A listing of objects and a manifest are JSON. */
export function readItems(text: string, reader: MapRunReader): readonly Json[] {
  const items = readAll(text, reader);
  const { maxItems = 0 } = reader;
  return maxItems > 0 ? items.slice(0, maxItems) : items;
}

function readAll(text: string, reader: MapRunReader): readonly Json[] {
  switch (reader.inputType) {
    case "CSV":
      return readCsv(text, reader);
    case "JSONL":
      return text.split(/\r?\n/).flatMap((line) => (line.trim() === "" ? [] : [parseJson(line)]));
    case "PARQUET":
      throw readerFailed("Data of the InputType 'PARQUET' cannot be given as text.");
    default:
      return iterable(pointedTo(parseJson(text), reader.itemsPointer ?? ""));
  }
}

function readCsv(text: string, reader: MapRunReader): readonly Json[] {
  const items: Json[] = [];
  try {
    const rows = new CsvItems(reader);
    rows.push(text.replace(/^\uFEFF/, ""), items);
    rows.end(items);
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    throw readerFailed(error.place === undefined ? error.message : `${error.place}: ${error.message}`);
  }
  return items;
}

/** An array's elements, or an object's members as `{Key, Value}`. */
function iterable(value: Json | undefined): readonly Json[] {
  if (isJsonArray(value)) return value;
  if (isJsonObject(value)) return Object.entries(value).map(([Key, Value]) => ({ Key, Value }));
  throw readerFailed("Attempting to map over non-iterable node.");
}

/** RFC 6901. */
function pointedTo(document: Json, pointer: string): Json | undefined {
  let found: Json | undefined = document;
  for (const token of pointer.split("/").slice(1)) {
    const name = token.replaceAll("~1", "/").replaceAll("~0", "~");
    if (isJsonArray(found)) found = /^(?:0|[1-9]\d*)$/.test(name) ? found[Number(name)] : undefined;
    else found = isJsonObject(found) ? getOwn(found, name) : undefined;
  }
  return found;
}

function parseJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw readerFailed(`The data is not valid JSON: ${error.message}`);
  }
}

function readerFailed(cause: string): StatesErrorSignal {
  return new StatesErrorSignal("States.ItemReaderFailed", cause);
}
