/** How outputs become elements of a result: texts of JSON, kept as they are written. features.md A.14. */
import type { MapRunPlan } from "@stepwell/core";
import { JsonValueScan } from "../item-readers/json-value-scan.ts";
import { compactJson } from "../json-text.ts";

type Writer = NonNullable<MapRunPlan["writer"]>;

/** One output's part of the result: itself, or with FLATTEN the elements of an array. */
export function elementsOf(output: string, transformation: Writer["transformation"]): readonly string[] {
  const text = output.includes("\n") ? compactJson(output) : output.trim();
  return transformation === "FLATTEN" && text.startsWith("[") ? arrayElements(text) : [text];
}

function arrayElements(array: string): readonly string[] {
  const elements: string[] = [];
  const scan = new JsonValueScan();
  const inner = array.slice(1, -1).trim();
  for (let at = 0; at < inner.length; ) {
    const end = scan.end(inner, at);
    elements.push(inner.slice(at, end < 0 ? inner.length : end).trim());
    // Behind the comma, or behind all.
    const comma = end < 0 ? -1 : inner.indexOf(",", end);
    at = comma < 0 ? inner.length : comma + 1;
  }
  return elements;
}

/**
 * The state's output when results are not exported, made of the children's outputs in the order of the items: an array, with
 * FLATTEN of the elements of outputs that are arrays; with JSONL one string of lines. Nothing is bounded here: callers know
 * how large an output may be.
 */
export function combineResults(writer: MapRunPlan["writer"], outputs: Iterable<string>): string {
  const { transformation = "COMPACT", outputType = "JSON" } = writer ?? {};
  const elements: string[] = [];
  for (const output of outputs) for (const element of elementsOf(output, transformation)) elements.push(element);
  if (outputType === "JSON") return `[${elements.join(",")}]`;
  return JSON.stringify(elements.map((element) => `${element}\n`).join(""));
}
