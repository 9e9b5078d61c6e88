/** One way from one form of a workflow to another. A new one is a file beside this, and a line in `conversions.ts` and in `index.ts`. */
export interface Converter {
  /** What `--to` says: `yaml`. */
  readonly to: string;
  /** For `--help`: "a definition in YAML, from JSON". */
  readonly description: string;
  /** Whether it knows what to do with this source; of several that do, the first one does it. */
  accepts(source: ConvertSource): boolean;
  /**
   * The files it becomes, at least one. Throws UsageError, with the place, for what has no equal in the other form: nothing is
   * converted half.
   */
  convert(source: ConvertSource, options: ConvertOptions): Promise<readonly ConvertedFile[]> | readonly ConvertedFile[];
}

export interface ConvertSource {
  /** As it was named. */
  readonly path: string;
  /** Absent for a directory. */
  readonly text?: string;
  /** The text read as JSON or YAML; absent when it is neither. */
  readonly value?: unknown;
  /** Why there is no value. */
  readonly problem?: string;
}

export interface ConvertOptions {
  /** Values of a template's parameters. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Names of the stacks of an assembly that are wanted; all when empty. */
  readonly stacks: readonly string[];
  /** Told of what is worth knowing and keeps nothing from being converted. */
  readonly warn: (message: string) => void;
}

export interface ConvertedFile {
  /** A file name without a directory. */
  readonly name: string;
  readonly text: string;
}
