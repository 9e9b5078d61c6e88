/** The inputs of children that were read and have not been begun: what a run holds of its items. */
import type { ChildInput, ChildInputSource } from "./child-inputs.ts";

export class PreparedInputs {
  readonly #source: ChildInputSource;
  #inputs: readonly ChildInput[] = [];
  #at = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(source: ChildInputSource) {
    this.#source = source;
  }

  /** Every input was taken. */
  get areTaken(): boolean {
    return this.#at >= this.#inputs.length && this.#failure === undefined && this.#source.isAtEnd;
  }

  /** The next one, when it has been read. */
  get next(): ChildInput | undefined {
    return this.#inputs[this.#at];
  }

  /** The next one is taken. */
  shift(): void {
    this.#at += 1;
  }

  /** Reads up to `max` when none is at hand. Throws as the source does, and from then on always when none is at hand. */
  async prepare(max: number): Promise<void> {
    if (this.#at < this.#inputs.length) return;
    if (this.#failure !== undefined) throw this.#failure.error;
    try {
      this.#inputs = await this.#source.take(max);
      this.#at = 0;
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
  }

  /** What was taken last, and not begun, comes next. */
  putBack(inputs: readonly ChildInput[]): void {
    if (inputs.length === 0) return;
    this.#inputs = [...inputs, ...this.rest];
    this.#at = 0;
  }

  /** What is at hand. */
  get rest(): readonly ChildInput[] {
    return this.#inputs.slice(this.#at);
  }

  close(): Promise<void> {
    return this.#source.close();
  }
}
