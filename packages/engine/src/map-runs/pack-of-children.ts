/** Some children of a run that follow each other, on their way to their ends: here, at a helper, or first there and then here. */
import type { ChildPacks, PackAnswer } from "../ports/child-packs.ts";
import type { ChildEnd } from "../ports/map-run-store.ts";
import type { ChildInput } from "./child-inputs.ts";

export interface Loan {
  readonly helper: string;
  readonly id: string;
  isCancelled: boolean;
}

export class PackOfChildren {
  readonly firstIndex: number;
  readonly inputs: readonly ChildInput[];
  readonly #packs: ChildPacks;
  readonly #ends: ChildEnd[] = [];
  /** Of the children that were run here: those behind the answered ones. */
  readonly #tells: ((() => void) | undefined)[] = [];
  /** Who has it now. */
  loan: Loan | undefined;
  #answered: (Loan & { readonly count: number }) | undefined;
  #needsMore = false;
  #characters: number;

  constructor(packs: ChildPacks, firstIndex: number, inputs: readonly ChildInput[], characters: number) {
    this.#packs = packs;
    this.firstIndex = firstIndex;
    this.inputs = inputs;
    this.#characters = characters;
  }

  /** Of inputs and outputs. */
  get characters(): number {
    return this.#characters;
  }

  get ends(): readonly ChildEnd[] {
    return this.#ends;
  }

  /** The child behind those that have ended needs more than one transition. */
  get needsMore(): boolean {
    return this.#needsMore;
  }

  get isComplete(): boolean {
    return this.#needsMore || this.#ends.length === this.inputs.length;
  }

  /** A helper gave some of the ends, or all. Only of the last loan. */
  answered(loan: Loan, { ends, needsMore }: PackAnswer): void {
    this.loan = undefined;
    const taken = ends.slice(0, this.inputs.length);
    for (const end of taken) this.#add(end);
    this.#needsMore = needsMore && taken.length < this.inputs.length;
    this.#answered = { ...loan, count: taken.length };
  }

  /** The next child has ended here. */
  ended(end: ChildEnd, tell: (() => void) | undefined): void {
    this.#add(end);
    this.#tells.push(tell);
  }

  #add(end: ChildEnd): void {
    this.#ends.push(end);
    this.#characters += end.output?.length ?? 0;
  }

  /** The next child cannot be run here either. */
  stopsHere(): void {
    this.#needsMore = true;
  }

  /** The first `count` are committed; those behind them never will be, as children of this pack. */
  counted(count: number): void {
    const there = this.#answered?.count ?? 0;
    if (this.#answered !== undefined) {
      this.#packs.counted(this.#answered.helper, this.#answered.id, Math.min(count, there));
    }
    for (const tell of this.#tells.slice(0, Math.max(0, count - there))) tell?.();
  }
}
