/** One thing that is wrong (or doubtful) in how constructs were put together. */
export interface AuthoringDiagnostic {
  readonly severity: "ERROR" | "WARNING";
  /** The construct it is about: `Default/SM/Pay`. */
  readonly path: string;
  readonly message: string;
  /** AWS's code where the finding is AWS's: `SCHEMA_VALIDATION_FAILED`, … */
  readonly code?: string;
  /** AWS's location in the definition where it has one: `/States/Pay/Retry[0]/MaxAttempts`. */
  readonly location?: string;
}

/** Constructs that cannot become a state machine: what is wrong, all at once where it can be told at once. */
export class Misuse extends Error {
  override readonly name = "Misuse";
  readonly diagnostics: readonly AuthoringDiagnostic[];

  constructor(path: string, message: string, more: readonly AuthoringDiagnostic[] = []) {
    const diagnostics = [{ severity: "ERROR", path, message } as const, ...more];
    super(diagnostics.map(lineOf).join("\n"));
    this.diagnostics = diagnostics;
  }

  /** diagnostics: at least one. */
  static of(diagnostics: readonly AuthoringDiagnostic[]): Misuse {
    const [first, ...rest] = diagnostics;
    return new Misuse(first?.path ?? "", first?.message ?? "", rest);
  }
}

function lineOf({ path, message, location }: AuthoringDiagnostic): string {
  return `[${path}] ${message}${location === undefined ? "" : ` at ${location}`}`;
}
