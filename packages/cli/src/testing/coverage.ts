/**
 * Which parts of a state machine its tests have run through: states, transitions, catchers and the rules of Choices.
 * Rules and catchers are counted where the core takes them, all else in the history.
 */
import type { Catcher, ChoiceState, State, StateMachine } from "@stepwell/core";
import type { CommittedChange } from "@stepwell/engine";

export type CoveredKind = "state" | "transition" | "rule" | "catcher";

/** One thing that can be covered. */
export interface CoveredItem {
  readonly kind: CoveredKind;
  /** For people: `Pay`, `Pay → Ship`, `Choose [0] → Ship`. */
  readonly name: string;
  /** JSON Pointer in the definition. */
  readonly pointer: string;
  count: number;
}

export class Coverage {
  readonly #items = new Map<string, CoveredItem>();
  readonly #instrumented = new WeakMap<StateMachine, StateMachine>();
  /** Of executions that run: the names of the states they left last, by the id of the event. */
  readonly #left = new Map<string, Map<number, string>>();

  constructor(machine: StateMachine) {
    for (const state of machine.states.values()) {
      this.#add("state", state.name, state.pointer, state.name);
      for (const { to, pointer } of transitionsOf(state)) {
        this.#add("transition", `${state.name} → ${to}`, `${state.pointer}${pointer}`, `${state.name} → ${to}`);
      }
      if (state.type === "Choice") this.#addRules(state);
      for (const [i, catcher] of catchersOf(state).entries()) {
        const name = `${state.name} catches ${catcher.errorEquals.join(", ")}`;
        this.#add("catcher", `${state.name} ${i}`, `${state.pointer}/Catch/${i}`, name);
      }
    }
  }

  get items(): readonly CoveredItem[] {
    return [...this.#items.values()];
  }

  #add(kind: CoveredKind, key: string, pointer: string, name: string): void {
    if (!this.#items.has(`${kind} ${key}`)) this.#items.set(`${kind} ${key}`, { kind, name, pointer, count: 0 });
  }

  #addRules(state: ChoiceState): void {
    for (const [i, rule] of state.choices.entries()) {
      this.#add(
        "rule",
        `${state.name} ${i}`,
        `${state.pointer}/Choices/${i}`,
        `${state.name} rule ${i} → ${rule.next}`,
      );
    }
    if (state.default === undefined) return;
    this.#add("rule", `${state.name} default`, `${state.pointer}/Default`, `${state.name} default → ${state.default}`);
  }

  #hit(kind: CoveredKind, key: string): void {
    const item = this.#items.get(`${kind} ${key}`);
    if (item !== undefined) item.count += 1;
  }

  /** The same state machine, which counts its rules and catchers here. */
  instrument(machine: StateMachine): StateMachine {
    let instrumented = this.#instrumented.get(machine);
    if (instrumented === undefined) {
      const states = [...machine.states].map(([name, state]) => [name, this.#instrumentState(state)] as const);
      instrumented = { ...machine, states: new Map(states) };
      this.#instrumented.set(machine, instrumented);
    }
    return instrumented;
  }

  #instrumentState(state: State): State {
    if (state.type === "Choice") return this.#instrumentChoice(state);
    if (!("catch" in state)) return state;
    const catchers = state.catch.map((catcher, i) => this.#instrumentCatcher(catcher, `${state.name} ${i}`));
    return { ...state, catch: catchers };
  }

  #instrumentChoice(state: ChoiceState): ChoiceState {
    const choices = state.choices.map((rule, i) => ({
      ...rule,
      condition: {
        ...rule.condition,
        evaluate: (scope: Parameters<typeof rule.condition.evaluate>[0]): boolean => {
          const holds = rule.condition.evaluate(scope);
          if (holds) this.#hit("rule", `${state.name} ${i}`);
          else if (i === state.choices.length - 1) this.#hit("rule", `${state.name} default`);
          return holds;
        },
      },
    }));
    return { ...state, choices };
  }

  /** A catcher's `next` is read when it is taken, and then only. */
  #instrumentCatcher(catcher: Catcher, key: string): Catcher {
    const hit = (): void => this.#hit("catcher", key);
    return {
      ...catcher,
      get next() {
        hit();
        return catcher.next;
      },
    };
  }

  /** For `onCommitted`. */
  committed({ executionArn, history, end }: CommittedChange): void {
    let left = this.#left.get(executionArn);
    if (left === undefined) {
      left = new Map();
      this.#left.set(executionArn, left);
    }
    for (const { id, previousEventId, type, details } of history) {
      const name = details?.["name"];
      if (typeof name !== "string") continue;
      if (type.endsWith("StateEntered")) {
        this.#hit("state", name);
        const from = left.get(previousEventId);
        if (from !== undefined) this.#hit("transition", `${from} → ${name}`);
      } else if (type.endsWith("StateExited")) left.set(id, name);
    }
    if (end !== undefined) this.#left.delete(executionArn);
  }
}

function transitionsOf(state: State): { readonly to: string; readonly pointer: string }[] {
  const next = "next" in state && typeof state.next === "string" ? [{ to: state.next, pointer: "/Next" }] : [];
  const catchers = catchersOf(state).map((catcher, i) => ({ to: catcher.next, pointer: `/Catch/${i}/Next` }));
  if (state.type !== "Choice") return [...next, ...catchers];
  const rules = state.choices.map((rule, i) => ({ to: rule.next, pointer: `/Choices/${i}/Next` }));
  return state.default === undefined ? rules : [...rules, { to: state.default, pointer: "/Default" }];
}

function catchersOf(state: State): readonly Catcher[] {
  return "catch" in state ? state.catch : [];
}
