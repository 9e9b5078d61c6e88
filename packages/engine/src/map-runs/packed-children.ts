/**
 * The packs of one run, in the order of their children: lent to helpers, run here, counted in order.
 *
 * Q1. What was taken of the inputs is in a pack until it is counted or given back: nothing is begun twice, or left out.
 * Q2. A pack is lent once. What its helper did not do is done here: whatever is wrong with it, the run gets on.
 * Q3. Packs are bounded in number and size, whatever the number of helpers and however slow the first pack is.
 */

import type { EpochMs } from "@stepwell/core";
import type { ChildPacks, PackAnswer, PackedRun } from "../ports/child-packs.ts";
import { NotOwned } from "../ports/cluster.ts";
import type { ChildExecutions } from "../ports/map-run-host.ts";
import { StoreUnavailable } from "../rejection.ts";
import type { ChildInput } from "./child-inputs.ts";
import { type Loan, PackOfChildren } from "./pack-of-children.ts";
import type { PreparedInputs } from "./prepared-inputs.ts";

/** Of all packs that are not counted, in characters of their inputs. */
const HELD_CHARACTERS_MAX = 8_388_608;
const PACKS_MAX = 64;
const PACK_CHARACTERS_MAX = 524_288;
/** One that is run, and one that waits for it. */
const LOANS_OF_HELPER_MAX = 2;
/** More than a helper takes, on a machine that is busy: what is behind a pack waits for it to be counted. */
const LOAN_MS = 3_000;
/** A helper that did nothing is not asked again for so long; for twice as long each time, until it does something. */
const ASIDE_MS = 2_000;
const ASIDE_MS_MAX = 60_000;
/** Beyond, what is known of those that were there once is forgotten. */
const HELPERS_MAX = 1_000;
const READ_TOGETHER = 500;

export interface PackedChildrenParts {
  readonly packs: ChildPacks;
  readonly run: PackedRun;
  readonly revisionKey: string;
  readonly children: ChildExecutions;
  readonly inputs: PreparedInputs;
  /** Called when a helper has answered, or will not. */
  news(): void;
}

export class PackedChildren {
  readonly #parts: PackedChildrenParts;
  readonly #queue: PackOfChildren[] = [];
  /** Helpers that did nothing lately. */
  readonly #aside = new Map<string, { readonly until: EpochMs; readonly ms: number }>();
  readonly #name: string;
  #loans = 0;

