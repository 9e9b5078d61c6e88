import type { DefinitionPath } from "../definition/findings.ts";
import type { Json } from "../json.ts";
import type { LintModel } from "./lint-model.ts";

/** ERROR: it will go wrong. WARNING: it goes wrong when something usual happens. INFO: good to know. */
export type LintSeverity = "ERROR" | "WARNING" | "INFO";

/** A change that a rule thinks safe: `value` undefined takes the member away. */
export interface LintEdit {
  readonly path: DefinitionPath;
  readonly value: Json | undefined;
}

export interface LintFinding {
  /** Name of the rule. */
  readonly code: string;
  readonly severity: LintSeverity;
  readonly message: string;
  readonly path: DefinitionPath;
  readonly fix?: readonly LintEdit[];
}

export type Report = (path: DefinitionPath, message: string, fix?: readonly LintEdit[]) => void;

export interface LintRule {
  readonly code: string;
  readonly severity: LintSeverity;
  /** In a few words, for lists. */
  readonly summary: string;
  check(model: LintModel, report: Report): void;
}
