import type { Construct } from "../construct.ts";
import { type Fields, renderFields } from "../fields/field-utils.ts";
import { Misuse } from "../misuse.ts";
import { Chain } from "./chain.ts";
import type { IChainable, INextable } from "./chainable.ts";
import type { Condition } from "./condition.ts";
import { QueryLanguage } from "./query-language.ts";
import {
  type AssignableStateOptions,
  type FindStateOptions,
  type JsonataCommonOptions,
  type JsonPathCommonOptions,
  State,
  type StateBaseProps,
} from "./state.ts";

export interface ChoiceJsonPathProps extends StateBaseProps, AssignableStateOptions, JsonPathCommonOptions {}
export interface ChoiceJsonataProps extends StateBaseProps, AssignableStateOptions, JsonataCommonOptions {}
export interface ChoiceProps extends ChoiceJsonPathProps, ChoiceJsonataProps {}

export interface ChoiceTransitionOptions extends AssignableStateOptions {
  readonly comment?: string;
  /** The Choice's output when this rule holds (JSONata). */
  readonly outputs?: unknown;
}

export interface AfterwardsOptions extends FindStateOptions {
  /** Whether the Choice itself is an end when it has no default yet; false unless said otherwise. */
  readonly includeOtherwise?: boolean;
}

interface Rule {
  readonly condition: Condition;
  readonly next: State;
  readonly options: ChoiceTransitionOptions;
}

/** Goes where the first rule that holds says. */
export class Choice extends State {
  static jsonPath(scope: Construct, id: string, props: ChoiceJsonPathProps = {}): Choice {
    return new Choice(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: ChoiceJsonataProps = {}): Choice {
    return new Choice(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly endStates: readonly INextable[] = [];
  readonly #rules: Rule[] = [];
  #otherwise: State | undefined;

  constructor(scope: Construct, id: string, props: ChoiceProps = {}) {
    super(scope, id, props);
  }

  when(condition: Condition, next: IChainable, options: ChoiceTransitionOptions = {}): this {
    this.#rules.push({ condition, next: next.startState, options });
    return this;
  }

  otherwise(next: IChainable): this {
    if (this.#otherwise !== undefined) {
      throw new Misuse(this.node.path, `Choice '${this.id}' already has a default next state`);
    }
    this.#otherwise = next.startState;
    return this;
  }

  /** A chain whose ends are those of all the paths through this Choice. */
  afterwards(options: AfterwardsOptions = {}): Chain {
    const ends = State.filterNextables(State.findReachableEndStates(this, options));
    if (options.includeOtherwise !== true) return Chain.custom(this, ends, this);
    if (this.#otherwise !== undefined) {
      const message = `'includeOtherwise' set but Choice state ${this.stateId} already has an 'otherwise' transition`;
      throw new Misuse(this.node.path, message);
    }
    return Chain.custom(this, [...ends, new DefaultAsNext(this)], this);
  }

  override outgoing(options: FindStateOptions = {}): State[] {
    const otherwise = this.#otherwise === undefined ? [] : [this.#otherwise];
    return [...otherwise, ...this.#rules.map(({ next }) => next), ...super.outgoing(options)];
  }

  toStateJson(machine?: QueryLanguage): Fields {
    const jsonata = this.speaksJsonata(machine);
    return {
      Type: "Choice",
      ...this.renderQueryLanguage(machine),
      Comment: this.props.comment,
      ...this.renderInputOutput(),
      Choices: this.#rules.length === 0 ? undefined : this.#rules.map((rule) => renderRule(rule, jsonata)),
      Default: this.#otherwise?.stateId,
      ...this.renderAssign(machine),
    };
  }
}

function renderRule({ condition, next, options }: Rule, jsonata: boolean): Fields {
  return {
    ...condition.renderCondition(),
    Comment: options.comment,
    Output: options.outputs,
    Assign: jsonata ? options.assign : renderFields(options.assign),
    Next: next.stateId,
  };
}

/** Lets a chain go on from a Choice's missing default. */
class DefaultAsNext implements INextable {
  readonly #choice: Choice;

  constructor(choice: Choice) {
    this.#choice = choice;
  }

  next(state: IChainable): Chain {
    this.#choice.otherwise(state);
    return Chain.sequence(this.#choice, state);
  }
}
