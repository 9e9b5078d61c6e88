import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { Chain } from "./chain.ts";
import type { IChainable, INextable } from "./chainable.ts";
import type { CatchProps, RetryProps } from "./errors.ts";
import type { QueryLanguage } from "./query-language.ts";
import { State } from "./state.ts";

export interface CustomStateProps {
  /** The state's fields as a definition has them; `Next` or `End` is added. */
  readonly stateJson: Fields;
}

/** A state written by hand. */
export class CustomState extends State implements INextable {
  readonly endStates: readonly INextable[];
  readonly #json: Fields;

  constructor(scope: Construct, id: string, props: CustomStateProps) {
    super(scope, id, {});
    this.endStates = [this];
    this.#json = props.stateJson;
  }

  addRetry(props: RetryProps = {}): this {
    this.#warnOfTwoSources("Retry", "retries", "addRetry");
    this.pushRetry(props);
    return this;
  }
  addCatch(handler: IChainable, props: CatchProps = {}): this {
    this.#warnOfTwoSources("Catch", "catchers", "addCatch");
    this.pushCatch(handler, props);
    return this;
  }
  next(next: IChainable): Chain {
    this.makeNext(next.startState);
    return Chain.sequence(this, next);
  }

  toStateJson(machine?: QueryLanguage): Fields {
    const { Retry, Catch } = this.renderRetryCatch(machine);
    return {
      ...this.renderNextEnd(),
      ...this.#json,
      Retry: joined(Retry, this.#json["Retry"]),
      Catch: joined(Catch, this.#json["Catch"]),
    };
  }

  #warnOfTwoSources(field: string, what: string, method: string): void {
    if (this.#json[field] === undefined) return;
    this.node.addWarning(
      `CustomState constructs can configure state ${what} using the stateJson property or by using the ${method}() function.`,
    );
  }
}

function joined(added: unknown, written: unknown): unknown {
  return Array.isArray(added) && Array.isArray(written) ? [...added, ...written] : (added ?? written);
}
