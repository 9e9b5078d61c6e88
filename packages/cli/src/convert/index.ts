import type { Converter } from "./converter.ts";
import { definitionToJson, definitionToYaml } from "./definition-formats.ts";
import { templateToDefinitions } from "./template-definitions.ts";

/** All of them, in the order in which they are asked. */
export const CONVERTERS: readonly Converter[] = [definitionToYaml, definitionToJson, templateToDefinitions];