  constructor(parts: PackedChildrenParts) {
    this.#parts = parts;
    this.#name = parts.children.uuid();
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  get hasHelpers(): boolean {
    return this.#helpers().length > 0;
  }

  #helpers(): string[] {
    const { packs, children } = this.#parts;
    const now = children.now();
    return packs.helpers().filter((helper) => (this.#aside.get(helper)?.until ?? 0) <= now);
  }

  /**
   * Lends packs of `size` children to at most so many helpers. `nextIndex` is that of the first child behind all packs.
   * Throws what reading throws, when there is no pack left.
   */
  async lend(nextIndex: () => number, size: number, helpersMax: number): Promise<void> {
    const helpers = this.#chosen(helpersMax);
    for (let loans = 1; loans <= LOANS_OF_HELPER_MAX; loans++) {
      for (const helper of helpers) {
        if (this.#loansOf(helper).length >= loans) continue;
        const pack = await this.#cut(nextIndex(), size);
        if (pack === undefined) return;
        this.#lend(pack, helper);
      }
    }
  }

  /** Those who are at it already, then others. Loans of too many are cancelled: what they have not begun is done later. */
  #chosen(max: number): readonly string[] {
    const helpers = this.#helpers();
    const busy = helpers.filter((helper) => this.#loansOf(helper).length > 0);
    for (const helper of busy.slice(max)) for (const { loan } of this.#loansOf(helper)) this.#cancel(loan);
    const idle = helpers.filter((helper) => !busy.includes(helper));
    return [...busy, ...idle].slice(0, max);
  }

  #loansOf(helper: string): PackOfChildren[] {
    return this.#queue.filter(({ loan }) => loan?.helper === helper);
  }

  #cancel(loan: Loan | undefined): void {
    if (loan === undefined || loan.isCancelled) return;
    loan.isCancelled = true;
    this.#parts.packs.cancel(loan.helper, loan.id);
  }

  /** The pack that is to be run here next: one that came back, or a new one. */
  async here(nextIndex: () => number, size: number): Promise<PackOfChildren | undefined> {
    const back = this.#queue.find((pack) => pack.loan === undefined && !pack.isComplete);
    return back ?? this.#cut(nextIndex(), size);
  }

  async #cut(firstIndex: number, size: number): Promise<PackOfChildren | undefined> {
    const held = this.#queue.reduce((sum, { characters }) => sum + characters, 0);
    if (this.#queue.length >= PACKS_MAX || held >= HELD_CHARACTERS_MAX) return undefined;
    const { inputs, packs } = this.#parts;
    const taken: ChildInput[] = [];
    let characters = 0;
    while (taken.length < size && characters < PACK_CHARACTERS_MAX && (await this.#isAtHand(taken))) {
      const child = inputs.next as ChildInput;
      inputs.shift();
      taken.push(child);
      characters += child.input.length;
    }
    if (taken.length === 0) return undefined;
    const pack = new PackOfChildren(packs, firstIndex, taken, characters);
    this.#queue.push(pack);
    return pack;
  }

  /** What cannot be read is a failure of the run when everything before it has ended. */
  async #isAtHand(taken: readonly ChildInput[]): Promise<boolean> {
    const { inputs } = this.#parts;
    try {
      await inputs.prepare(READ_TOGETHER);
    } catch (error) {
      if (taken.length === 0 && this.isEmpty) throw error;
    }
    return inputs.next !== undefined;
  }

  #lend(pack: PackOfChildren, helper: string): void {
    const { packs, run, revisionKey, children } = this.#parts;
    const loan: Loan = { helper, id: `${this.#name}-${this.#loans++}`, isCancelled: false };
    pack.loan = loan;
    const forgetTime = children.wakeAt(children.now() + LOAN_MS, () => {
      this.#cancel(loan);
      this.#notDone(pack, loan);
    });
    const inputs = pack.inputs.map(({ input }) => input);
    packs
      .run(helper, { id: loan.id, revisionKey, run: essentials(run), firstIndex: pack.firstIndex, inputs })
      .then(
        (answer) => this.#answered(pack, loan, answer),
        (error: unknown) => {
          if (!(error instanceof NotOwned || error instanceof StoreUnavailable)) {
            children.problem(error, run.mapRunArn);
          }
          this.#notDone(pack, loan);
        },
      )
      .finally(forgetTime);
  }

  #answered(pack: PackOfChildren, loan: Loan, answer: PackAnswer): void {
    if (pack.loan !== loan) return;
    const isNothing = answer.ends.length === 0 && !answer.needsMore && !loan.isCancelled;
    if (isNothing) {
      this.#notDone(pack, loan);
      return;
    }
    this.#aside.delete(loan.helper);
    pack.answered(loan, answer);
    this.#parts.news();
  }

  #notDone(pack: PackOfChildren, loan: Loan): void {
    if (pack.loan !== loan) return;
    pack.loan = undefined;
    this.#putAside(loan.helper);
    this.#parts.news();
  }

  #putAside(helper: string): void {
    const now = this.#parts.children.now();
    const before = this.#aside.get(helper);
    // Two packs that come back together are one reason.
    if (before !== undefined && before.until > now) return;
    const ms = before === undefined ? ASIDE_MS : Math.min(before.ms * 2, ASIDE_MS_MAX);
    if (this.#aside.size >= HELPERS_MAX) this.#aside.clear();
    this.#aside.set(helper, { until: now + ms, ms });
  }

  /** The first pack, when it is complete: it is the next to be counted. */
  get complete(): PackOfChildren | undefined {
    const [first] = this.#queue;
    return first?.isComplete === true ? first : undefined;
  }

  /** The first pack is counted. */
  shift(): void {
    this.#queue.shift();
  }

  /** How many children are in packs. */
  get size(): number {
    return this.#queue.reduce((sum, { inputs }) => sum + inputs.length, 0);
  }

  /** Everything in packs goes back to the inputs, behind these: as if none of it had been begun. */
  giveBack(before: readonly ChildInput[]): void {
    const packs = this.#queue.splice(0);
    for (const pack of packs) {
      this.#cancel(pack.loan);
      pack.loan = undefined;
      pack.counted(0);
    }
    this.#parts.inputs.putBack([...before, ...packs.flatMap(({ inputs }) => inputs)]);
  }
}

function essentials(run: PackedRun): PackedRun {
  const { mapRunArn, key, executionType, stateMachineArn, stateMachineName, roleArn } = run;
  return { mapRunArn, key, executionType, stateMachineArn, stateMachineName, roleArn };
}
