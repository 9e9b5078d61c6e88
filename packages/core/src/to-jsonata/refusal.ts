import type { DefinitionPath } from "../definition/findings.ts";

/** What has no equal in JSONata, or is worth knowing where it has. */
export interface ConversionFinding {
  readonly path: DefinitionPath;
  readonly message: string;
}

/** Thrown where an expression has no equal; the definition's walker adds the place. */
export class NoEqual extends Error {
  override readonly name = "NoEqual";
}
