import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { FallibleState } from "./chain.ts";
import type { IChainable } from "./chainable.ts";
import type { CatchProps, RetryProps } from "./errors.ts";
import type { QueryLanguage } from "./query-language.ts";

export interface CustomStateProps {
  /** The state's fields as a definition has them; `Next` or `End` is added. */
  readonly stateJson: Fields;
}

/** A state written by hand. */
export class CustomState extends FallibleState {
  readonly #json: Fields;

  constructor(scope: Construct, id: string, props: CustomStateProps) {
    super(scope, id, {});
    this.#json = props.stateJson;
  }

  override addRetry(props: RetryProps = {}): this {
    this.#warnOfTwoSources("Retry", "retries", "addRetry");
    return super.addRetry(props);
  }
  override addCatch(handler: IChainable, props: CatchProps = {}): this {
    this.#warnOfTwoSources("Catch", "catchers", "addCatch");
    return super.addCatch(handler, props);
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
