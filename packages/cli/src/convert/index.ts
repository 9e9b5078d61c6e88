import type { Converter } from "./converter.ts";
import { definitionToJson, definitionToYaml } from "./definition-formats.ts";
import { definitionToJsonata } from "./definition-to-jsonata.ts";
import { flowToAsl } from "./flow-to-asl.ts";
import { templateToDefinitions } from "./template-definitions.ts";

/** All of them, in the order in which they are asked. */
export const CONVERTERS: readonly Converter[] = [
  definitionToYaml,
  definitionToJson,
  definitionToJsonata,
  flowToAsl,
  templateToDefinitions,
];
