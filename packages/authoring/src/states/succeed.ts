import type { Construct } from "../construct.ts";
import type { Fields } from "../fields/field-utils.ts";
import type { INextable } from "./chainable.ts";
import { QueryLanguage } from "./query-language.ts";
import { type JsonataCommonOptions, type JsonPathCommonOptions, State, type StateBaseProps } from "./state.ts";

export interface SucceedJsonPathProps extends StateBaseProps, JsonPathCommonOptions {}
export interface SucceedJsonataProps extends StateBaseProps, JsonataCommonOptions {}
export interface SucceedProps extends SucceedJsonPathProps, SucceedJsonataProps {}

/** Ends the execution, branch or iteration with success. */
export class Succeed extends State {
  static jsonPath(scope: Construct, id: string, props: SucceedJsonPathProps = {}): Succeed {
    return new Succeed(scope, id, props);
  }
  static jsonata(scope: Construct, id: string, props: SucceedJsonataProps = {}): Succeed {
    return new Succeed(scope, id, { ...props, queryLanguage: QueryLanguage.JSONATA });
  }

  readonly endStates: readonly INextable[] = [];

  constructor(scope: Construct, id: string, props: SucceedProps = {}) {
    super(scope, id, props);
  }

  toStateJson(machine?: QueryLanguage): Fields {
    return {
      Type: "Succeed",
      ...this.renderQueryLanguage(machine),
      Comment: this.props.comment,
      ...this.renderInputOutput(),
    };
  }
}
