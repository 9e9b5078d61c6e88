import { Construct } from "../construct.ts";
import { type Fields, renderFields, withoutReferences } from "../fields/field-utils.ts";
import { renderPath } from "../fields/json-path.ts";
import { Misuse } from "../misuse.ts";
import type { Chain } from "./chain.ts";
import type { IChainable, INextable } from "./chainable.ts";
import {
  type Catcher,
  type CatchProps,
  checkErrors,
  checkRetry,
  type RetryProps,
  renderErrorHandling,
} from "./errors.ts";
import { QueryLanguage } from "./query-language.ts";
import type { StateGraph } from "./state-graph.ts";

export interface StateBaseProps {
  readonly queryLanguage?: QueryLanguage;
  /** The name in the definition and in histories; the construct's id unless said otherwise. At most 80 characters. */
  readonly stateName?: string;
  readonly comment?: string;
}

export interface JsonPathCommonOptions {
  readonly inputPath?: string;
  readonly outputPath?: string;
}

export interface JsonPathResultOptions extends JsonPathCommonOptions {
  readonly resultPath?: string;
  readonly resultSelector?: Fields;
}

export interface JsonataCommonOptions {
  /** The state's output: any JSON with expressions in it, or one expression. */
  readonly outputs?: unknown;
}

export interface AssignableStateOptions {
  /** Variables set when the state is left. */
  readonly assign?: Fields;
}

export interface StateProps
  extends StateBaseProps,
    JsonPathResultOptions,
    JsonataCommonOptions,
    AssignableStateOptions {
  readonly parameters?: Fields;
  readonly arguments?: unknown;
}

export interface FindStateOptions {
  /** Follow catchers as well; false unless said otherwise. */
  readonly includeErrorHandlers?: boolean;
}

/** One state of a definition. */
export abstract class State extends Construct implements IChainable {
  /** Puts `prefix` before the name of every state below `root`. */
  static prefixStates(root: Construct, prefix: string): void {
    for (const construct of [root, ...root.node.descendants()]) {
      if (construct instanceof State) construct.addPrefix(prefix);
    }
  }

  /** `start` and the states that can come after it, each once. */
  static findReachableStates(start: State, options: FindStateOptions = {}): State[] {
    const found = new Set<State>([start]);
    for (const state of found) {
      for (const next of state.outgoing(options)) found.add(next);
    }
    return [...found];
  }

  /** Those of the reachable states that lead nowhere yet. */
  static findReachableEndStates(start: State, options: FindStateOptions = {}): State[] {
    return State.findReachableStates(start, options).filter((state) => state.outgoing(options).length === 0);
  }

  static filterNextables(states: readonly State[]): INextable[] {
    return states.filter((state): state is State & INextable => "next" in state && typeof state.next === "function");
  }

  readonly startState: State;
  abstract readonly endStates: readonly INextable[];
  protected readonly props: StateProps;
  #next: State | undefined;
  #prefix = "";
  readonly #retries: RetryProps[] = [];
  readonly #catches: Catcher[] = [];

  constructor(scope: Construct, id: string, props: StateProps) {
    super(scope, id);
    this.startState = this;
    this.props = props;
  }

  get id(): string {
    return this.node.id;
  }

  /** The name in the definition. */
  get stateId(): string {
    return this.#prefix + (this.props.stateName ?? this.id);
  }

  addPrefix(prefix: string): void {
    this.#prefix = prefix + this.#prefix;
  }

  /** The state's fields. machine: the language of the whole machine. */
  abstract toStateJson(machine?: QueryLanguage): Fields;

  /** What is wrong with the state by itself; one message for each finding. */
  validateState(): readonly string[] {
    return [];
  }

  /** Definitions inside this state: branches, or what a Map does with each item. */
  innerGraphs(): readonly StateGraph[] {
    return [];
  }

  /** The states that can come next. */
  outgoing({ includeErrorHandlers = false }: FindStateOptions = {}): State[] {
    const handlers = includeErrorHandlers ? this.#catches.map(({ handler }) => handler) : [];
    return this.#next === undefined ? handlers : [this.#next, ...handlers];
  }

  protected pushRetry(props: RetryProps): void {
    checkRetry(this.node.path, props);
    this.#retries.push(props);
  }

  protected pushCatch(handler: IChainable, props: CatchProps): void {
    checkErrors(this.node.path, props.errors);
    this.#catches.push({ props, handler: handler.startState });
  }

  protected makeNext(next: State): void {
    if (this.#next !== undefined) throw new Misuse(this.node.path, `State '${this.id}' already has a next state`);
    this.#next = next;
  }

  protected speaksJsonata(machine: QueryLanguage | undefined): boolean {
    return (this.props.queryLanguage ?? machine) === QueryLanguage.JSONATA;
  }

  /** What was said of this state itself. */
  get ownQueryLanguage(): QueryLanguage | undefined {
    return this.props.queryLanguage;
  }

  protected renderQueryLanguage(machine: QueryLanguage = QueryLanguage.JSON_PATH): Fields {
    const own = this.props.queryLanguage;
    if (machine === QueryLanguage.JSONATA && own === QueryLanguage.JSON_PATH) {
      const message = "'queryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine";
      throw new Misuse(this.node.path, message);
    }
    return { QueryLanguage: own === QueryLanguage.JSONATA && machine !== QueryLanguage.JSONATA ? own : undefined };
  }

  protected renderNextEnd(): Fields {
    return this.#next === undefined ? { End: true } : { Next: this.#next.stateId };
  }

  protected renderRetryCatch(machine: QueryLanguage | undefined): Fields {
    return renderErrorHandling(this.#retries, this.#catches, this.speaksJsonata(machine));
  }

  protected renderInputOutput(): Fields {
    const { inputPath, outputPath, outputs } = this.props;
    return { InputPath: renderPath(inputPath), OutputPath: renderPath(outputPath), Output: withoutReferences(outputs) };
  }

  protected renderResult(): Fields {
    const { resultPath, resultSelector } = this.props;
    return { ResultPath: renderPath(resultPath), ResultSelector: renderFields(resultSelector) };
  }

  protected renderParameters(): Fields {
    return { Parameters: renderFields(this.props.parameters), Arguments: this.props.arguments };
  }

  protected renderAssign(machine: QueryLanguage | undefined): Fields {
    const { assign } = this.props;
    return { Assign: this.speaksJsonata(machine) ? withoutReferences(assign) : renderFields(assign) };
  }
}

/** A state that another can come after. Subclasses say how a chain is made of the two. */
export type NextState = State & INextable & { next(state: IChainable): Chain };
