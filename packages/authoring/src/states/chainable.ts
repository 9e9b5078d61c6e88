import type { Chain } from "./chain.ts";
import type { State } from "./state.ts";

/** What another state can come after. */
export interface INextable {
  next(state: IChainable): Chain;
}

/** A piece of a definition: where it is entered, and where it can go on. */
export interface IChainable {
  readonly id: string;
  readonly startState: State;
  readonly endStates: readonly INextable[];
}
