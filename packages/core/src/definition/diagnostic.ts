/** One finding of validation. All findings of a definition are given at once, in order of appearance. */
export interface Diagnostic {
  readonly severity: "ERROR" | "WARNING";
  /** AWS's code (`SCHEMA_VALIDATION_FAILED`, `MISSING_TRANSITION_TARGET`, …). */
  readonly code: string;
  /** AWS's wording where it is known. */
  readonly message: string;
  /** AWS's location, a JSON Pointer such as `/States/Pay/Resource` (`/` for the top level); absent where AWS gives none. */
  readonly location?: string;
}
