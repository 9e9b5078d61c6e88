/**
 * Finds where a past state entry stood, from the history alone: its input, the variables it saw, and the Map item it was
 * for. Events are taken backwards along their links (`previousEventId`), one at a time, so that a history of any length
 * is never in memory.
 *
 * F1. The first assignment met on the way back is the one that counted. Names of inner and outer scopes never clash.
 * F2. What happened inside a Parallel or Map that was left again before assigned variables of its own: it is passed over,
 *     from its exit to its entry.
 * F3. The variables of a flow are the execution's: every assignment before counts, wherever it was made, so every event is
 *     taken.
 * F4. From the first state of a branch or iteration the way leads to the state around it. Links may go through siblings
 *     (recorded-behaviour.md, fact 9): they are passed over too.
 */
import type { StateMachine } from "../definition/state-machine.ts";
import type { Json, JsonObject } from "../json.ts";
import type { HistoryEvent } from "./history-event.ts";

/** Where an execution may go on from. */
export interface ForkPoint {
  readonly eventId: number;
  readonly stateName: string;
  /** JSON text. */
  readonly input: string;
  readonly variables: JsonObject;
  /** Of the innermost inline Map around the state. */
  readonly iteration?: ForkIteration;
}

export interface ForkIteration {
  readonly index: number;
  /** The Map around it. */
  readonly mapState: string;
  /** JSON text: what the iteration began with, which is the item itself where the Map has no ItemSelector. */
  readonly input: string;
  /** JSON text. */
  readonly mapInput: string;
}

export class ForkTrace {
  readonly #machine: StateMachine;
  readonly #variables = new Map<string, Json>();
  #wanted: number;
  /** The event that the way leads to next. */
  #linked: number;
  #entry: { readonly eventId: number; readonly stateName: string; readonly input: string } | undefined;
  /** The input of the state entry met last at the level the way is on. */
  #enteredWith = "";
  #enteredState = "";
  /** The Parallel or Map whose entry ends what is passed over. */
  #until: string | undefined;
  #iteration: Omit<ForkIteration, "mapInput"> | undefined;
  #mapInput: string | undefined;

  /** `eventId`: that of a …StateEntered event. */
  constructor(machine: StateMachine, eventId: number) {
    this.#machine = machine;
    this.#wanted = eventId;
    this.#linked = eventId;
  }

  /** Id of the event to take next; 0: there is no more to know. */
  get wanted(): number {
    return this.#wanted;
  }

  /** False when the event it begins with is not the entry of a state. */
  take(event: HistoryEvent): boolean {
    if (this.#entry === undefined && !event.type.endsWith("StateEntered")) return false;
    const isFlow = this.#machine.flow !== undefined;
    if (isFlow && event.type.endsWith("StateExited")) this.#assigned(event);
    if (event.id === this.#linked) {
      this.#linked = event.previousEventId;
      this.#walk(event);
    }
    this.#wanted = isFlow ? event.id - 1 : this.#linked;
    return true;
  }

  #walk(event: HistoryEvent): void {
    if (this.#until === undefined) this.#follow(event);
    else if (event.type.endsWith("StateEntered") && text(event, "name") === this.#until) {
      this.#until = undefined;
      if (this.#iteration?.mapState === text(event, "name")) this.#mapInput ??= text(event, "input");
    }
  }

  #follow(event: HistoryEvent): void {
    const { type } = event;
    if (type.endsWith("StateEntered")) this.#entered(event);
    else if (type.endsWith("StateExited")) {
      this.#assigned(event);
      if (type === "ParallelStateExited" || type === "MapStateExited") this.#until = text(event, "name");
    } else if (type === "MapIterationStarted") {
      const mapState = text(event, "name");
      const index = Number(event.details?.["index"]);
      this.#iteration ??= { index, mapState, input: this.#enteredWith };
      this.#until = mapState;
    } else if (type === "ParallelStateStarted") this.#until = this.#stateAround(this.#enteredState);
  }

  #entered(event: HistoryEvent): void {
    this.#enteredState = text(event, "name");
    this.#enteredWith = text(event, "input");
    this.#entry ??= { eventId: event.id, stateName: this.#enteredState, input: this.#enteredWith };
  }

  #assigned({ details }: HistoryEvent): void {
    const assigned = details?.["assignedVariables"];
    if (assigned === undefined || typeof assigned !== "object") return;
    for (const [name, value] of Object.entries(assigned)) {
      if (!this.#variables.has(name)) this.#variables.set(name, JSON.parse(value) as Json);
    }
  }

  #stateAround(name: string): string | undefined {
    for (const state of this.#machine.states.values()) {
      const blocks = state.type === "Parallel" ? state.branches : [];
      if (blocks.some((block) => block.names.has(name))) return state.name;
    }
    return undefined;
  }

  /** What was found; only when nothing is wanted any more. */
  get point(): ForkPoint {
    const entry = this.#entry ?? { eventId: 0, stateName: "", input: "{}" };
    const iteration = this.#iteration;
    const mapInput = this.#mapInput;
    const variables = Object.fromEntries(this.#variables);
    if (iteration === undefined || mapInput === undefined) return { ...entry, variables };
    return { ...entry, variables, iteration: { ...iteration, mapInput } };
  }
}

function text({ details }: HistoryEvent, member: string): string {
  const value = details?.[member];
  return typeof value === "string" ? value : "";
}
