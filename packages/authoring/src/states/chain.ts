// A chain makes a Parallel (`toSingleState`), and what can be followed makes a chain (`next`): they share a file.
import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import type { IChainable, INextable } from "./chainable.ts";
import type { CatchProps, RetryProps } from "./errors.ts";
import { QueryLanguage } from "./query-language.ts";
import {
  type AssignableStateOptions,
  type JsonataCommonOptions,
  type JsonPathResultOptions,
  State,
  type StateBaseProps,
  type StateProps,
} from "./state.ts";
import { StateGraph } from "./state-graph.ts";

/** States in a row, of which the last ones can be followed. */
export class Chain implements IChainable {
  static start(state: IChainable): Chain {
    return new Chain(state.startState, state.endStates, state);
  }
  /** A chain from one piece's start to another's ends. They must already be joined. */
  static sequence(start: IChainable, next: IChainable): Chain {
    return new Chain(start.startState, next.endStates, next);
  }
  static custom(startState: State, endStates: readonly INextable[], lastAdded: IChainable): Chain {
    return new Chain(startState, endStates, lastAdded);
  }

  readonly id: string;
  readonly startState: State;
  readonly endStates: readonly INextable[];
  readonly #lastAdded: IChainable;

  private constructor(startState: State, endStates: readonly INextable[], lastAdded: IChainable) {
    this.id = lastAdded.id;
    this.startState = startState;
    this.endStates = endStates;
    this.#lastAdded = lastAdded;
  }

  /** Goes on with `next` from every end of this chain. */
  next(next: IChainable): Chain {
    if (this.endStates.length === 0) {
      const message = `Cannot add to chain: last state in chain (${this.#lastAdded.id}) does not allow it`;
      throw new Misuse(this.startState.node.path, message);
    }
    for (const end of this.endStates) end.next(next);
    return new Chain(this.startState, next.endStates, next);
  }

  /** The whole chain as the one branch of a Parallel, so that it can be retried and caught as one. */
  toSingleState(id: string, props: ParallelProps = {}): Parallel {
    return new Parallel(this.startState, id, props).branch(this);
  }
}

/** A state that another may come after. */
export abstract class StateWithNext extends State implements INextable {
  readonly endStates: readonly INextable[];

  constructor(scope: Construct, id: string, props: StateProps) {
    super(scope, id, props);
    this.endStates = [this];
  }

  next(next: IChainable): Chain {
    this.makeNext(next.startState);
    return Chain.sequence(this, next);
  }
}

/** One that may fail, too. */
export abstract class FallibleState extends StateWithNext {
  addRetry(props: RetryProps = {}): this {
    this.pushRetry(props);
    return this;
  }
  addCatch(handler: IChainable, props: CatchProps = {}): this {
    this.pushCatch(handler, props);
    return this;
  }
}

export interface ParallelJsonPathProps extends StateBaseProps, AssignableStateOptions, JsonPathResultOptions {
  readonly parameters?: Fields;
}
export interface ParallelJsonataProps extends StateBaseProps, AssignableStateOptions, JsonataCommonOptions {
  readonly arguments?: Fields;
}
export interface ParallelProps extends ParallelJsonPathProps, ParallelJsonataProps {}

/** Runs branches side by side; its result is the list of theirs. */
export class Parallel extends FallibleState {
  static jsonPath(scope: Construct, id: string, props: ParallelJsonPathProps = {}): Parallel {
    return new Parallel(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: ParallelJsonataProps = {}): Parallel {
    return new Parallel(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly #branches: IChainable[] = [];

  constructor(scope: Construct, id: string, props: ParallelProps = {}) {
    super(scope, id, props);
  }

  branch(...branches: readonly IChainable[]): this {
    this.#branches.push(...branches);
    return this;
  }

  override innerGraphs(): readonly StateGraph[] {
    return this.#branches.map(
      (branch, index) => new StateGraph(branch.startState, `Parallel '${this.stateId}' branch ${index + 1}`),
    );
  }
  override validateState(): readonly string[] {
    return this.#branches.length === 0 ? ["Parallel must have at least one branch"] : [];
  }
  toStateJson(machine?: QueryLanguage): Fields {
    return {
      Type: "Parallel",
      Comment: this.props.comment,
      ...this.renderQueryLanguage(machine),
      ...this.renderNextEnd(),
      ...this.renderInputOutput(),
      ...this.renderParameters(),
      ...this.renderResult(),
      ...this.renderRetryCatch(machine),
      Branches: this.innerGraphs().map((graph) => graph.toGraphJson(machine, true)),
      ...this.renderAssign(machine),
    };
  }
}
