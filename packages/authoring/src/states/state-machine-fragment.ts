import { Construct } from "../construct.ts";
import { Chain, Parallel, type ParallelProps } from "./chain.ts";
import type { IChainable, INextable } from "./chainable.ts";
import { State } from "./state.ts";

export interface SingleStateOptions extends ParallelProps {
  /** The id of the Parallel; the fragment's own unless said otherwise. */
  readonly stateId?: string;
  /** Before the names of the fragment's states; the Parallel's id and `: ` unless said otherwise. */
  readonly prefixStates?: string;
}

/** A piece of a definition with a name, to be used more than once under different prefixes. */
export abstract class StateMachineFragment extends Construct implements IChainable {
  abstract readonly startState: State;
  abstract readonly endStates: readonly INextable[];

  get id(): string {
    return this.node.id;
  }

  /** prefix: the fragment's id and `: ` unless said otherwise. */
  prefixStates(prefix: string = `${this.id}: `): this {
    State.prefixStates(this, prefix);
    return this;
  }

  /** The whole fragment as the one branch of a Parallel. */
  toSingleState(options: SingleStateOptions = {}): Parallel {
    const { stateId = this.id, prefixStates, ...props } = options;
    this.prefixStates(prefixStates || `${stateId}: `);
    return new Parallel(this, stateId, props).branch(this);
  }

  next(next: IChainable): Chain {
    return Chain.start(this).next(next);
  }
}
