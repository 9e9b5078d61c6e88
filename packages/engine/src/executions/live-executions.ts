/**
 * The executions in memory. Each has a slot while something is known or wanted of it: its inbox, and its memory while
 * that is worth keeping. Slots of executions nobody is busy with are dropped, least recently used first, when there are
 * too many (design invariant 9); what they wait for stands in the store.
 */
import type { StateMachine } from "@stepwell/core";
import type { LiveExecution } from "./live-execution.ts";
import type { DecisionMode } from "./long-decisions.ts";

/** Something that happens to an execution. */
export interface Delivery {
  /** Decides on the execution as it is when its turn comes; again, when what it decided could not be committed. */
  decide(live: LiveExecution): void;
  /** What was decided is durable. */
  done(): void;
  failed(error: unknown): void;
  attempts: number;
}

/** The start of an execution: what makes it, in its first turn. */
export interface Beginning {
  readonly machine: StateMachine;
  begin(missingActivities: ReadonlySet<string> | undefined): LiveExecution;
  done(live: LiveExecution): void;
  failed(error: unknown): void;
  attempts: number;
  /** As it was begun last; whether that was committed is unknown after a failure of the store. */
  begun: LiveExecution | undefined;
}

export type SlotState =
  /** Nobody is busy with it. */
  | "resting"
  /** Something it needs is being fetched. */
  | "loading"
  /** What it is to decide takes long, and is being decided elsewhere. */
  | "deciding"
  /** In line for the next group. */
  | "ready"
  /** Its commit is on the way. */
  | "committing"
  /** Waits a little before the next try. */
  | "paused";

export class Slot {
  readonly executionArn: string;
  readonly inbox: Delivery[] = [];
  state: SlotState = "resting";
  live: LiveExecution | undefined;
  beginning: Beginning | undefined;
  missingActivities: ReadonlySet<string> | undefined;
  /** Of the next turn. */
  mode: DecisionMode = "quick";
  /** How much of the inbox the next turn takes. */
  deliveriesMax: number = Number.POSITIVE_INFINITY;
  /** Turns that were given up since something was last committed. */
  givenUp = 0;
  characters = 0;

  constructor(executionArn: string) {
    this.executionArn = executionArn;
  }
}

export class LiveExecutions {
  readonly #slots = new Map<string, Slot>();
  readonly #slotsMax: number;
  readonly #charactersMax: number;
  #characters = 0;
  #loaded = 0;

  constructor(slotsMax: number, charactersMax: number) {
    this.#slotsMax = slotsMax;
    this.#charactersMax = charactersMax;
  }

  /** How many are in memory. */
  get loaded(): number {
    return this.#loaded;
  }

  /** The slot of an execution, made when there is none, and most recently used from now on. */
  use(executionArn: string): Slot {
    let slot = this.#slots.get(executionArn);
    if (slot === undefined) slot = new Slot(executionArn);
    else this.#slots.delete(executionArn);
    this.#slots.set(executionArn, slot);
    return slot;
  }

  /** Those nobody is busy with. */
  resting(): Slot[] {
    return [...this.#slots.values()].filter((slot) => slot.state === "resting");
  }

  /** Counts what a slot takes now. */
  measure(slot: Slot): void {
    const characters = slot.live?.characters ?? 0;
    this.#loaded += Number(characters > 0) - Number(slot.characters > 0);
    this.#characters += characters - slot.characters;
    slot.characters = characters;
  }

  /** Forgets the memory of an execution: the next one to ask loads it. */
  unload(slot: Slot): void {
    slot.live = undefined;
    this.measure(slot);
  }

  drop(slot: Slot): void {
    this.unload(slot);
    if (this.#slots.get(slot.executionArn) === slot) this.#slots.delete(slot.executionArn);
  }

  /** Drops what nobody is busy with until the rest is small enough. */
  shrink(): void {
    if (this.#fits()) return;
    for (const slot of this.#slots.values()) {
      if (slot.state === "resting") this.drop(slot);
      if (this.#fits()) return;
    }
  }

  #fits(): boolean {
    return this.#slots.size <= this.#slotsMax && this.#characters <= this.#charactersMax;
  }
}
