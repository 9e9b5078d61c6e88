import type { Json } from "@stepwell/core";
import type { CodeSources } from "./code/code-sources.ts";
import type { Asset } from "./template/cloud-assembly.ts";
import type { Template } from "./template/template.ts";

/** One stack as it is to be deployed: read, but not resolved. */
export interface StackSource {
  readonly stackName: string;
  readonly template: Template;
  readonly code: CodeSources;
  readonly assets: ReadonlyMap<string, Asset>;
  /** Names of stacks that come before. */
  readonly dependencies: readonly string[];
  readonly parameters: ReadonlyMap<string, Json>;
  /** `aws://account/region`, where the assembly names one. */
  readonly environment?: string;
}
