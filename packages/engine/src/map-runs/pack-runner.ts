/**
 * Runs packs of children that other processes lend (ports/child-packs.ts): one child at a time, in turns with everything
 * else that this process does. What it cannot do in time it leaves to the lender.
 */
import type { ChildPack, PackAnswer } from "../ports/child-packs.ts";
import type { ChildExecutions, ChildFamily } from "../ports/map-run-host.ts";
import type { ChildEnd } from "../ports/map-run-store.ts";
import { ImmediateStart } from "./child-start.ts";
import { childEndOf } from "./open-children.ts";

/** Loans under way and waiting: with more, others are quicker. */
const LOANS_MAX = 16;
/** From when a pack comes; a lender waits for longer than that. */
const PACK_MS = 1_500;
/** Then others have their turn. */
const SLICE_MS = 25;
/** Of one answer. */
const OUTPUT_CHARACTERS_MAX = 2_097_152;
/** Observers that nobody asks to be told for so long are not told: the lender is gone. */
const KEPT_MS = 30_000;
/** Of the texts that wait for their commit, of all answers. */
const KEPT_CHARACTERS_MAX = 33_554_432;

export interface PackRunnerPorts {
  readonly children: Pick<ChildExecutions, "runAtOnce" | "during" | "later" | "now" | "wakeAt">;
  familyOf(revisionKey: string): Promise<ChildFamily>;
}

interface Loan {
  readonly until: number;
  isCancelled: boolean;
}

interface Kept {
  readonly at: number;
  readonly characters: number;
  readonly tells: readonly (() => void)[];
}

const NOTHING: PackAnswer = { ends: [], needsMore: false };

export class PackRunner {
  readonly #ports: PackRunnerPorts;
  readonly #loans = new Map<string, Loan>();
  /** Observers to be told, by loan, the oldest first. */
  readonly #kept = new Map<string, Kept>();
  #keptCharacters = 0;
  #last: Promise<unknown> = Promise.resolve();
  #isForgetting = false;
  #isStopped = false;

  constructor(ports: PackRunnerPorts) {
    this.#ports = ports;
  }

  run(pack: ChildPack): Promise<PackAnswer> {
    const { children } = this.#ports;
    if (this.#isStopped || this.#loans.size >= LOANS_MAX) return Promise.resolve(NOTHING);
    const loan = { until: children.now() + PACK_MS, isCancelled: false };
    this.#loans.set(pack.id, loan);
    const answer = this.#last.then(() => this.#runPack(pack, loan)).finally(() => this.#loans.delete(pack.id));
    // Whoever comes next does not care how it went.
    this.#last = answer.catch(() => undefined);
    return children.during(answer);
  }

  counted(id: string, count: number): void {
    const kept = this.#forget(id);
    for (const tell of kept?.tells.slice(0, count) ?? []) tell();
  }

  cancel(id: string): void {
    const loan = this.#loans.get(id);
    if (loan !== undefined) loan.isCancelled = true;
  }

  /** Takes no more, and answers what it has. */
  stop(): void {
    this.#isStopped = true;
    for (const loan of this.#loans.values()) loan.isCancelled = true;
  }

  async #runPack(pack: ChildPack, loan: Loan): Promise<PackAnswer> {
    const { children, familyOf } = this.#ports;
    const family = await familyOf(pack.revisionKey);
    const ends: ChildEnd[] = [];
    const tells: (() => void)[] = [];
    let characters = 0;
    let outputs = 0;
    let sliceEnd = children.now() + SLICE_MS;
    let needsMore = false;
    for (const [i, input] of pack.inputs.entries()) {
      if (children.now() >= sliceEnd) {
        await new Promise<void>((resolve) => children.later(resolve));
        sliceEnd = children.now() + SLICE_MS;
      }
      if (loan.isCancelled || children.now() >= loan.until || outputs >= OUTPUT_CHARACTERS_MAX) break;
      const start = new ImmediateStart(pack.run, pack.firstIndex + i, input, children.now());
      const immediate = children.runAtOnce(family, start);
      needsMore = immediate === undefined;
      if (immediate === undefined) break;
      const end = childEndOf(immediate.end);
      ends.push(end);
      outputs += end.output?.length ?? 0;
      characters += input.length;
      const { tell } = immediate;
      if (tell !== undefined) tells.push(() => tell(start, children.now()));
    }
    if (tells.length > 0) this.#keep(pack.id, { at: children.now(), characters: characters + outputs, tells });
    return { ends, needsMore };
  }

  #keep(id: string, kept: Kept): void {
    this.#kept.set(id, kept);
    this.#keptCharacters += kept.characters;
    for (const oldest of this.#kept.keys()) {
      if (this.#keptCharacters <= KEPT_CHARACTERS_MAX) break;
      this.#forget(oldest);
    }
    this.#forgetLater();
  }

  #forget(id: string): Kept | undefined {
    const kept = this.#kept.get(id);
    if (kept === undefined) return undefined;
    this.#kept.delete(id);
    this.#keptCharacters -= kept.characters;
    return kept;
  }

  /** What nobody asked about. */
  #forgetLater(): void {
    if (this.#isForgetting || this.#isStopped) return;
    this.#isForgetting = true;
    const { children } = this.#ports;
    children.wakeAt(children.now() + KEPT_MS, () => {
      this.#isForgetting = false;
      for (const [id, { at }] of this.#kept) if (at <= children.now() - KEPT_MS) this.#forget(id);
      if (this.#kept.size > 0) this.#forgetLater();
    });
  }
}
