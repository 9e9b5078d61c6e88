import type { Json, JsonObject } from "@stepwell/core";

/** What `Ref` and `Fn::GetAtt` give for a resource. */
export interface ResourceValues {
  readonly reference: string;
  readonly attributes: Readonly<Record<string, Json>>;
}

/** Where the values of a template come from. Everything that is missing is told to `problem`, and a stand-in goes on. */
export interface Scope {
  readonly stackName: string;
  /** Pseudo parameters and parameters. */
  readonly parameters: ReadonlyMap<string, Json>;
  readonly mappings: JsonObject;
  /** `undefined`: there is no such condition. */
  condition(name: string): boolean | undefined;
  /** `absent`: declared, but its condition is false; `undefined`: not declared. */
  resource(logicalId: string): ResourceValues | "absent" | undefined;
  /** A value that another stack exports. */
  importValue(exportName: string): Json | undefined;
  /** An output of another stack. */
  stackOutput(stackName: string, outputName: string): Json | undefined;
  problem(pointer: string, message: string): void;
}
