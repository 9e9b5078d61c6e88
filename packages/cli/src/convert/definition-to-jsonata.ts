/** A JSONPath definition in JSONata. */
import { formatPointer, type JsonObject, toJsonata } from "@stepwell/core";
import { UsageError } from "../usage-error.ts";
import { CONVERSIONS } from "./conversions.ts";
import type { Converter } from "./converter.ts";
import { isDefinition, stem } from "./definition-formats.ts";

export const definitionToJsonata: Converter = {
  ...CONVERSIONS.definitionToJsonata,
  accepts: isDefinition,
  convert(source, { warn }) {
    const definition = source.value as JsonObject;
    if (definition["QueryLanguage"] === "JSONata") throw new UsageError(`${source.path}: is in JSONata already`);
    const conversion = toJsonata(definition);
    if (!conversion.ok) {
      const problems = conversion.problems.map(
        ({ path, message }) => `${source.path}: ${formatPointer(path)}: ${message}`,
      );
      throw new UsageError(problems.join("\n"));
    }
    warn("where a path finds nothing, the error is States.QueryEvaluationError, and a Choice rule does not hold");
    return [{ name: `${stem(source.path)}.json`, text: `${JSON.stringify(conversion.definition, null, 2)}\n` }];
  },
};
