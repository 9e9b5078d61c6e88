/** One thing that is wrong with the configuration. */
export interface ConfigFinding {
  /** `/path/stepwell.yaml:7:5`, `STEPWELL_PORT` or `--port`. */
  readonly place: string;
  /** JSON Pointer of the key; empty for the whole file. */
  readonly pointer: string;
  /** The rule that is broken and the value that breaks it. */
  readonly message: string;
}

/** The configuration cannot be used; all findings at once. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly findings: readonly ConfigFinding[];

  constructor(findings: readonly ConfigFinding[]) {
    super(
      findings.map(({ place, pointer, message }) => [place, pointer, message].filter(Boolean).join(": ")).join("\n"),
    );
    this.findings = findings;
  }
}
