/** A definition in JSON as YAML, and the other way. */

import { basename } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { parse, stringify } from "yaml";
import { UsageError } from "../usage-error.ts";
import { CONVERSIONS } from "./conversions.ts";
import type { Converter, ConvertSource } from "./converter.ts";

/** True for the definition of a state machine. */
export function isDefinition({ value }: ConvertSource): boolean {
  return typeof value === "object" && value !== null && "StartAt" in value && "States" in value;
}

export const definitionToYaml: Converter = {
  ...CONVERSIONS.definitionToYaml,
  accepts: isDefinition,
  convert(source) {
    // Words that YAML 1.1 takes for booleans and dates are put in quotes: SAM reads 1.1.
    const text = stringify(source.value, { lineWidth: 0, compat: "yaml-1.1", aliasDuplicateObjects: false });
    if (!isDeepStrictEqual(parse(text, { maxAliasCount: 0 }), source.value))
      throw new UsageError(`${source.path}: holds a value that YAML cannot say`);
    return [{ name: `${stem(source.path)}.yaml`, text }];
  },
};

export const definitionToJson: Converter = {
  ...CONVERSIONS.definitionToJson,
  accepts: isDefinition,
  convert: (source) => [{ name: `${stem(source.path)}.json`, text: `${JSON.stringify(source.value, null, 2)}\n` }],
};

/** `orders.asl.json` is `orders.asl`. */
export function stem(path: string): string {
  return basename(path).replace(/\.(json|ya?ml)$/i, "");
}
