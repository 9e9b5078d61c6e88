import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import { StateWithNext } from "./chain.ts";
import { QueryLanguage } from "./query-language.ts";
import type { AssignableStateOptions, JsonataCommonOptions, JsonPathCommonOptions, StateBaseProps } from "./state.ts";

/** A fixed result of a Pass. */
export class Result {
  static fromString(value: string): Result {
    return new Result(value);
  }
  static fromNumber(value: number): Result {
    return new Result(value);
  }
  static fromBoolean(value: boolean): Result {
    return new Result(value);
  }
  static fromObject(value: Fields): Result {
    return new Result(value);
  }
  static fromArray(value: readonly unknown[]): Result {
    return new Result(value);
  }

  readonly value: unknown;

  protected constructor(value: unknown) {
    this.value = value;
  }
}

export interface PassJsonPathProps extends StateBaseProps, AssignableStateOptions, JsonPathCommonOptions {
  readonly result?: Result;
  readonly resultPath?: string;
  readonly parameters?: Fields;
}
export interface PassJsonataProps extends StateBaseProps, AssignableStateOptions, JsonataCommonOptions {}
export interface PassProps extends PassJsonPathProps, PassJsonataProps {}

/** Passes its input on, changed or not. */
export class Pass extends StateWithNext {
  static jsonPath(scope: Construct, id: string, props: PassJsonPathProps = {}): Pass {
    return new Pass(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: PassJsonataProps = {}): Pass {
    return new Pass(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly #result: Result | undefined;

  constructor(scope: Construct, id: string, props: PassProps = {}) {
    super(scope, id, props);
    this.#result = props.result;
  }

  toStateJson(machine?: QueryLanguage): Fields {
    return {
      Type: "Pass",
      ...this.renderQueryLanguage(machine),
      Comment: this.props.comment,
      Result: this.#result?.value,
      ...this.renderResult(),
      ...this.renderInputOutput(),
      ...this.renderParameters(),
      ...this.renderNextEnd(),
      ...this.renderAssign(machine),
    };
  }
}
